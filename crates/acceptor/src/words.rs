//! What an error says in a log: one line, with what the client offers and what the server has.

use std::fmt::{self, Display, Formatter};

use lastword_hello::{AlpnProtocol, ClientHello, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::{CertificateError, Error as Rustls, InvalidMessage, PeerIncompatible};

use crate::alerts::{NO_CERTIFICATE, NO_SCHEME};
use crate::text::{self, Quoted};
use crate::{Error, ErrorKind, Panic, Phase};

/// How many items of a list are named.
const MOST: usize = 12;

/// Writes the one line of an error, of at most as many bytes as the formatter's precision.
pub(crate) fn write(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let most = f.precision().unwrap_or(text::LINE).min(text::LINE);
    text::write_line(f, most, Words(error))
}

/// The words of an error.
struct Words<'a>(&'a Error);

impl Display for Words<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        explain(self.0, f)
    }
}

fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::Hello(
            reason @ (lastword_hello::Error::TooLong { .. }
            | lastword_hello::Error::RecordsTooLong { .. }),
        ) if error.phase() == Phase::ClientHello => {
            write!(f, "{reason}, {} bytes received", error.received_len())
        }
        ErrorKind::Hello(reason) => reason.fmt(f),
        ErrorKind::NoVersionInCommon => compare(
            f,
            "protocol version",
            Offered(error),
            List(server_versions(error)),
        ),
        ErrorKind::InappropriateFallback => {
            let server = List(server_versions(error));
            write!(
                f,
                "inappropriate fallback: client offers {}, server has {server}",
                Offered(error)
            )
        }
        ErrorKind::NoCipherSuiteInCommon(version) => explain_suites(*version, error, f),
        ErrorKind::MissingExtension(extension) => {
            write!(
                f,
                "ClientHello of TLS 1.3 without the extension {extension}"
            )
        }
        ErrorKind::KeyShareNotOffered(group) => {
            write!(
                f,
                "key share of {group}, which is not among the groups the client supports"
            )
        }
        ErrorKind::HelloDiffers(field) => {
            f.write_str("second ClientHello differs from the first in its ")?;
            field.fmt(f)
        }
        ErrorKind::MoreThanOneKeyShare => {
            f.write_str("second ClientHello has more key shares than the one asked for")
        }
        ErrorKind::NoApplicationProtocol => explain_alpn(error, f),
        ErrorKind::Record(reason) => reason.fmt(f),
        ErrorKind::Rejected(rejection) => match error.server_name() {
            Some(name) => write!(f, "{rejection}: client asks for {name}"),
            None => rejection.fmt(f),
        },
        ErrorKind::Panicked(panic) => explain_panic(panic, f),
        ErrorKind::Rustls(reason) => explain_rustls(reason, error, f),
        ErrorKind::PeerAlert(alert) => match alert.description.text() {
            Some(text) => write!(f, "client sent the alert {alert}: {text}"),
            None => write!(f, "client sent the alert {alert}"),
        },
        ErrorKind::StreamFailed => write!(f, "stream failed {}", error.phase()),
        ErrorKind::Closed => write!(f, "client closed the connection {}", error.phase()),
        ErrorKind::Expired => explain_given_up("deadline passed", error, f),
        ErrorKind::Canceled => explain_given_up("server gave up", error, f),
    }
}

fn explain_suites(version: ProtocolVersion, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let client = error.client_hello().map(|hello| hello.cipher_suites());
    let server = error.config().map(|config| config.cipher_suites(version));
    compare(
        f,
        format_args!("cipher suite of {version}"),
        List(client.into_iter().flatten()),
        List(server.into_iter().flatten()),
    )
}

fn explain_panic(panic: &Panic, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("this server's own code panicked")?;
    match panic.message() {
        Some(message) => write!(f, ": {}", Quoted(message)),
        None => Ok(()),
    }
}

fn explain_alpn(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let server = error.config();
    let server = server.map(|config| &config.rustls().alpn_protocols[..]);
    let server = server.unwrap_or_default().iter();
    compare(
        f,
        "application protocol",
        List(error.alpn().map(AlpnProtocol)),
        List(server.map(|name| AlpnProtocol(name))),
    )
}

fn explain_given_up(why: &str, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{why} {}", error.phase())?;
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => f.write_str(", nothing received"),
        (Phase::ClientHello, received) => write!(f, ", {received} bytes received"),
        _ => Ok(()),
    }
}

/// What rustls found, with both sides named where the ClientHello is at hand.
fn explain_rustls(reason: &Rustls, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match reason {
        Rustls::NoCertificatesPresented => {
            return f.write_str("client certificate required and none came");
        }
        Rustls::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge) => {
            return f.write_str("handshake message of more than 65535 bytes");
        }
        Rustls::InvalidCertificate(reason) => {
            return write!(
                f,
                "client certificate not accepted: {}",
                Certificate(reason)
            );
        }
        _ => {}
    }
    let (Some(hello), Some(config)) = (error.client_hello(), error.config()) else {
        return explain_other(reason, f);
    };
    let provider = config.rustls().crypto_provider();
    match reason {
        Rustls::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            let theirs = List(hello.cipher_suites());
            write!(
                f,
                "no cipher suite in common for the certificate and the groups: client offers {theirs}"
            )
        }
        Rustls::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => {
            let theirs = hello.named_groups().into_iter().flatten();
            let ours = provider
                .kx_groups
                .iter()
                .map(|group| NamedGroup(group.name().into()));
            compare(f, "key exchange group", List(theirs), List(ours))
        }
        Rustls::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon) => {
            explain_schemes(&hello, f)
        }
        Rustls::General(reason) if reason == NO_SCHEME => explain_schemes(&hello, f),
        Rustls::General(reason) if reason == NO_CERTIFICATE => explain_name(error, &hello, f),
        _ => explain_other(reason, f),
    }
}

/// Writes what rustls found. Its own words stay as they are. Text that others pass on through it,
/// and errors not known here, are quoted where they must be.
fn explain_other(reason: &Rustls, f: &mut Formatter<'_>) -> fmt::Result {
    match reason {
        Rustls::General(text) => write!(f, "unexpected error: {}", Quoted(text)),
        Rustls::Other(error) => write!(f, "other error: {}", Quoted(error)),
        Rustls::PeerIncompatible(PeerIncompatible::ServerRejectedEncryptedClientHello(_)) => {
            Quoted(reason).fmt(f)
        }
        Rustls::InappropriateMessage { .. }
        | Rustls::InappropriateHandshakeMessage { .. }
        | Rustls::InvalidMessage(_)
        | Rustls::PeerIncompatible(_)
        | Rustls::PeerMisbehaved(_)
        | Rustls::AlertReceived(_)
        | Rustls::InconsistentKeys(_) => reason.fmt(f),
        _ => Quoted(reason).fmt(f),
    }
}

fn explain_name(error: &Error, hello: &ClientHello<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("no certificate for the client: ")?;
    match (error.server_name(), hello.server_name_ip()) {
        (Some(name), _) => write!(f, "it asks for {name}"),
        (None, Some(ip)) => write!(f, "its server name is an IP address, {ip}"),
        (None, None) => f.write_str("it sends no server name"),
    }
}

fn explain_schemes(hello: &ClientHello<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let theirs = List(hello.signature_schemes().into_iter().flatten());
    write!(
        f,
        "no signature scheme for the certificate: client offers {theirs}"
    )
}

/// Which check a certificate failed, in words.
struct Certificate<'a>(&'a CertificateError);

impl Display for Certificate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            CertificateError::BadEncoding => "it cannot be parsed",
            CertificateError::Expired => "it has expired",
            CertificateError::NotValidYet => "it is not valid yet",
            CertificateError::Revoked => "it is revoked",
            CertificateError::UnknownIssuer => "its issuer is not known",
            CertificateError::UnknownRevocationStatus => "whether it is revoked is not known",
            CertificateError::BadSignature => "its signature does not verify",
            CertificateError::InvalidPurpose => "it is not for clients",
            // numbers and words of rustls's
            numbers @ (CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::ExpiredRevocationListContext { .. }) => return numbers.fmt(f),
            CertificateError::Other(error) => return Quoted(error).fmt(f),
            other => return Quoted(other).fmt(f),
        })
    }
}

fn server_versions(error: &Error) -> Vec<ProtocolVersion> {
    error
        .config()
        .map(|config| config.versions().to_vec())
        .unwrap_or_default()
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

/// The versions a client offers, in words.
struct Offered<'a>(&'a Error);

impl Display for Offered<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        List(error.versions()).fmt(f)?;
        match error
            .client_hello()
            .map(|hello| hello.supported_versions().is_none())
        {
            Some(true) => f.write_str(" or older"),
            _ => Ok(()),
        }
    }
}

/// Items with commas between them, or `none`. Of many, only the first are named.
struct List<I>(I);

impl<I> Display for List<I>
where
    I: IntoIterator<Item: Display> + Clone,
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut items = self.0.clone().into_iter();
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
}

#[cfg(test)]
mod tests;
