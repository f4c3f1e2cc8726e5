//! The log line of an error, with what the client offers and what the server has.

use std::fmt::{self, Display, Formatter, Write};

use lastword_hello::{AlpnProtocol, ClientHello};
use lastword_record::{Guess, HttpMethod, ProtocolVersion};

use crate::backend::config::Config;
use crate::error::{CloseKind, Error, ErrorKind};
use crate::panic::Panic;
use crate::peer_alert::PeerAlert;
use crate::phase::Phase;
use crate::text::{self, FirstBytes, Quoted};

/// The most items of a list that are named.
const MOST: usize = 12;

/// Writes one line. The formatter's precision limits its length in bytes.
impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let most = f.precision().unwrap_or(text::LINE).min(text::LINE);
        text::write_line(f, most, Words(self))
    }
}

/// The text of an error.
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
        ErrorKind::Hello(reason @ lastword_hello::Error::NotTls(guess)) => {
            reason.fmt(f)?;
            explain_not_tls(*guess, error, f)
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
            write!(f, "client sent no {extension}, which TLS 1.3 requires")
        }
        ErrorKind::KeyShareNotOffered(group) => {
            write!(
                f,
                "client sent a key share of {group}, which it does not list in supported_groups"
            )
        }
        ErrorKind::HelloDiffers(field) => {
            write!(f, "client changed its {field} in the second ClientHello")
        }
        ErrorKind::MoreThanOneKeyShare => f.write_str(
            "client sent more key shares in its second ClientHello than it was asked for",
        ),
        ErrorKind::NoApplicationProtocol => explain_alpn(error, f),
        ErrorKind::Record(reason) => reason.fmt(f),
        ErrorKind::NoCipherSuiteForCertificate
        | ErrorKind::NoGroupInCommon
        | ErrorKind::NoSignatureSchemeInCommon
        | ErrorKind::NoCertificate => match error.client_hello() {
            Some(hello) => explain_offer(&hello, error, f),
            None => explain_rustls(error, f),
        },
        _ => explain_end(error, f),
    }
}

/// Writes the first bytes of a client that does not speak TLS. A registered method of HTTP needs none.
fn explain_not_tls(guess: Guess, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match guess {
        Guess::Http(method) if method != HttpMethod::Other => Ok(()),
        _ => write!(f, ", first bytes {}", FirstBytes(&error.received())),
    }
}

/// Writes an end of the handshake that the client's offer did not cause.
fn explain_end(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::Rejected(rejection) => match error.server_name() {
            Some(name) => write!(f, "{rejection}: client asks for {name}"),
            None => rejection.fmt(f),
        },
        ErrorKind::PassedThrough => {
            f.write_str("this server passes the client through, and nothing takes it")?;
            match error.server_name() {
                Some(name) => write!(f, ": client asks for {name}"),
                None => Ok(()),
            }
        }
        ErrorKind::Panicked(panic) => explain_panic(panic, f),
        ErrorKind::Config(reason) => write!(f, "this server can serve no client: {reason}"),
        ErrorKind::PeerAlert(alert) => PeerAlert(alert.description).fmt(f),
        ErrorKind::StreamFailed => explain_left("stream failed", error, f),
        ErrorKind::Closed(CloseKind::EndOfStream) => {
            explain_left("client closed the connection", error, f)
        }
        ErrorKind::Closed(CloseKind::CloseNotify) => {
            explain_left("client closed the connection with close_notify", error, f)
        }
        ErrorKind::Closed(CloseKind::Reset) => {
            explain_left("client reset the connection", error, f)
        }
        ErrorKind::TimedOut => explain_aborted("timed out", error, f),
        ErrorKind::Aborted => explain_aborted("server aborted the handshake", error, f),
        _ => explain_rustls(error, f),
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
    let server = server.map(Config::alpn).unwrap_or_default().iter();
    compare(
        f,
        "application protocol",
        List(error.alpn().map(AlpnProtocol)),
        List(server.map(|name| AlpnProtocol(name))),
    )
}

/// Writes how the connection ended. What a client sends before its ClientHello, for example a PROXY
/// header, is not counted.
fn explain_left(how: &str, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => write!(f, "{how} before any part of a ClientHello arrived"),
        _ => explain_aborted(how, error, f),
    }
}

fn explain_aborted(why: &str, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{why} {}", error.phase())?;
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => f.write_str(", nothing received"),
        (Phase::ClientHello, received) => write!(f, ", {received} bytes received"),
        _ => Ok(()),
    }
}

/// Writes rustls's error in rustls's words.
fn explain_rustls(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.rustls() {
        Some(reason) => reason.fmt(f),
        None => write!(f, "this server failed {}", error.phase()),
    }
}

/// Writes rustls's error about a ClientHello, and names both sides.
fn explain_offer(hello: &ClientHello<'_>, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::NoCipherSuiteForCertificate => {
            let theirs = List(hello.cipher_suites());
            write!(
                f,
                "no cipher suite in common for this server's certificate and the groups: client offers {theirs}"
            )
        }
        ErrorKind::NoGroupInCommon => {
            let theirs = hello.named_groups().into_iter().flatten();
            let ours = error.config().map(Config::named_groups);
            let ours = ours.into_iter().flatten();
            compare(f, "key exchange group", List(theirs), List(ours))
        }
        ErrorKind::NoSignatureSchemeInCommon => explain_schemes(hello, f),
        _ => explain_name(error, hello, f),
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

fn explain_schemes(hello: &ClientHello<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let theirs = List(hello.signature_schemes().into_iter().flatten());
    write!(
        f,
        "no signature scheme in common for this server's certificate: client offers {theirs}"
    )
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

/// The versions that a client offers, in words.
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

/// Items with commas between them, or `none`. Of a long list only the first are named, and GREASE (RFC
/// 8701) is left out.
struct List<I>(I);

impl<I> Display for List<I>
where
    I: IntoIterator<Item: Display> + Clone,
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut count = 0;
        let mut has_grease = false;
        for item in self.0.clone() {
            if is_grease(&item) {
                has_grease = true;
                continue;
            }
            count += 1;
            match count {
                1 => item.fmt(f)?,
                2..=MOST => write!(f, ", {item}")?,
                _ => {}
            }
        }
        match count {
            0 => f.write_str("none")?,
            1..=MOST => {}
            count => write!(f, " and {} more", count - MOST)?,
        }
        match has_grease {
            true => f.write_str(" besides GREASE"),
            false => Ok(()),
        }
    }
}

/// Returns whether an item is shown as one of the code points of RFC 8701.
fn is_grease(item: &impl Display) -> bool {
    /// The rest of a text that is expected. It allocates nothing, because a client may offer much.
    struct Expected(&'static str);

    impl Write for Expected {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut expected = Expected("GREASE");
    write!(expected, "{item}").is_ok() && expected.0.is_empty()
}

#[cfg(test)]
mod tests;
