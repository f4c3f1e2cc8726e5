//! Networks of IP addresses, for example the ones whose PROXY headers a server trusts.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use lastword_acceptor::text::Quoted;
use thiserror::Error;

/// A network: all IP addresses with the same prefix.
///
/// It is read from an address with a prefix length (`10.0.0.0/8`, `2001:db8::/32`) or from one
/// address alone (`192.0.2.7`, `::1`).
///
/// ```
/// use lastword_io::networks::Network;
///
/// let trusted = ["10.0.0.0/8".parse::<Network>()?, "::1".parse()?];
/// let is_trusted = |peer: &str| {
///     let peer = peer.parse().unwrap();
///     trusted.iter().any(|network| network.contains(peer))
/// };
/// assert!(is_trusted("10.1.2.3"));
/// assert!(is_trusted("::ffff:10.1.2.3")); // IPv4, as an IPv6 socket shows it
/// assert!(!is_trusted("11.1.2.3"));
/// # Ok::<(), lastword_io::networks::NetworkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The first address of the network, never an IPv4-mapped one.
    address: IpAddr,
    /// The length of the prefix in bits.
    prefix: u8,
}

impl Network {
    /// Returns whether the address is in this network.
    ///
    /// An IPv4-mapped IPv6 address (`::ffff:192.0.2.7`) counts as its IPv4 address. So a network of
    /// IPv6 does not contain it.
    ///
    /// ```
    /// # use lastword_io::networks::Network;
    /// let network: Network = "2001:db8::/32".parse()?;
    /// assert!(network.contains("2001:db8::7".parse().unwrap()));
    /// assert!(!network.contains("192.0.2.7".parse().unwrap()));
    /// # Ok::<(), lastword_io::networks::NetworkError>(())
    /// ```
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()) & mask_v4(self.prefix) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()) & mask_v6(self.prefix) == 0
            }
            _ => false,
        }
    }

    fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let network = match address {
            IpAddr::V4(_) => Self { address, prefix },
            IpAddr::V6(v6) => match (v6.to_ipv4_mapped(), prefix.checked_sub(96)) {
                (Some(v4), Some(prefix)) => Self {
                    address: v4.into(),
                    prefix,
                },
                _ => Self { address, prefix },
            },
        };
        (prefix <= bits(address)).then_some(network)
    }

    /// The first address of the network that the address is in.
    fn first(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & mask_v4(self.prefix)).into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & mask_v6(self.prefix)).into(),
        }
    }
}

/// The length of an address in bits.
const fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// Returns a mask of this many bits, from the highest.
fn mask_v4(prefix: u8) -> u32 {
    let host = 32_u32.saturating_sub(prefix.into());
    u32::MAX.checked_shl(host).unwrap_or(0)
}

fn mask_v6(prefix: u8) -> u128 {
    let host = 128_u32.saturating_sub(prefix.into());
    u128::MAX.checked_shl(host).unwrap_or(0)
}

/// Returns the network that contains this address alone.
impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            prefix: bits(address),
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            None => (text, None),
            Some((address, prefix)) => (address, Some(prefix)),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address {
            text: shown(address),
        })?;
        let Some(prefix) = prefix else {
            return Ok(Self::from(address));
        };
        let malformed = || NetworkError::Prefix {
            text: shown(prefix),
            most: bits(address),
        };
        let length = parse_decimal(prefix).ok_or_else(malformed)?;
        let network = Self::new(address, length).ok_or_else(malformed)?;
        match network.first() {
            first if first == network.address => Ok(network),
            first => Err(NetworkError::Host {
                address: network.address,
                network: Self {
                    address: first,
                    ..network
                },
            }),
        }
    }
}

/// Reads a number without a sign and without zeros at its start.
fn parse_decimal(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"0" | [b'1'..=b'9', ..] => text.parse().ok(),
        _ => None,
    }
}

fn shown(text: &str) -> String {
    Quoted(text).to_string()
}

/// Shows the network as it is parsed; one address alone without a prefix length.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, prefix } = self;
        match *prefix == bits(*address) {
            true => write!(f, "{address}"),
            false => write!(f, "{address}/{prefix}"),
        }
    }
}

/// The error for text that is not a network.
///
/// ```
/// use lastword_io::networks::Network;
///
/// let error = "10.1.2.3/8".parse::<Network>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "10.1.2.3 is not the first address of its network: write 10.0.0.0/8, or 10.1.2.3 alone"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The address is not an IP address.
    #[error("{text} is not an IP address")]
    Address {
        /// The address, escaped.
        text: String,
    },
    /// The prefix length is not a number, or too great.
    #[error("prefix length {text} is not a number from 0 to {most}")]
    Prefix {
        /// The prefix length, escaped.
        text: String,
        /// The greatest prefix length of the address's family.
        most: u8,
    },
    /// The address has bits after the prefix: it is one host of the network.
    #[error(
        "{address} is not the first address of its network: write {network}, or {address} alone"
    )]
    Host {
        /// The address.
        address: IpAddr,
        /// The network that the address is in.
        network: Network,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn error(text: &str) -> String {
        text.parse::<Network>().unwrap_err().to_string()
    }

    #[test]
    fn contains_the_addresses_of_its_prefix_and_no_others() {
        for (text, inside, outside) in [
            (
                "10.0.0.0/8",
                &["10.0.0.0", "10.255.255.255"][..],
                &["9.255.255.255", "11.0.0.0", "::a00:0"][..],
            ),
            (
                "192.0.2.128/25",
                &["192.0.2.128", "192.0.2.255"],
                &["192.0.2.127", "192.0.3.0"],
            ),
            ("192.0.2.7", &["192.0.2.7"], &["192.0.2.6", "192.0.2.8"]),
            ("192.0.2.7/32", &["192.0.2.7"], &["192.0.2.6", "192.0.2.8"]),
            (
                "0.0.0.0/0",
                &["0.0.0.0", "255.255.255.255"],
                &["::", "2001:db8::1"],
            ),
            ("::1", &["::1"], &["::", "::2", "127.0.0.1"]),
            (
                "2001:db8::/32",
                &["2001:db8::", "2001:db8:ffff::1"],
                &["2001:db7:ffff::1", "2001:db9::"],
            ),
            (
                "2001:db8::/127",
                &["2001:db8::", "2001:db8::1"],
                &["2001:db8::2"],
            ),
            ("::/0", &["::", "ffff::"], &["1.2.3.4", "::ffff:1.2.3.4"]),
        ] {
            let network = network(text);
            for address in inside {
                assert!(
                    network.contains(address.parse().unwrap()),
                    "{address} in {text}"
                );
            }
            for address in outside {
                assert!(
                    !network.contains(address.parse().unwrap()),
                    "{address} in {text}"
                );
            }
        }
    }

    #[test]
    fn an_ipv4_mapped_address_is_its_ipv4_address() {
        let mapped: IpAddr = "::ffff:10.1.2.3".parse().unwrap();
        assert!(network("10.0.0.0/8").contains(mapped));
        assert!(network("10.1.2.3").contains(mapped));
        assert!(!network("11.0.0.0/8").contains(mapped));
        assert_eq!(Network::from(mapped), network("10.1.2.3"));
        assert_eq!(network("::ffff:10.0.0.0/104"), network("10.0.0.0/8"));
        assert_eq!(network("::ffff:0.0.0.0/96"), network("0.0.0.0/0"));
    }

    #[test]
    fn shows_what_it_is_parsed_from() {
        for text in ["10.0.0.0/8", "192.0.2.7", "::1", "2001:db8::/32", "::/0"] {
            assert_eq!(network(text).to_string(), text);
        }
        assert_eq!(network("::1/128").to_string(), "::1");
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, words) in [
            ("", "\"\" is not an IP address"),
            ("10.0.0/8", "10.0.0 is not an IP address"),
            ("010.0.0.0/8", "010.0.0.0 is not an IP address"),
            ("10.0.0.0 /8", "\"10.0.0.0 \" is not an IP address"),
            ("fe80::1%eth0", "\"fe80::1%eth0\" is not an IP address"),
            ("[::1]", "\"[::1]\" is not an IP address"),
            (
                "10.0.0.0/",
                "prefix length \"\" is not a number from 0 to 32",
            ),
            (
                "10.0.0.0/33",
                "prefix length 33 is not a number from 0 to 32",
            ),
            (
                "10.0.0.0/+8",
                "prefix length +8 is not a number from 0 to 32",
            ),
            (
                "10.0.0.0/08",
                "prefix length 08 is not a number from 0 to 32",
            ),
            (
                "10.0.0.0/8/8",
                "prefix length 8/8 is not a number from 0 to 32",
            ),
            ("::/129", "prefix length 129 is not a number from 0 to 128"),
            ("::/300", "prefix length 300 is not a number from 0 to 128"),
            (
                "10.1.2.3/8",
                "10.1.2.3 is not the first address of its network: write 10.0.0.0/8, or 10.1.2.3 alone",
            ),
            (
                "2001:db8::1/32",
                "2001:db8::1 is not the first address of its network: write 2001:db8::/32, or 2001:db8::1 alone",
            ),
        ] {
            assert_eq!(error(text), words);
        }
    }
}
