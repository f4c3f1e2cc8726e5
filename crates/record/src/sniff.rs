//! Whether a client speaks TLS at all, told from its first bytes.

use core::fmt;

use crate::{ContentType, Header, HttpMethod};

/// What the first bytes of a client are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too few bytes to tell: this many more will tell more, never 0.
    NeedsInput(usize),
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
const PROXY_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

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
        [] => Verdict::NeedsInput(2),
        [_] => Verdict::NeedsInput(1),
        [_, 3, ..] => Verdict::Tls,
        [handshake, rest @ ..] if *handshake == ContentType::HANDSHAKE.0 => {
            sniff_client_hello(rest.len() + 1, first.get(Header::LEN..).unwrap_or_default())
        }
        [high, ..] if high & 0x80 != 0 => sniff_sslv2(first),
        _ => sniff_text(first),
    }
}

/// A handshake record whose version is not one of TLS: `body` is what has arrived behind its
/// header, and `have` counts all that has arrived.
fn sniff_client_hello(have: usize, body: &[u8]) -> Verdict {
    match body {
        // handshake type client_hello, a length below 2^16, a version of SSL 3.0 or TLS
        [1, 0, _, _, 3, ..] => Verdict::Tls,
        [] | [1] | [1, 0] | [1, 0, _] | [1, 0, _, _] => Verdict::NeedsInput(Header::LEN + 5 - have),
        _ => Verdict::NotTls(Guess::Unknown),
    }
}

/// RFC 5246 E.2: two bytes of length with the high bit set, message type 1, a version.
fn sniff_sslv2(first: &[u8]) -> Verdict {
    match first {
        [_, _, 1, 0, 2, ..] | [_, _, 1, 3, _, ..] => Verdict::NotTls(Guess::Sslv2),
        [_, _] | [_, _, 1] | [_, _, 1, 0 | 3] => Verdict::NeedsInput(5 - first.len()),
        _ => Verdict::NotTls(Guess::Unknown),
    }
}

/// The protocols that begin with words.
fn sniff_text(first: &[u8]) -> Verdict {
    let words = [
        (Guess::Ssh, &b"SSH-"[..], &b""[..]),
        (Guess::Proxy, b"PROXY", b" "),
        (Guess::Proxy, PROXY_V2, b""),
    ];
    let methods = HttpMethod::ALL;
    let methods = methods
        .iter()
        .map(|method| (Guess::Http(*method), method.name().as_bytes(), &b" "[..]));

    let mut needed = None;
    for (guess, word, end) in words.into_iter().chain(methods) {
        let mut wanted = word.iter().chain(end);
        if first
            .iter()
            .all(|byte| wanted.next().is_none_or(|expected| expected == byte))
        {
            match wanted.count() {
                0 => return Verdict::NotTls(guess),
                left => needed = Some(needed.map_or(left, |least: usize| least.min(left))),
            }
        }
    }
    match needed {
        Some(left) => Verdict::NeedsInput(left),
        None => Verdict::NotTls(Guess::Unknown),
    }
}
