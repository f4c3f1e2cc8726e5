//! The additional values of a header of version 2 (TLVs: type, length, value), and its checksum.

use super::ProxyError;

/// The type of an additional value.
///
/// ```
/// use lastword_io::proxy::{ProxyHeader, TlvType};
///
/// /// Whether the header has a value of Amazon's own type.
/// fn is_from_aws(header: &ProxyHeader) -> bool {
///     header.tlvs().any(|(kind, _)| kind == TlvType(0xea))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TlvType(pub u8);

#[allow(missing_docs)] // each has the value of the `PP2_TYPE_` constant with its name
impl TlvType {
    pub const ALPN: Self = Self(0x01);
    pub const AUTHORITY: Self = Self(0x02);
    pub const CRC32C: Self = Self(0x03);
    pub const NOOP: Self = Self(0x04);
    pub const UNIQUE_ID: Self = Self(0x05);
    pub const SSL: Self = Self(0x20);
    pub const NETNS: Self = Self(0x30);
}

/// The additional values (TLVs) of a header, each with its type, in their order.
///
/// Made by [`ProxyHeader::tlvs`](super::ProxyHeader::tlvs).
///
/// ```
/// use lastword_io::proxy::ProxyHeader;
///
/// fn log(header: &ProxyHeader) {
///     for (kind, value) in header.tlvs() {
///         println!("type {:#04x}: \"{}\"", kind.0, value.escape_ascii());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Tlvs<'a> {
    rest: &'a [u8],
}

impl<'a> Tlvs<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The first value of a type.
    pub(super) fn value(mut self, of: TlvType) -> Option<&'a [u8]> {
        self.find_map(|(kind, value)| (kind == of).then_some(value))
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = (TlvType, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, value, rest) = split(self.rest)?;
        self.rest = rest;
        Some((kind, value))
    }
}

/// Splits off the first TLV; `None` if there is no complete one.
fn split(bytes: &[u8]) -> Option<(TlvType, &[u8], &[u8])> {
    let ([kind, high, low], rest) = bytes.split_first_chunk()?;
    let length = u16::from_be_bytes([*high, *low]);
    let (value, rest) = rest.split_at_checked(usize::from(length))?;
    Some((TlvType(*kind), value, rest))
}

/// Checks the lengths of the TLVs that a header ends with, and the checksum if there is one.
pub(super) fn check(header: &[u8], tlvs: &[u8]) -> Result<(), ProxyError> {
    let mut rest = tlvs;
    let mut is_checked = false;
    while !rest.is_empty() {
        let (kind, value, after) = split(rest).ok_or_else(|| cut(rest))?;
        if kind == TlvType::CRC32C {
            if is_checked {
                return Err(ProxyError::SecondChecksum);
            }
            let at = header.len() - after.len() - value.len();
            check_crc32c(header, at, value)?;
            is_checked = true;
        }
        rest = after;
    }
    Ok(())
}

fn cut(rest: &[u8]) -> ProxyError {
    match rest {
        [kind, high, low, value @ ..] => ProxyError::Tlv {
            kind: *kind,
            length: u16::from_be_bytes([*high, *low]),
            left: value.len(),
        },
        _ => ProxyError::Leftover { left: rest.len() },
    }
}

/// Checks the checksum, which is the `value` at byte `at` of the header.
fn check_crc32c(header: &[u8], at: usize, value: &[u8]) -> Result<(), ProxyError> {
    let Ok(received) = <[u8; 4]>::try_from(value) else {
        let length = value.len();
        return Err(ProxyError::ChecksumLength { length });
    };
    let received = u32::from_be_bytes(received);
    // as if the checksum were zero
    let bytes = header.iter().enumerate().map(|(index, byte)| {
        let is_checksum = (at..at + value.len()).contains(&index);
        if is_checksum { 0 } else { *byte }
    });
    match crc32c(bytes) {
        computed if computed == received => Ok(()),
        computed => Err(ProxyError::Checksum { received, computed }),
    }
}

/// CRC-32C (RFC 9260 appendix A), a bit at a time: a header is short.
fn crc32c(bytes: impl Iterator<Item = u8>) -> u32 {
    let shift = |crc: u32, _| match crc & 1 {
        0 => crc >> 1,
        _ => crc >> 1 ^ 0x82f6_3b78,
    };
    !bytes.fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(byte), shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_are_those_of_rfc_3720() {
        let ascending: [u8; 32] = core::array::from_fn(|at| at as u8);
        for (bytes, checksum) in [
            (&b""[..], 0),
            (b"123456789", 0xe306_9283),
            (&[0; 32], 0x8a91_36aa),
            (&[0xff; 32], 0x62a8_ab43),
            (&ascending, 0x46dd_794e),
        ] {
            assert_eq!(crc32c(bytes.iter().copied()), checksum);
        }
    }
}
