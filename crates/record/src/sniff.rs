//! Whether a client speaks TLS at all, told from its first bytes.

use core::fmt;

use crate::{ContentType, Header, HttpMethod};

/// What the first bytes of a client are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too few bytes to tell: ask again with one more, or several.
    NeedsInput,
    /// TLS, or near enough that an alert will be understood.
    Tls,
    /// Not TLS.
    NotTls(Guess),
}

/// What a client that does not speak TLS seems to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guess {
    /// An HTTP request, by its method and the space behind it.
    Http(HttpMethod),
    /// An SSH identification string (RFC 4253 section 4.2).
    Ssh,
    /// A PROXY protocol header, version 1 or 2: a proxy in front of this server is set up to send
    /// it and this server is not set up to take it.
    Proxy,
    /// An SSL 2.0 CLIENT-HELLO, perhaps one that offers TLS (RFC 5246 appendix E.2).
    Sslv2,
    /// None of these.
    Unknown,
}

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(method) => write!(f, "an HTTP {method} request"),
            Self::Ssh => f.write_str("SSH"),
            Self::Proxy => f.write_str("a PROXY protocol header"),
            Self::Sslv2 => f.write_str("an SSL 2.0 hello"),
            Self::Unknown => f.write_str("an unknown protocol"),
        }
    }
}

/// What version 2 of the PROXY protocol begins with.
const PROXY_V2: &str = "\r\n\r\n\0\r\nQUIT\n";

/// Tells TLS from not-TLS by the `first` bytes of a connection, as many as have arrived.
///
/// The verdict does not depend on how the bytes are cut: it falls at the first byte at which it
/// can no longer change, the twelfth at the latest.
///
/// TLS is what has major version 3 in its first record header, whatever the content type, since a
/// client that comes so close can read an alert. A handshake record with any other version is TLS
/// if a ClientHello begins in it: RFC 8446 section 5.1 says that the version of a record header
/// must be ignored.
#[must_use]
pub fn sniff(first: &[u8]) -> Verdict {
    match first {
        [] | [_] => Verdict::NeedsInput,
        [high, ..] if high & 0x80 != 0 => sniff_sslv2(first),
        [_, 3, ..] => Verdict::Tls,
        [handshake, ..] if *handshake == ContentType::HANDSHAKE.0 => sniff_client_hello(first),
        _ => sniff_words(first),
    }
}

/// A handshake record whose version is not one of TLS.
fn sniff_client_hello(first: &[u8]) -> Verdict {
    match first.get(Header::LEN..) {
        // handshake type client_hello, a length below 2^16, a version of SSL 3.0 or TLS
        Some([1, 0, _, _, 3, ..]) => Verdict::Tls,
        None | Some([] | [1] | [1, 0] | [1, 0, _] | [1, 0, _, _]) => Verdict::NeedsInput,
        Some(_) => Verdict::NotTls(Guess::Unknown),
    }
}

/// RFC 5246 E.2: two bytes of length with the high bit set, message type 1, a version.
fn sniff_sslv2(first: &[u8]) -> Verdict {
    match first {
        [_, _, 1, 0, 2, ..] | [_, _, 1, 3, _, ..] => Verdict::NotTls(Guess::Sslv2),
        [_, _] | [_, _, 1] | [_, _, 1, 0 | 3] => Verdict::NeedsInput,
        // a content type that is none, and the version of TLS
        [_, 3, ..] => Verdict::Tls,
        _ => Verdict::NotTls(Guess::Unknown),
    }
}

/// The protocols that begin with words.
fn sniff_words(first: &[u8]) -> Verdict {
    let others = [
        (Guess::Ssh, "SSH", "-"),
        (Guess::Proxy, "PROXY", " "),
        (Guess::Proxy, PROXY_V2, ""),
    ];
    let methods = HttpMethod::ALL.map(|method| (Guess::Http(method), method.name(), " "));

    let mut verdict = Verdict::NotTls(Guess::Unknown);
    for (guess, word, end) in others.into_iter().chain(methods) {
        let mut wanted = word.bytes().chain(end.bytes());
        if first
            .iter()
            .all(|byte| wanted.next().is_none_or(|expected| expected == *byte))
        {
            match wanted.next() {
                None => return Verdict::NotTls(guess),
                Some(_) => verdict = Verdict::NeedsInput,
            }
        }
    }
    verdict
}
