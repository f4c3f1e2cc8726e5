//! What an error says in a log: one line, with what the client offers and what the server has.

use std::fmt::{self, Display, Formatter};

use lastword_hello::{CipherSuite, ClientHello, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::{Error as Rustls, PeerIncompatible};

use crate::alerts::NO_CERTIFICATE;
use crate::{Error, ErrorKind};

/// How many items of a list are named.
const MOST: usize = 12;

/// Writes the one line of an error.
pub(crate) fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::Hello(reason) => reason.fmt(f),
        ErrorKind::NoVersionInCommon => compare(
            f,
            "protocol version",
            error.versions(),
            server_versions(error),
        ),
        ErrorKind::InappropriateFallback => {
            f.write_str("inappropriate fallback: client fell back to ")?;
            list(f, error.versions())?;
            f.write_str(", server has ")?;
            list(f, server_versions(error))
        }
        ErrorKind::MissingExtension(extension) => {
            write!(
                f,
                "ClientHello of TLS 1.3 without the extension {extension}"
            )
        }
        ErrorKind::NoApplicationProtocol => {
            let client = error.alpn_protocols();
            let server = error
                .config()
                .map(|config| &config.rustls().alpn_protocols[..]);
            let server = server
                .unwrap_or_default()
                .iter()
                .map(|name| name.escape_ascii());
            compare(
                f,
                "application protocol",
                client.into_iter().map(<[u8]>::escape_ascii),
                server,
            )
        }
        ErrorKind::Rejected(rejection) => {
            write!(f, "{rejection}")?;
            error
                .server_name()
                .map_or(Ok(()), |name| write!(f, ": client asks for {name}"))
        }
        ErrorKind::Rustls(reason) => explain_rustls(reason, error, f),
        ErrorKind::PeerAlert(alert) => {
            write!(f, "client sent the alert {alert}")?;
            alert
                .description
                .text()
                .map_or(Ok(()), |text| write!(f, ": {text}"))
        }
        ErrorKind::Closed => write!(f, "client closed the connection {}", error.phase()),
        ErrorKind::Expired => {
            write!(f, "deadline passed {}", error.phase())?;
            match error.received().len() {
                0 if error.server_name().is_none() => f.write_str(", nothing received"),
                0 => Ok(()),
                received => write!(f, ", {received} bytes received"),
            }
        }
    }
}

/// What rustls found, with both sides named where the ClientHello is at hand.
fn explain_rustls(reason: &Rustls, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let (Some(hello), Some(config)) = (error.client_hello(), error.config()) else {
        return reason.fmt(f);
    };
    let provider = config.rustls().crypto_provider();
    match reason {
        Rustls::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            let ours = provider
                .cipher_suites
                .iter()
                .map(|suite| CipherSuite(suite.suite().into()));
            compare(f, "cipher suite", hello.cipher_suites(), ours)
        }
        Rustls::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => {
            let theirs = hello.supported_groups().into_iter().flatten();
            let ours = provider
                .kx_groups
                .iter()
                .map(|group| NamedGroup(group.name().into()));
            compare(f, "key exchange group", theirs, ours)
        }
        Rustls::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon) => {
            f.write_str("no signature scheme in common with the certificate: client offers ")?;
            list(f, hello.signature_schemes().into_iter().flatten())
        }
        Rustls::General(reason) if reason == NO_CERTIFICATE => {
            f.write_str("no certificate for the client: it ")?;
            match hello.server_name() {
                Some(name) => write!(f, "asks for {name}"),
                None => f.write_str("sends no server name"),
            }
        }
        _ => reason.fmt(f),
    }
}

/// The versions a client offers, in its order: those of the extension, or what its ClientHello's
/// own version stands for.
pub(crate) fn offered_versions(hello: &ClientHello<'_>) -> Vec<ProtocolVersion> {
    match hello.supported_versions() {
        Some(versions) => versions
            .filter(|version| version.name().is_some())
            .collect(),
        None => vec![hello.legacy_version()],
    }
}

fn server_versions(error: &Error) -> Vec<ProtocolVersion> {
    error
        .config()
        .map(|config| config.versions().to_vec())
        .unwrap_or_default()
}

fn compare<T: Display, U: Display>(
    f: &mut Formatter<'_>,
    what: &str,
    client: impl IntoIterator<Item = T>,
    server: impl IntoIterator<Item = U>,
) -> fmt::Result {
    write!(f, "no {what} in common: client offers ")?;
    list(f, client)?;
    f.write_str(", server has ")?;
    list(f, server)
}

/// The items with commas between them, or `none`.
fn list<T: Display>(f: &mut Formatter<'_>, items: impl IntoIterator<Item = T>) -> fmt::Result {
    let mut items = items.into_iter();
    let Some(first) = items.next() else {
        return f.write_str("none");
    };
    first.fmt(f)?;
    for item in items.by_ref().take(MOST - 1) {
        write!(f, ", {item}")?;
    }
    match items.count() {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
