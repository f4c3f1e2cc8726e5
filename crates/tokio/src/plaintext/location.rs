//! The https URL of a request. The host and the target come from the client: both are checked here
//! before they are written into a header field.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str;

use httparse::Request;
use rustls_pki_types::DnsName;

/// Returns the https URL of a request, `None` if it has none or is malformed.
pub(super) fn of(request: &Request<'_, '_>, port: Option<u16>) -> Option<String> {
    let field = host_field(request)?;
    if request.method == Some("CONNECT") {
        return None;
    }
    let (host, target) = match request.path? {
        path if path.starts_with('/') => (field?, path),
        url => absolute(url)?,
    };
    let mut location = format!("https://{host}");
    if let Some(port) = port.filter(|port| *port != 443) {
        write!(location, ":{port}").ok()?;
    }
    if !target.starts_with('/') {
        location.push('/');
    }
    escape(target, &mut location)?;
    Some(location)
}

/// Returns the host of the Host field. The outer `None` means that the request is malformed.
fn host_field<'a>(request: &Request<'_, 'a>) -> Option<Option<&'a str>> {
    let is_host = |name: &str| name.eq_ignore_ascii_case("host");
    let mut fields = request.headers.iter().filter(|it| is_host(it.name));
    match (fields.next(), fields.next()) {
        (Some(field), None) => Some(Some(host(str::from_utf8(field.value).ok()?)?)),
        (None, _) if request.version == Some(0) => Some(None),
        // RFC 9112 3.2: HTTP/1.1 without a Host field, or any request with two -> 400
        _ => None,
    }
}

/// Splits a URL with the scheme http into its host and what follows (RFC 9112 section 3.2.2).
fn absolute(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_at_checked("http://".len())?;
    if !scheme.eq_ignore_ascii_case("http://") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end)?;
    Some((host(authority)?, target))
}

/// Returns the host of an authority, without its port (RFC 3986 section 3.2). `None` if it has user
/// information or is malformed.
fn host(authority: &str) -> Option<&str> {
    if authority.starts_with('[') {
        let (host, port) = authority.split_at_checked(authority.find(']')? + 1)?;
        let inside = host.strip_prefix('[')?.strip_suffix(']')?;
        let _address: Ipv6Addr = inside.parse().ok()?;
        return (port.is_empty() || is_port(port.strip_prefix(':')?)).then_some(host);
    }
    let host = match authority.split_once(':') {
        Some((host, port)) => is_port(port).then_some(host)?,
        None => authority,
    };
    is_name(host).then_some(host)
}

/// Whether this is a port, which may be empty (RFC 3986 section 3.2.3).
fn is_port(port: &str) -> bool {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (port.is_empty() || port.parse::<u16>().is_ok())
}

/// Returns whether a host is a DNS name or an IPv4 address.
///
/// Browsers take a name whose last label is a number, decimal or `0x..`, for an IPv4 address.
fn is_name(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || ["0x", "0X"]
            .iter()
            .any(|it| last.strip_prefix(it).is_some_and(is_hex));
    match is_number {
        true => host.parse::<Ipv4Addr>().is_ok(),
        false => DnsName::try_from(host).is_ok(),
    }
}

/// Writes a path and a query. What a URL cannot have is percent-encoded (RFC 3986 section 2.1).
/// `None` if it has a fragment, or a `%` without two hexadecimal digits.
fn escape(target: &str, location: &mut String) -> Option<()> {
    let mut rest = target.as_bytes();
    while let [byte, after @ ..] = rest {
        match byte {
            // RFC 9112 3.2: a target has no fragment
            b'#' => return None,
            b'%' => match after {
                [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => location.push('%'),
                _ => return None,
            },
            byte if is_plain(*byte) => location.push(char::from(*byte)),
            byte => write!(location, "%{byte:02X}").ok()?,
        }
        rest = after;
    }
    Some(())
}

/// Returns whether a path or a query may contain this byte unescaped (RFC 3986 sections 3.3 and 3.4).
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte)
}
