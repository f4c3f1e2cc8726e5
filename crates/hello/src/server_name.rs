//! The server name of a client (RFC 6066 section 3), checked as in rustls.

use core::{net::IpAddr, str::FromStr};

use crate::{
    code_points::ExtensionType,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::SERVER_NAME);

/// The only defined `NameType`.
const HOST_NAME: u8 = 0;

/// A DNS name, without a dot at its end.
pub(crate) struct DnsName<'a> {
    pub(crate) name: &'a [u8],
    /// Whether it has upper-case letters.
    pub(crate) has_upper_case: bool,
}

/// Returns the host name; `None` if it is an IP address, which RFC 6066 does not permit but some
/// clients send.
#[inline]
pub(crate) fn parse(data: Reader<'_>) -> Result<Option<DnsName<'_>>, Malformed> {
    let name = host_name(data)?;
    if let Some(name) = dns_name(name) {
        return Ok(Some(name));
    }
    if ip_address(name).is_some() {
        return Ok(None);
    }
    Err(Malformed::new(FIELD, Problem::NotDnsName))
}

/// Returns the one host name in the list, unchecked.
#[inline]
pub(crate) fn host_name(data: Reader<'_>) -> Result<&[u8], Malformed> {
    let mut list = data
        .only_vector_u16(FIELD)?
        .not_empty(Problem::Empty, FIELD)?;
    let mut host_name = None;
    while !list.is_empty() {
        // names of another type have no known length: nothing after the first can be read
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

/// Parses `name` as the text of an IP address.
#[cold]
pub(crate) fn ip_address(name: &[u8]) -> Option<IpAddr> {
    IpAddr::from_str(core::str::from_utf8(name).ok()?).ok()
}

/// The longest name in bytes, including a dot at its end (RFC 1035 section 2.3.4: 255 on the wire).
const MOST_IN_NAME: usize = 253;

/// The longest label in bytes (RFC 1035 section 2.3.4).
const MOST_IN_LABEL: usize = 63;

/// The state of the parser within a name.
///
/// Its value is the bit offset of its successor in a row of [`ROWS`].
#[derive(Clone, Copy)]
#[repr(u32)]
enum State {
    /// At the start of a label.
    Begin = 0,
    /// In a label that is a number so far.
    Number = 5,
    /// In a label that is not a number and may end here.
    Word = 10,
    /// After a `-`, where no label may end.
    Hyphen = 15,
    /// The bytes are not a name.
    Nowhere = 20,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Begin,
        Self::Number,
        Self::Word,
        Self::Hyphen,
        Self::Nowhere,
    ];

    /// Returns the state after `byte`.
    const fn behind(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Begin | Self::Number, b'0'..=b'9') => Self::Number,
            (Self::Nowhere, _) | (Self::Begin, b'-' | b'.') | (Self::Hyphen, b'.') => Self::Nowhere,
            (_, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') => Self::Word,
            (_, b'-') => Self::Hyphen,
            (_, b'.') => Self::Begin,
            _ => Self::Nowhere,
        }
    }
}

/// The bit of a row that marks an upper-case letter. It is above the bits of the states.
const UPPER_CASE: u32 = 1 << 31;

/// For each byte, the successors of all states, five bits each. One shift is one step.
#[allow(clippy::indexing_slicing)] // at compile time
const ROWS: [u32; 256] = {
    let mut rows = [0; 256];
    let mut byte = 0;
    while byte < rows.len() {
        let mut state = 0;
        while state < State::ALL.len() {
            let from = State::ALL[state];
            rows[byte] |= (from.behind(byte as u8) as u32) << from as u32;
            state += 1;
        }
        if (byte as u8).is_ascii_uppercase() {
            rows[byte] |= UPPER_CASE;
        }
        byte += 1;
    }
    rows
};

#[inline]
fn row(byte: u8) -> u32 {
    ROWS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Parses `name` as a DNS name: labels of letters, digits, `-` and `_`, joined by dots, with an
/// optional dot at the end. No label begins or ends with `-`, and the last is not a decimal number.
///
/// rustls uses rustls-pki-types for this. Its version 1.16 also refuses a last label like `0x1f`, and
/// 1.14 does not. It is accepted here, so that no ClientHello is refused that some rustls accepts.
#[inline]
fn dns_name(name: &[u8]) -> Option<DnsName<'_>> {
    if name.len() > MOST_IN_NAME {
        return None;
    }
    let name = name.strip_suffix(b".").unwrap_or(name);
    // a shift uses only the lowest five bits: the bits above the state need no clearing
    let begin = (State::Begin as u32, 0);
    let (state, rows) = name.iter().fold(begin, |(state, rows), byte| {
        let row = row(*byte);
        (row.wrapping_shr(state), rows | row)
    });
    let is_name = state % 32 == State::Word as u32 && has_short_labels(name);
    is_name.then_some(DnsName {
        name,
        has_upper_case: rows & UPPER_CASE != 0,
    })
}

#[inline]
fn has_short_labels(name: &[u8]) -> bool {
    name.len() <= MOST_IN_LABEL
        || name
            .split(|byte| *byte == b'.')
            .all(|label| label.len() <= MOST_IN_LABEL)
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;

    fn is_dns_name(name: &[u8]) -> bool {
        dns_name(name).is_some()
    }

    #[test]
    fn knows_whether_a_name_has_upper_case_letters() {
        for (name, has_upper_case) in [("a.test", false), ("a.teST", true), ("Z_-1.x", true)] {
            let name = dns_name(name.as_bytes()).unwrap();
            assert_eq!(name.has_upper_case, has_upper_case);
        }
    }

    #[test]
    fn knows_an_ip_address_from_a_name() {
        for address in ["127.0.0.1", "::1", "2001:db8::8", "::ffff:10.0.0.1"] {
            assert!(ip_address(address.as_bytes()).is_some(), "{address}");
        }
        for name in ["127.0.0.1.", "127.1", "[::1]", "fe80::1%eth0", "256.0.0.1"] {
            assert!(ip_address(name.as_bytes()).is_none(), "{name}");
        }
    }

    #[test]
    fn takes_for_a_dns_name_what_servers_are_called() {
        for name in [
            "localhost",
            "example.com",
            "EXAMPLE.Com",
            "xn--bcher-kva.example",
            "_acme.example",
            "1.example",
            "1and1.example",
            "a--b.c",
            "example.com.",
            "10.0.0.1a",
            "a_b",
            "_",
        ] {
            assert!(is_dns_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn takes_for_no_dns_name_what_is_none() {
        for name in [
            "",
            ".",
            "..",
            ".a",
            "a..b",
            "a..",
            "-a",
            "a-",
            "a-.b",
            "b.-a",
            "-",
            "a b",
            "a/b",
            "b\u{fc}cher.example",
            "a\0",
            "*.example",
            "1",
            "127.0.0.1",
            "a.1",
            "a.1.",
            "::1",
            "[::1]",
            "example.com:443",
        ] {
            assert!(!is_dns_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_shift_leads_from_each_state_to_the_one_behind_each_byte() {
        for byte in 0..=u8::MAX {
            for from in State::ALL {
                let behind = row(byte).wrapping_shr(from as u32) % 32;
                assert_eq!(behind, from.behind(byte) as u32, "{byte:#04x}");
            }
        }
    }

    /// The same rules, written out.
    fn is_dns_name_in_words(name: &str) -> bool {
        let labels: Vec<_> = name.strip_suffix('.').unwrap_or(name).split('.').collect();
        let last = labels.last().unwrap();
        !last.bytes().all(|byte| byte.is_ascii_digit())
            && labels.iter().all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|byte| b"aZ09-_".contains(&byte))
            })
    }

    #[test]
    fn says_of_every_short_name_what_the_words_say() {
        let mut names = std::vec![String::new()];
        for len in 0..=6 {
            for name in &names {
                let said = is_dns_name(name.as_bytes());
                assert_eq!(said, is_dns_name_in_words(name), "{name:?}");
            }
            names = names
                .iter()
                .flat_map(|name| {
                    "aZ9-_. "
                        .chars()
                        .map(move |next| std::format!("{name}{next}"))
                })
                .collect();
            assert_eq!(names.len(), 7_usize.pow(len + 1));
        }
    }

    #[test]
    fn a_label_has_at_most_63_bytes_and_a_name_253() {
        let label = |len| String::from_utf8(std::vec![b'a'; len]).unwrap();
        assert!(is_dns_name(label(63).as_bytes()));
        assert!(!is_dns_name(label(64).as_bytes()));
        let three = [label(63), label(63), label(63)].join(".");
        assert!(is_dns_name(
            [three.as_str(), &label(61)].join(".").as_bytes()
        ));
        assert!(!is_dns_name(
            [three.as_str(), &label(62)].join(".").as_bytes()
        ));
        assert!(!is_dns_name([label(64).as_str(), "a"].join(".").as_bytes()));
    }
}
