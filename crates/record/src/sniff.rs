//! Decides from the first bytes of a client whether it speaks TLS.

mod request_line;
mod rows;

use crate::{content_type::ContentType, guess::Guess, header::Header, http::HttpMethod};

/// The result of [`sniff`].
///
/// ```
/// use lastword_record::{Verdict, sniff};
///
/// match sniff(b"GET / HTTP/1.1\r\n") {
///     Verdict::NeedsInput => println!("wait for more bytes"),
///     Verdict::Tls => println!("start a handshake"),
///     Verdict::NotTls(guess) => println!("the client sent {guess}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There are too few bytes for a verdict. Call it again with at least one more byte.
    NeedsInput,
    /// The client speaks TLS, or a protocol so similar that it understands an alert.
    Tls,
    /// The client does not speak TLS.
    NotTls(Guess),
}

impl Verdict {
    /// The maximum number of bytes that a verdict needs: 24.
    pub const MAX_LEN: usize = 24;
}

const UNKNOWN: Verdict = Verdict::NotTls(Guess::Unknown);

/// The result of comparing the first bytes of a client with protocols. Lengths are in bytes.
#[derive(Clone, Copy)]
enum Match {
    /// The protocol is certain after this many bytes.
    Is(Guess, usize),
    /// More bytes are needed.
    Open,
    /// No protocol matches after this many bytes.
    No(usize),
}

impl Match {
    /// Combines the results for two protocols.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Is(_, len), Self::Is(_, other_len)) if other_len < len => other,
            (Self::Is(..), _) => self,
            (_, Self::Is(..)) => other,
            (Self::No(len), Self::No(other_len)) => Self::No(len.max(other_len)),
            (Self::Open, _) | (_, Self::Open) => Self::Open,
        }
    }

    /// Returns the same result for bytes that follow `len` other bytes.
    const fn after(self, len: usize) -> Self {
        match self {
            Self::Is(guess, more) => Self::Is(guess, len + more),
            Self::Open => Self::Open,
            Self::No(more) => Self::No(len + more),
        }
    }
}

/// Decides whether a client speaks TLS. `first` has all bytes that have arrived from the client.
///
/// The verdict does not depend on how the bytes are split. It is returned as soon as later bytes
/// cannot change it, after at most [`Verdict::MAX_LEN`] bytes.
///
/// These are TLS:
///
/// - a record with a content type from 20 to 24 and the major version 3;
/// - a record with another content type and a version from SSL 3.0 to TLS 1.3, unless the bytes are
///   certain proof of another protocol;
/// - a handshake record with any other version, if a ClientHello begins in it. RFC 8446 section 5.1
///   requires that the version of a record header is ignored.
///
/// ```
/// use lastword_record::{Guess, Verdict, sniff};
///
/// assert_eq!(sniff(&[22, 3, 1, 2, 0]), Verdict::Tls);
/// assert_eq!(sniff(b"SSH"), Verdict::NeedsInput);
/// assert_eq!(sniff(b"SSH-2.0-OpenSSH_9.9\r\n"), Verdict::NotTls(Guess::Ssh));
/// ```
#[must_use]
pub fn sniff(first: &[u8]) -> Verdict {
    sniff_with_len(first).0
}

/// Returns the verdict of [`sniff`] and the number of bytes that it needs, from 2 to 24.
///
/// For [`Verdict::NeedsInput`] the number is the length of `first`.
///
/// ```
/// use lastword_record::{Guess, Verdict, sniff_with_len};
///
/// assert_eq!(sniff_with_len(b"SSH-2.0-x"), (Verdict::NotTls(Guess::Ssh), 4));
/// assert_eq!(sniff_with_len(&[22, 3, 1, 2, 0]), (Verdict::Tls, 2));
/// ```
#[inline]
#[must_use]
pub fn sniff_with_len(first: &[u8]) -> (Verdict, usize) {
    match first {
        [] | [_] => (Verdict::NeedsInput, first.len()),
        [20..=24, 3, ..] => (Verdict::Tls, 2),
        _ => sniff_others(first),
    }
}

/// Decides on two or more bytes that do not begin with a known content type and the major version 3.
fn sniff_others(first: &[u8]) -> (Verdict, usize) {
    match first {
        [handshake, ..] if *handshake == ContentType::HANDSHAKE.0 => sniff_client_hello(first),
        [b'G', b'E', b'T', b' ', b'/', ..] => (Verdict::NotTls(Guess::Http(HttpMethod::Get)), 5),
        // every protocol that begins with a length of four bytes needs one above 0
        [0, 0, 0, 0, ..] => (UNKNOWN, 4),
        _ => verdict(compare(first), first),
    }
}

/// Compares the first bytes of a client with all protocols except TLS.
fn compare(first: &[u8]) -> Match {
    let [byte, ..] = first else {
        return Match::Open;
    };
    let named = rows::compare(*byte, first);
    match byte {
        b'A'..=b'Z' => named.or(request_line::compare(first)),
        0x80.. => named.or(compare_sslv2(first)),
        _ => named,
    }
}

/// Returns the verdict. A record of TLS with an unknown content type is TLS.
fn verdict(compared: Match, first: &[u8]) -> (Verdict, usize) {
    match (compared, first) {
        (Match::Is(guess, len), _) => (Verdict::NotTls(guess), len),
        (Match::Open, _) | (_, [_, 3]) => (Verdict::NeedsInput, first.len()),
        // RFC 8446 5: an unknown record type -> unexpected_message
        (Match::No(len), [_, 3, 0..=4, ..]) => (Verdict::Tls, len.max(3)),
        (Match::No(len), [_, 3, ..]) => (UNKNOWN, len.max(3)),
        (Match::No(len), _) => (UNKNOWN, len),
    }
}

/// Decides on a handshake record whose version is not one of TLS.
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

/// Compares with a CLIENT-HELLO of SSL 2.0 (RFC 5246 appendix E.2): a length of two bytes with the high
/// bit set, the message type 1, and a version.
const fn compare_sslv2(first: &[u8]) -> Match {
    match first {
        [_, _, 1, 0, 2, ..] | [_, _, 1, 3, _, ..] => Match::Is(Guess::Sslv2, 5),
        [_, _] | [_, _, 1] | [_, _, 1, 0 | 3] => Match::Open,
        [_, _, 1, 0, ..] => Match::No(5),
        [_, _, 1, ..] => Match::No(4),
        _ => Match::No(3),
    }
}
