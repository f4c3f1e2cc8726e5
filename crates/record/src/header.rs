//! What a record header says, and which lengths it may say.

use core::fmt;

use crate::{content_type::ContentType, version::ProtocolVersion};

/// The five bytes in front of every record (RFC 8446 section 5.1).
///
/// Any five bytes are a header and any header is five bytes. Whether the length is allowed is
/// another question: [`check_length`](Self::check_length).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// What the payload is.
    pub content_type: ContentType,
    /// `legacy_record_version`, to be ignored for all purposes.
    pub version: ProtocolVersion,
    /// The payload's length in bytes.
    pub length: u16,
}

impl Header {
    /// The length of a header in bytes.
    pub const LEN: usize = 5;

    /// The header that these bytes are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [content_type, major, minor, high, low] = bytes;
        Self {
            content_type: ContentType(content_type),
            version: ProtocolVersion(u16::from_be_bytes([major, minor])),
            length: u16::from_be_bytes([high, low]),
        }
    }

    /// The bytes that this header is.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [major, minor] = self.version.0.to_be_bytes();
        let [high, low] = self.length.to_be_bytes();
        [self.content_type.0, major, minor, high, low]
    }

    /// Whether a record of this length may be received.
    ///
    /// # Errors
    ///
    /// [`RecordOverflow`] if the length is over the limit. The alert for it is `record_overflow`.
    pub const fn check_length(self, limit: LengthLimit) -> Result<(), RecordOverflow> {
        // RFC 8446 5.1, 5.2: longer than the limit -> record_overflow
        if self.length > limit.0 {
            return Err(RecordOverflow {
                length: self.length,
                limit,
            });
        }
        Ok(())
    }
}

impl From<[u8; Self::LEN]> for Header {
    fn from(bytes: [u8; Self::LEN]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<Header> for [u8; Header::LEN] {
    fn from(header: Header) -> Self {
        header.to_bytes()
    }
}

/// The greatest length in bytes that a record's payload may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LengthLimit(pub u16);

impl LengthLimit {
    /// 2^14 bytes: a record that is not encrypted (RFC 8446 section 5.1).
    pub const PLAINTEXT: Self = Self(1 << 14);
    /// 2^14 + 256 bytes: an encrypted record of TLS 1.3 (RFC 8446 section 5.2).
    pub const TLS13_CIPHERTEXT: Self = Self((1 << 14) + 256);
    /// 2^14 + 2048 bytes: an encrypted record of TLS 1.2 (RFC 5246 section 6.2.3).
    pub const TLS12_CIPHERTEXT: Self = Self((1 << 14) + 2048);
}

/// A record is longer than allowed, told from its header alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOverflow {
    /// The payload's length in bytes, as the header says it.
    pub length: u16,
    /// The limit it is over.
    pub limit: LengthLimit,
}

impl fmt::Display for RecordOverflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            length,
            limit: LengthLimit(limit),
        } = self;
        write!(
            f,
            "record of {length} bytes is longer than the {limit} bytes allowed"
        )
    }
}

impl core::error::Error for RecordOverflow {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_header_of_a_client_hello() {
        let header = Header::from([0x16, 0x03, 0x01, 0x02, 0x00]);
        assert_eq!(header.content_type, ContentType::HANDSHAKE);
        assert_eq!(header.version, ProtocolVersion::TLS_1_0);
        assert_eq!(header.length, 512);
    }

    #[test]
    fn allows_exactly_the_limit_and_not_a_byte_more() {
        let of_length = |length| Header {
            content_type: ContentType::HANDSHAKE,
            version: ProtocolVersion::TLS_1_2,
            length,
        };
        for (limit, most) in [
            (LengthLimit::PLAINTEXT, 16_384),
            (LengthLimit::TLS13_CIPHERTEXT, 16_640),
            (LengthLimit::TLS12_CIPHERTEXT, 18_432),
        ] {
            assert_eq!(of_length(most).check_length(limit), Ok(()));
            let over = RecordOverflow {
                length: most + 1,
                limit,
            };
            assert_eq!(of_length(most + 1).check_length(limit), Err(over));
        }
    }
}
