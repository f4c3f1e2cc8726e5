//! The protocols that begin with a request line: `METHOD target PROTOCOL/version`.

use super::{Match, Verdict};
use crate::{guess::Guess, http::HttpMethod};

/// The schemes of a target that prove a protocol, with any method.
const SCHEMES: [(&[u8], Guess); 5] = [
    (b"rtsp:", Guess::Rtsp),  // RFC 7826 4.2
    (b"rtsps:", Guess::Rtsp), // RFC 7826 4.2
    (b"rtspu:", Guess::Rtsp), // RFC 2326 3.2
    (b"sip:", Guess::Sip),    // RFC 3261 19.1
    (b"sips:", Guess::Sip),   // RFC 3261 19.1
];

/// Compares the first bytes of a client with a request line. The first is an upper-case letter.
pub(super) fn compare(first: &[u8]) -> Match {
    let line = first.get(..Verdict::MAX_LEN).unwrap_or(first);
    match compare_line(line) {
        Match::Open if line.len() == Verdict::MAX_LEN => match line.strip_prefix(b"OPTIONS /") {
            Some(path) if may_be_http(path) => http(HttpMethod::Options, line.len()),
            // neither the method nor the target proves a protocol
            _ => Match::No(line.len()),
        },
        compared => compared,
    }
}

/// Returns whether the version after a path may be one of HTTP. In RTSP (RFC 7826 section 7.1) and SIP
/// (RFC 3261 section 7.1) no target is a path, but scanners send short ones.
fn may_be_http(path: &[u8]) -> bool {
    match split(path, u8::is_ascii_graphic) {
        Some((_, [b' ', version @ ..])) => b"HTTP/".starts_with(version),
        _ => true,
    }
}

fn compare_line(line: &[u8]) -> Match {
    let is_method = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_');
    let Some((method, rest)) = split(line, is_method) else {
        return Match::Open;
    };
    let begins = method.len() + 1;
    let [b' ', rest @ ..] = rest else {
        return Match::No(begins);
    };
    let method = HttpMethod::of_name(method);
    match compare_target(method, rest) {
        Match::Open => {}
        compared => return compared.after(begins),
    }
    let Some((target, rest)) = split(rest, u8::is_ascii_graphic) else {
        return Match::Open;
    };
    let begins = begins + target.len() + 1;
    match rest {
        [b' ', version @ ..] if !target.is_empty() => {
            let method = match target {
                b"*" => method,
                _ if method == HttpMethod::Pri => HttpMethod::Other,
                _ => method,
            };
            compare_version(method, version).after(begins)
        }
        _ => Match::No(begins),
    }
}

/// Compares the start of a request target with the starts that only one protocol has.
fn compare_target(method: HttpMethod, target: &[u8]) -> Match {
    let is_scheme = |scheme: &[u8]| target.starts_with(scheme);
    match (method, target) {
        (HttpMethod::Options | HttpMethod::Pri | HttpMethod::Other, [b'/', ..]) => Match::Open,
        (_, [b'/', ..]) => http(method, 1),
        // RFC 9112 3.2.2: an absolute form, for a proxy
        (HttpMethod::Other | HttpMethod::Pri, _) => compare_schemes(target),
        _ if is_scheme(b"http:") => http(method, 5),
        _ if is_scheme(b"https:") => http(method, 6),
        (HttpMethod::Connect, _) => compare_authority(target),
        _ => compare_schemes(target),
    }
}

fn compare_schemes(target: &[u8]) -> Match {
    match SCHEMES
        .iter()
        .find(|(scheme, _)| target.starts_with(scheme))
    {
        Some((scheme, guess)) => Match::Is(*guess, scheme.len()),
        None => Match::Open,
    }
}

/// Compares with the target of CONNECT: a host, a colon and a port (RFC 9112 section 3.2.3).
fn compare_authority(target: &[u8]) -> Match {
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    match split(target, is_host) {
        Some((host, [b':', ..])) if !host.is_empty() => http(HttpMethod::Connect, host.len() + 1),
        _ => Match::Open,
    }
}

fn compare_version(method: HttpMethod, version: &[u8]) -> Match {
    [
        (&b"HTTP/"[..], Guess::Http(method)), // RFC 9112 2.3
        (b"RTSP/", Guess::Rtsp),              // RFC 7826 20.3
        (b"SIP/", Guess::Sip),                // RFC 3261 25.1
    ]
    .into_iter()
    .map(|(name, guess)| {
        let differs = version
            .iter()
            .zip(name)
            .position(|(byte, want)| byte != want);
        match differs {
            Some(at) => Match::No(at + 1),
            None if version.len() < name.len() => Match::Open,
            None => Match::Is(guess, name.len()),
        }
    })
    .fold(Match::No(0), Match::or)
}

const fn http(method: HttpMethod, len: usize) -> Match {
    Match::Is(Guess::Http(method), len)
}

/// Splits at the first byte that does not belong to the part; `None` if all bytes do.
fn split(bytes: &[u8], belongs: impl Fn(&u8) -> bool) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| !belongs(byte))?;
    bytes.split_at_checked(at)
}
