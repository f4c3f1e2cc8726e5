//! Version 2 of the PROXY protocol: 16 fixed bytes, two addresses, and TLVs.

use core::net::{IpAddr, SocketAddr};

use super::{Addresses, Command, Parsed, ProxyError, ProxyHeader, Transport, Version, tlv};

/// The start of each header.
pub(super) const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// The length in bytes of the part before the addresses.
pub(super) const FIXED_LEN: usize = 16;

/// The length of a path in bytes.
const PATH_LEN: usize = 108;

/// The fixed part after the signature.
struct Fixed {
    command: Command,
    family: Family,
    transport: Transport,
    /// The length in bytes of the addresses and the TLVs.
    length: u16,
}

#[derive(Clone, Copy)]
enum Family {
    /// The content is to be ignored.
    Unspecified,
    Ipv4,
    Ipv6,
    Unix,
}

impl Family {
    /// The length of both addresses in bytes.
    const fn len(self) -> u16 {
        match self {
            Self::Unspecified => 0,
            Self::Ipv4 => 2 * (4 + 2),
            Self::Ipv6 => 2 * (16 + 2),
            Self::Unix => 2 * PATH_LEN as u16,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::Unix => "Unix",
        }
    }
}

/// Parses a header that begins with [`SIGNATURE`].
pub(super) fn parse(bytes: &[u8], limit: u16) -> Result<Parsed, ProxyError> {
    let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED_LEN>() else {
        return Ok(Parsed::NeedsInput(FIXED_LEN.saturating_sub(bytes.len())));
    };
    let fixed = parse_fixed(fixed, limit)?;
    let length = usize::from(fixed.length);
    let Some(content) = rest.get(..length) else {
        return Ok(Parsed::NeedsInput(length - rest.len()));
    };
    let len = FIXED_LEN + length;
    let (addresses, tlvs) = parse_addresses(fixed.family, content).ok_or(fixed.too_short())?;
    tlv::check(bytes.get(..len).unwrap_or_default(), tlvs)?;
    let header = ProxyHeader {
        version: Version::V2,
        command: fixed.command,
        transport: fixed.transport,
        addresses,
        tlvs: tlvs.into(),
    };
    Ok(Parsed::Complete { header, len })
}

fn parse_fixed(fixed: &[u8; FIXED_LEN], limit: u16) -> Result<Fixed, ProxyError> {
    let [.., version_command, family_transport, high, low] = *fixed;
    let version = version_command >> 4;
    if version != 2 {
        return Err(ProxyError::Version { version });
    }
    let command = match version_command & 0xf {
        0 => Command::Local,
        1 => Command::Proxy,
        command => return Err(ProxyError::Command { command }),
    };
    let length = u16::from_be_bytes([high, low]);
    if length > limit {
        return Err(ProxyError::TooLong { length, limit });
    }
    let (family, transport) = match command {
        // the family and all that follows must be ignored
        Command::Local => (Family::Unspecified, Transport::Unspecified),
        Command::Proxy => parse_family(family_transport)?,
    };
    let fixed = Fixed {
        command,
        family,
        transport,
        length,
    };
    match length < family.len() {
        true => Err(fixed.too_short()),
        false => Ok(fixed),
    }
}

fn parse_family(byte: u8) -> Result<(Family, Transport), ProxyError> {
    let family = match byte >> 4 {
        0 => Family::Unspecified,
        1 => Family::Ipv4,
        2 => Family::Ipv6,
        3 => Family::Unix,
        family => return Err(ProxyError::Family { family }),
    };
    let transport = match byte & 0xf {
        0 => Transport::Unspecified,
        1 => Transport::Stream,
        2 => Transport::Datagram,
        transport => return Err(ProxyError::Transport { transport }),
    };
    // if one is unspecified, the other is too
    Ok(match (family, transport) {
        (Family::Unspecified, _) | (_, Transport::Unspecified) => {
            (Family::Unspecified, Transport::Unspecified)
        }
        both => both,
    })
}

impl Fixed {
    const fn too_short(&self) -> ProxyError {
        ProxyError::Addresses {
            family: self.family.name(),
            length: self.length,
            needed: self.family.len(),
        }
    }
}

/// Returns the addresses and the bytes after them, `None` if the content is too short.
fn parse_addresses(family: Family, content: &[u8]) -> Option<(Addresses, &[u8])> {
    match family {
        Family::Unspecified => Some((Addresses::Unspecified, &[])),
        Family::Ipv4 => inet::<4>(content),
        Family::Ipv6 => inet::<16>(content),
        Family::Unix => unix(content),
    }
}

fn inet<const N: usize>(content: &[u8]) -> Option<(Addresses, &[u8])>
where
    IpAddr: From<[u8; N]>,
{
    let (source, rest) = content.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (source_port, rest) = rest.split_first_chunk()?;
    let (destination_port, rest) = rest.split_first_chunk()?;
    let address = |ip: [u8; N], port| SocketAddr::new(ip.into(), u16::from_be_bytes(port));
    let addresses = Addresses::Inet {
        source: address(*source, *source_port),
        destination: address(*destination, *destination_port),
    };
    Some((addresses, rest))
}

fn unix(content: &[u8]) -> Option<(Addresses, &[u8])> {
    let (source, rest) = content.split_at_checked(PATH_LEN)?;
    let (destination, rest) = rest.split_at_checked(PATH_LEN)?;
    let addresses = Addresses::Unix {
        source: without_zeros(source).into(),
        destination: without_zeros(destination).into(),
    };
    Some((addresses, rest))
}

fn without_zeros(mut path: &[u8]) -> &[u8] {
    while let [shorter @ .., 0] = path {
        path = shorter;
    }
    path
}
