//! What must hold of any bytes that are parsed as a PROXY header.

use std::net::{IpAddr, SocketAddr};

use lastword_io::acceptor::text;
use lastword_io::proxy::{Command, Parsed, ProxyError, ProxyHeader, Transport, Version};

/// Parses the bytes, and checks what must hold of the result.
pub(crate) fn check(bytes: &[u8], limit: u16) -> Result<Parsed, ProxyError> {
    let whole = ProxyHeader::parse_with_limit(bytes, limit);
    check_growing(bytes, limit, &whole);
    match &whole {
        Ok(Parsed::Complete { header, len }) => {
            check_reading(bytes, limit, *len);
            check_header(header, &bytes[..*len]);
        }
        Ok(Parsed::NeedsInput(missing)) => {
            let most = 107.max(16 + usize::from(limit));
            assert!(*missing > 0 && bytes.len() + missing <= most);
        }
        Err(error) => {
            let words = error.to_string();
            assert!(words.len() <= 1024 && words.is_ascii() && text::is_line(&words));
        }
    }
    whole
}

/// However the bytes are cut, the result is the same, and no byte after the header is asked for.
fn check_growing(bytes: &[u8], limit: u16, whole: &Result<Parsed, ProxyError>) {
    for end in 0..bytes.len() {
        match ProxyHeader::parse_with_limit(&bytes[..end], limit) {
            Ok(Parsed::NeedsInput(missing)) => {
                assert!(missing > 0, "nothing is missing after {end} bytes");
                if let Ok(Parsed::Complete { len, .. }) = whole {
                    assert!(end + missing <= *len, "asks for bytes after the header");
                }
            }
            outcome => {
                assert_eq!(outcome, *whole, "changed after {end} bytes");
                return;
            }
        }
    }
}

/// A reader that reads what is asked for stops after the header.
fn check_reading(bytes: &[u8], limit: u16, len: usize) {
    let mut end = 0;
    while let Ok(Parsed::NeedsInput(missing)) = ProxyHeader::parse_with_limit(&bytes[..end], limit)
    {
        end += missing;
    }
    assert_eq!(end, len);
}

/// The header says what its bytes say.
fn check_header(header: &ProxyHeader, bytes: &[u8]) {
    match header.version() {
        Version::V1 => check_text(header, bytes),
        Version::V2 => check_binary(header, bytes),
    }
    assert!(header.source().is_none() || header.unix_source().is_none());
    assert_eq!(header.source().is_some(), header.destination().is_some());
    let has_addresses = header.source().is_some() || header.unix_source().is_some();
    assert_eq!(has_addresses, header.transport() != Transport::Unspecified);
}

fn check_text(header: &ProxyHeader, bytes: &[u8]) {
    assert_eq!(header.command(), Command::Proxy);
    assert_eq!(header.tlvs().count(), 0);
    assert!(bytes.len() <= 107);
    let line = bytes.strip_suffix(b"\r\n").unwrap();
    let (Some(source), Some(destination)) = (header.source(), header.destination()) else {
        assert!(line == b"PROXY UNKNOWN" || line.starts_with(b"PROXY UNKNOWN "));
        return;
    };
    let line = std::str::from_utf8(line).unwrap();
    let fields = Vec::from_iter(line.split(' '));
    let [
        proxy,
        family,
        source_ip,
        destination_ip,
        source_port,
        destination_port,
    ] = fields[..]
    else {
        panic!("{} fields", fields.len());
    };
    assert_eq!(proxy, "PROXY");
    for (address, ip, port) in [
        (source, source_ip, source_port),
        (destination, destination_ip, destination_port),
    ] {
        assert_eq!(family, if address.is_ipv4() { "TCP4" } else { "TCP6" });
        assert_eq!(address.ip(), ip.parse::<IpAddr>().unwrap());
        assert_eq!(address.port().to_string(), port);
    }
}

fn check_binary(header: &ProxyHeader, bytes: &[u8]) {
    let (fixed, content) = bytes.split_at(16);
    let length = u16::from_be_bytes([fixed[14], fixed[15]]);
    assert_eq!(usize::from(length), content.len());
    let command = match header.command() {
        Command::Local => 0x20,
        Command::Proxy => 0x21,
    };
    assert_eq!(
        fixed[..13],
        [b"\r\n\r\n\0\r\nQUIT\n", &[command][..]].concat()
    );
    if header.transport() == Transport::Unspecified {
        assert_eq!(header.tlvs().count(), 0);
        return;
    }
    let mut again = addresses(header, fixed[13] >> 4);
    for (kind, value) in header.tlvs() {
        again.push(kind.0);
        again.extend((value.len() as u16).to_be_bytes());
        again.extend(value);
    }
    assert_eq!(again, content, "lost or made up");
}

/// The addresses of a header of version 2 as bytes.
fn addresses(header: &ProxyHeader, family: u8) -> Vec<u8> {
    if let (Some(source), Some(destination)) = (header.unix_source(), header.unix_destination()) {
        assert_eq!(family, 3);
        let padded = |path: &[u8]| [path, &vec![0; 108 - path.len()]].concat();
        return [padded(source), padded(destination)].concat();
    }
    let (source, destination) = (header.source().unwrap(), header.destination().unwrap());
    assert_eq!(family, if source.is_ipv4() { 1 } else { 2 });
    let mut bytes = [octets(source), octets(destination)].concat();
    bytes.extend(source.port().to_be_bytes());
    bytes.extend(destination.port().to_be_bytes());
    bytes
}

fn octets(address: SocketAddr) -> Vec<u8> {
    match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
