//! Version 1 of the PROXY protocol: one line of text.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::str::{self, FromStr};

use super::{Addresses, Command, Excerpt, Parsed, ProxyError, ProxyHeader, Transport, Version};

/// The start of each header.
pub(super) const PREFIX: &[u8] = b"PROXY ";

/// The length of the shortest header in bytes: `PROXY UNKNOWN` and the end of the line.
pub(super) const MIN_LEN: usize = 15;

/// The greatest length of a header in bytes, the end of the line included.
pub(super) const MAX_LEN: usize = 107;

/// What a field must be, in words.
const PROTOCOL: &str = "TCP4, TCP6 or UNKNOWN";
const PORT: &str = "a decimal number from 0 to 65535";

/// Parses a header that begins with [`PREFIX`].
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, ProxyError> {
    let line = bytes.get(..MAX_LEN).unwrap_or(bytes);
    let Some(end) = line.windows(2).position(|two| two == b"\r\n") else {
        // at most 107 bytes, or else malformed
        return match MAX_LEN - line.len() {
            0 => Err(ProxyError::Unterminated),
            left => Ok(Parsed::NeedsInput(missing(line).min(left))),
        };
    };
    let fields = line.get(PREFIX.len()..end).unwrap_or_default();
    let (transport, addresses) = parse_fields(fields)?;
    let header = ProxyHeader {
        version: Version::V1,
        command: Command::Proxy,
        transport,
        addresses,
        tlvs: Box::default(),
    };
    let len = end + 2;
    Ok(Parsed::Complete { header, len })
}

fn parse_fields(fields: &[u8]) -> Result<(Transport, Addresses), ProxyError> {
    let (protocol, rest) = split_field(fields);
    let addresses = match protocol {
        b"TCP4" => inet::<Ipv4Addr>(rest, "an IPv4 address")?,
        b"TCP6" => inet::<Ipv6Addr>(rest, "an IPv6 address")?,
        // the rest of the line must be ignored
        b"UNKNOWN" => return Ok((Transport::Unspecified, Addresses::Unspecified)),
        other => return Err(malformed("protocol", other, PROTOCOL)),
    };
    Ok((Transport::Stream, addresses))
}

/// Reads the four fields after the protocol. More fields make the last one malformed.
fn inet<IP: FromStr + Into<IpAddr>>(
    fields: &[u8],
    expected: &'static str,
) -> Result<Addresses, ProxyError> {
    let (source, rest) = split_field(fields);
    let (destination, rest) = split_field(rest);
    let (source_port, destination_port) = split_field(rest);
    let source = address::<IP>("source address", source, expected)?;
    let destination = address::<IP>("destination address", destination, expected)?;
    let source_port = port("source port", source_port)?;
    let destination_port = port("destination port", destination_port)?;
    Ok(Addresses::Inet {
        source: SocketAddr::new(source, source_port),
        destination: SocketAddr::new(destination, destination_port),
    })
}

/// Splits at the first space. Without a space the rest is empty.
fn split_field(fields: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = fields.splitn(2, |byte| *byte == b' ');
    let field = parts.next().unwrap_or_default();
    (field, parts.next().unwrap_or_default())
}

fn malformed(field: &'static str, received: &[u8], expected: &'static str) -> ProxyError {
    ProxyError::Field {
        field,
        received: Excerpt::new(received),
        expected,
    }
}

fn address<IP: FromStr + Into<IpAddr>>(
    field: &'static str,
    received: &[u8],
    expected: &'static str,
) -> Result<IpAddr, ProxyError> {
    let address = str::from_utf8(received).ok().and_then(|it| it.parse().ok());
    let address: IP = address.ok_or_else(|| malformed(field, received, expected))?;
    Ok(address.into())
}

/// Reads a port. The protocol allows neither a sign nor zeros at the start.
fn port(field: &'static str, received: &[u8]) -> Result<u16, ProxyError> {
    let port = match received {
        b"0" | [b'1'..=b'9', ..] => str::from_utf8(received).ok(),
        _ => None,
    };
    port.and_then(|it| it.parse().ok())
        .ok_or_else(|| malformed(field, received, PORT))
}

/// The fewest bytes that can complete this line.
fn missing(line: &[u8]) -> usize {
    let end = if line.ends_with(b"\r") { 1 } else { 2 };
    let fields = line.get(PREFIX.len()..).unwrap_or_default();
    let address = match fields.get(..5) {
        Some(b"TCP4 ") => "0.0.0.0".len(),
        Some(b"TCP6 ") => "::".len(),
        _ => return MIN_LEN.saturating_sub(line.len()).max(end),
    };
    let mut received = fields.split(|byte| *byte == b' ').skip(1);
    let mut missing = end;
    for (at, least) in [address, address, 1, 1].into_iter().enumerate() {
        let field = received.next();
        let space = usize::from(at > 0 && field.is_none());
        missing += space + least.saturating_sub(field.unwrap_or_default().len());
    }
    missing
}
