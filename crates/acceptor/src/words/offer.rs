//! The words for a client whose offer has nothing in common with this server's.

use std::fmt::{self, Display, Formatter};

use lastword_hello::{AlpnProtocol, CipherSuite, ClientHello};
use lastword_record::ProtocolVersion;

use crate::backend::config::Config;
use crate::backend::served::Served;
use crate::error::{Error, ErrorKind};
use crate::negotiation;

use super::list::List;

/// Writes what both sides offer.
pub(super) fn explain(
    hello: &ClientHello<'_>,
    error: &Error,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let server = error.config();
    match error.kind() {
        ErrorKind::NoVersionInCommon => {
            compare(f, "protocol version", Offered(hello), Versions(server))
        }
        ErrorKind::InappropriateFallback => write!(
            f,
            "inappropriate fallback: client offers {} after an attempt with a newer version failed \
             (TLS_FALLBACK_SCSV), server has {}",
            Offered(hello),
            Versions(server)
        ),
        ErrorKind::NoCipherSuiteInCommon(version) => {
            let ours = server.map(|config| config.cipher_suites(*version));
            compare(
                f,
                format_args!("cipher suite of {version}"),
                Suites(hello),
                List(ours.into_iter().flatten()),
            )
        }
        ErrorKind::NoApplicationProtocol => {
            let ours = server.map(Config::alpn).unwrap_or_default().iter();
            compare(
                f,
                "application protocol",
                List(error.alpn().map(AlpnProtocol)),
                List(ours.map(|name| AlpnProtocol(name))),
            )
        }
        ErrorKind::NoGroupInCommon => {
            let ours = server.map(Config::named_groups).into_iter().flatten();
            compare(f, "key exchange group", Groups(hello), List(ours))
        }
        ErrorKind::NoCipherSuiteForCertificate => {
            let version = version(hello, server);
            let fits = |suite: &CipherSuite| error.served().is_none_or(|it| it.fits(*suite));
            let ours = server.map(|config| config.cipher_suites(version).filter(fits));
            compare_for(
                f,
                format_args!("cipher suite of {version}"),
                Certificate(error),
                Suites(hello),
                List(ours.into_iter().flatten()),
            )
        }
        ErrorKind::NoSignatureSchemeInCommon => {
            explain_schemes(version(hello, server), hello, error, f)
        }
        _ => explain_name(error, hello, f),
    }
}

fn explain_schemes(
    version: ProtocolVersion,
    hello: &ClientHello<'_>,
    error: &Error,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let theirs = List(hello.signature_schemes().into_iter().flatten());
    let what = format!("signature scheme of {version}");
    let ours = error.served().map(|served| served.schemes(version));
    if let Some(ours) = ours {
        return compare_for(f, &what, Certificate(error), theirs, List(ours));
    }
    // the resolver has not shown the certificate
    let certificate = Certificate(error);
    write!(
        f,
        "no {what} in common for {certificate}: client offers {theirs}"
    )?;
    match version {
        // RFC 5246 7.4.3: the cipher suite tells the type of the key
        ProtocolVersion::TLS_1_2 => write!(f, " with the cipher suites {}", Suites(hello)),
        _ => Ok(()),
    }
}

fn explain_name(error: &Error, hello: &ClientHello<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("this server has no certificate for the client: ")?;
    match (error.server_name(), hello.server_name_ip()) {
        (Some(name), _) => write!(f, "it asks for {name}"),
        (None, Some(ip)) => write!(f, "its server name is an IP address, {ip}"),
        (None, None) => f.write_str("it sends no server name"),
    }
}

/// Returns the version that this server answers with.
fn version(hello: &ClientHello<'_>, server: Option<&Config>) -> ProtocolVersion {
    let version = server.and_then(|config| negotiation::version(hello, config));
    version.unwrap_or(ProtocolVersion::TLS_1_2)
}

/// The server's certificate, in words.
struct Certificate<'a>(&'a Error);

impl Display for Certificate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("this server's certificate")?;
        match self.0.served().and_then(Served::key) {
            Some(key) => write!(f, " (key {key})"),
            None => Ok(()),
        }
    }
}

/// The cipher suites that a client offers, without signalling values.
struct Suites<'a>(&'a ClientHello<'a>);

impl Display for Suites<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_suite = |suite: &CipherSuite| {
            *suite != CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV
                && *suite != CipherSuite::TLS_FALLBACK_SCSV
        };
        List(self.0.cipher_suites().filter(is_suite)).fmt(f)
    }
}

/// The groups that a client offers.
struct Groups<'a>(&'a ClientHello<'a>);

impl Display for Groups<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.named_groups() {
            Some(groups) => List(groups).fmt(f),
            None => f.write_str("none because it sent no supported_groups"),
        }
    }
}

fn compare_for(
    f: &mut Formatter<'_>,
    what: impl Display,
    certificate: impl Display,
    client: impl Display,
    server: impl Display,
) -> fmt::Result {
    let what = format!("{what} in common for {certificate}");
    write!(f, "no {what}: client offers {client}, server has {server}")
}

fn compare(
    f: &mut Formatter<'_>,
    what: impl Display,
    client: impl Display,
    server: impl Display,
) -> fmt::Result {
    write!(
        f,
        "no {what} in common: client offers {client}, server has {server}"
    )
}

/// The versions that a client offers, in words.
struct Offered<'a>(&'a ClientHello<'a>);

impl Display for Offered<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(hello) = self;
        match hello.supported_versions() {
            Some(versions) => List(versions).fmt(f),
            // RFC 8446 4.2.1: without supported_versions the version is TLS 1.2 or older
            None => {
                let version = hello.legacy_version().min(ProtocolVersion::TLS_1_2);
                write!(f, "{version} or older")
            }
        }
    }
}

/// The versions of a server, in words.
struct Versions<'a>(Option<&'a Config>);

impl Display for Versions<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        List(self.0.into_iter().flat_map(Config::versions)).fmt(f)
    }
}
