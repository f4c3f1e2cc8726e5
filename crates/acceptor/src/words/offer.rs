//! The words for an offer of the client that does not meet this server's.

use std::fmt::{self, Display, Formatter, Write};

use lastword_hello::{AlpnProtocol, ClientHello};

use crate::backend::config::Config;
use crate::backend::served::Served;
use crate::error::{Error, ErrorKind};

/// The most items of a list that are named.
const MOST: usize = 12;

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
            "inappropriate fallback: client offers {}, server has {}",
            Offered(hello),
            Versions(server)
        ),
        ErrorKind::NoCipherSuiteInCommon(version) => {
            let ours = server.map(|config| config.cipher_suites(*version));
            compare(
                f,
                format_args!("cipher suite of {version}"),
                List(hello.cipher_suites()),
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
            let theirs = hello.named_groups().into_iter().flatten();
            let ours = server.map(Config::named_groups).into_iter().flatten();
            compare(f, "key exchange group", List(theirs), List(ours))
        }
        ErrorKind::NoCipherSuiteForCertificate => {
            let theirs = List(hello.cipher_suites());
            let certificate = Certificate(error);
            write!(
                f,
                "no cipher suite in common for {certificate} and the groups: client offers {theirs}"
            )
        }
        ErrorKind::NoSignatureSchemeInCommon => explain_schemes(error, hello, f),
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

fn explain_schemes(error: &Error, hello: &ClientHello<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let theirs = List(hello.signature_schemes().into_iter().flatten());
    let certificate = Certificate(error);
    write!(
        f,
        "no signature scheme in common for {certificate}: client offers {theirs}"
    )
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
        List(hello.offered_versions()).fmt(f)?;
        match hello.supported_versions() {
            Some(_) => Ok(()),
            None => f.write_str(" or older"),
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
