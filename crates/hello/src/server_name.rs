//! Which server a client asks for by name (RFC 6066 section 3).

use core::{net::IpAddr, str::FromStr};

use crate::{
    ExtensionType,
    dns_name::is_dns_name,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::SERVER_NAME);

/// The only `NameType` there is.
const HOST_NAME: u8 = 0;

/// The host name, without a dot at its end; `None` if it is an IP address, which RFC 6066 does
/// not permit and clients send all the same.
#[inline]
pub(crate) fn parse(data: Reader<'_>) -> Result<Option<&[u8]>, Malformed> {
    let mut list = data
        .only_vector_u16(FIELD)?
        .not_empty(Problem::Empty, FIELD)?;
    let mut host_name = None;
    while !list.is_empty() {
        // names of another type have no known length: nothing behind the first can be read
        if list.array(FIELD)? != [HOST_NAME] {
            break;
        }
        let name = list
            .vector_u16(FIELD)?
            .not_empty(Problem::EmptyElement, FIELD)?;
        // RFC 6066 3: more than one name of a type -> illegal_parameter
        if host_name.replace(name).is_some() {
            return Err(Malformed::new(FIELD, Problem::TwoHostNames));
        }
    }
    let Some(name) = host_name else {
        return Err(Malformed::new(FIELD, Problem::NoHostName));
    };
    let name = name.bytes();
    if is_dns_name(name) {
        return Ok(Some(name.strip_suffix(b".").unwrap_or(name)));
    }
    if is_ip_address(name) {
        return Ok(None);
    }
    Err(Malformed::new(FIELD, Problem::NotDnsName))
}

#[cold]
fn is_ip_address(name: &[u8]) -> bool {
    core::str::from_utf8(name).is_ok_and(|name| IpAddr::from_str(name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_an_ip_address_from_a_name() {
        for address in ["127.0.0.1", "::1", "2001:db8::8", "::ffff:10.0.0.1"] {
            assert!(is_ip_address(address.as_bytes()), "{address}");
        }
        for name in ["127.0.0.1.", "127.1", "[::1]", "fe80::1%eth0", "256.0.0.1"] {
            assert!(!is_ip_address(name.as_bytes()), "{name}");
        }
    }
}
