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
    let name = host_name(data)?;
    if is_dns_name(name) {
        return Ok(Some(name.strip_suffix(b".").unwrap_or(name)));
    }
    if ip_address(name).is_some() {
        return Ok(None);
    }
    Err(Malformed::new(FIELD, Problem::NotDnsName))
}

/// The one host name in the list, whatever it is.
#[inline]
pub(crate) fn host_name(data: Reader<'_>) -> Result<&[u8], Malformed> {
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
    match host_name {
        Some(name) => Ok(name.bytes()),
        None => Err(Malformed::new(FIELD, Problem::NoHostName)),
    }
}

/// The IP address that `name` is in text, if it is one.
#[cold]
pub(crate) fn ip_address(name: &[u8]) -> Option<IpAddr> {
    IpAddr::from_str(core::str::from_utf8(name).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_an_ip_address_from_a_name() {
        for address in ["127.0.0.1", "::1", "2001:db8::8", "::ffff:10.0.0.1"] {
            assert!(ip_address(address.as_bytes()).is_some(), "{address}");
        }
        for name in ["127.0.0.1.", "127.1", "[::1]", "fe80::1%eth0", "256.0.0.1"] {
            assert!(ip_address(name.as_bytes()).is_none(), "{name}");
        }
    }
}
