//! Whether a client speaks TLS at all, told from its first bytes.

use core::fmt;

use crate::{content_type::ContentType, header::Header, http::HttpMethod};

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

const UNKNOWN: Verdict = Verdict::NotTls(Guess::Unknown);

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
    sniff_with_len(first).0
}

/// The verdict of [`sniff`], and with how many of the bytes it falls: 2 to 12. While more are needed,
/// how many there are.
#[must_use]
pub fn sniff_with_len(first: &[u8]) -> (Verdict, usize) {
    match first {
        [] | [_] => (Verdict::NeedsInput, first.len()),
        [high, ..] if high & 0x80 != 0 => sniff_sslv2(first),
        [_, 3, ..] => (Verdict::Tls, 2),
        [handshake, ..] if *handshake == ContentType::HANDSHAKE.0 => sniff_client_hello(first),
        _ => sniff_words(first),
    }
}

/// A handshake record whose version is not one of TLS.
fn sniff_client_hello(first: &[u8]) -> (Verdict, usize) {
    match first.get(Header::LEN..).unwrap_or_default() {
        [] | [1] | [1, 0] | [1, 0, _] | [1, 0, _, _] => (Verdict::NeedsInput, first.len()),
        // handshake type client_hello, a length below 2^16, a version of SSL 3.0 or TLS
        [1, 0, _, _, 3, ..] => (Verdict::Tls, 10),
        [1, 0, ..] => (UNKNOWN, 10),
        [1, ..] => (UNKNOWN, 7),
        _ => (UNKNOWN, 6),
    }
}

/// RFC 5246 E.2: two bytes of length with the high bit set, message type 1, a version.
fn sniff_sslv2(first: &[u8]) -> (Verdict, usize) {
    let len = match first {
        [_, _, 1, 0, 2, ..] | [_, _, 1, 3, _, ..] => return (Verdict::NotTls(Guess::Sslv2), 5),
        [_, _] | [_, _, 1] | [_, _, 1, 0 | 3] => return (Verdict::NeedsInput, first.len()),
        [_, _, 1, 0, ..] => 5,
        [_, _, 1, ..] => 4,
        _ => 3,
    };
    // a content type that is none, and perhaps the version of TLS
    match first {
        [_, 3, ..] => (Verdict::Tls, len),
        _ => (UNKNOWN, len),
    }
}

/// The protocols that begin with words: the first bytes say which it can be.
fn sniff_words(first: &[u8]) -> (Verdict, usize) {
    let (guess, words): (_, &[u8]) = match first {
        [b'\r', ..] => (Guess::Proxy, b"\r\n\r\n\0\r\nQUIT\n"),
        [b'C', ..] => (Guess::Http(HttpMethod::Connect), b"CONNECT "),
        [b'D', ..] => (Guess::Http(HttpMethod::Delete), b"DELETE "),
        [b'G', ..] => (Guess::Http(HttpMethod::Get), b"GET "),
        [b'H', ..] => (Guess::Http(HttpMethod::Head), b"HEAD "),
        [b'O', ..] => (Guess::Http(HttpMethod::Options), b"OPTIONS "),
        [b'P', b'A', ..] => (Guess::Http(HttpMethod::Patch), b"PATCH "),
        [b'P', b'O', ..] => (Guess::Http(HttpMethod::Post), b"POST "),
        [b'P', b'R', b'I', ..] => (Guess::Http(HttpMethod::Pri), b"PRI "),
        [b'P', b'R', ..] => (Guess::Proxy, b"PROXY "),
        [b'P', b'U', ..] => (Guess::Http(HttpMethod::Put), b"PUT "),
        [b'S', ..] => (Guess::Ssh, b"SSH-"),
        [b'T', ..] => (Guess::Http(HttpMethod::Trace), b"TRACE "),
        _ => return (UNKNOWN, 2),
    };
    let differs = first
        .iter()
        .zip(words)
        .position(|(byte, word)| byte != word);
    match differs {
        Some(at) => (UNKNOWN, at + 1),
        None if first.len() < words.len() => (Verdict::NeedsInput, first.len()),
        None => (Verdict::NotTls(guess), words.len()),
    }
}
