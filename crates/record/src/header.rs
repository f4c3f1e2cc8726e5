//! The header of a record, and the limits on its length.

use core::fmt;

use crate::{content_type::ContentType, version::ProtocolVersion};

/// The header of a record: the five bytes at its start (RFC 8446 section 5.1).
///
/// Any five bytes are a valid header. [`check_length`](Self::check_length) checks whether the length
/// is allowed.
///
/// ```
/// use lastword_record::{ContentType, Header, ProtocolVersion};
///
/// let header = Header::from([22, 3, 1, 2, 0]);
/// assert_eq!(header.content_type, ContentType::HANDSHAKE);
/// assert_eq!(header.version, ProtocolVersion::TLS_1_0);
/// assert_eq!(header.length, 512);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The type of the payload.
    pub content_type: ContentType,
    /// `legacy_record_version`. RFC 8446 section 5.1 requires receivers to ignore it.
    pub version: ProtocolVersion,
    /// The length of the payload in bytes.
    pub length: u16,
}

impl Header {
    /// The length of a header in bytes.
    pub const LEN: usize = 5;

    /// Makes a header from its bytes.
    ///
    /// ```
    /// use lastword_record::{ContentType, Header};
    ///
    /// let header = Header::from_bytes([21, 3, 3, 0, 2]);
    /// assert_eq!(header.content_type, ContentType::ALERT);
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [content_type, major, minor, high, low] = bytes;
        Self {
            content_type: ContentType(content_type),
            version: ProtocolVersion(u16::from_be_bytes([major, minor])),
            length: u16::from_be_bytes([high, low]),
        }
    }

    /// Returns the bytes of this header.
    ///
    /// ```
    /// use lastword_record::{ContentType, Header, ProtocolVersion};
    ///
    /// let header = Header {
    ///     content_type: ContentType::ALERT,
    ///     version: ProtocolVersion::TLS_1_2,
    ///     length: 2,
    /// };
    /// assert_eq!(header.to_bytes(), [21, 3, 3, 0, 2]);
    /// ```
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [major, minor] = self.version.0.to_be_bytes();
        let [high, low] = self.length.to_be_bytes();
        [self.content_type.0, major, minor, high, low]
    }

    /// Checks the length against a limit.
    ///
    /// ```
    /// use lastword_record::{Header, LengthLimit};
    ///
    /// let header = Header::from([23, 3, 3, 0x40, 0x01]); // 2^14 + 1 bytes
    /// assert!(header.check_length(LengthLimit::PLAINTEXT).is_err());
    /// assert!(header.check_length(LengthLimit::TLS13_CIPHERTEXT).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// [`RecordOverflow`] if the length is greater than the limit. The alert for it is
    /// `record_overflow`.
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

/// The maximum length in bytes of a record's payload.
///
/// ```
/// use lastword_record::{Header, LengthLimit};
///
/// let limit = LengthLimit(512); // for example after a record_size_limit
/// assert!(Header::from([23, 3, 3, 2, 0]).check_length(limit).is_ok());
/// assert!(limit < LengthLimit::PLAINTEXT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LengthLimit(pub u16);

impl LengthLimit {
    /// The limit for a record that is not encrypted: 2^14 bytes (RFC 8446 section 5.1).
    pub const PLAINTEXT: Self = Self(1 << 14);
    /// The limit for an encrypted record of TLS 1.3: 2^14 + 256 bytes (RFC 8446 section 5.2).
    pub const TLS13_CIPHERTEXT: Self = Self((1 << 14) + 256);
    /// The limit for an encrypted record of TLS 1.2: 2^14 + 2,048 bytes (RFC 5246 section 6.2.3).
    pub const TLS12_CIPHERTEXT: Self = Self((1 << 14) + 2048);
}

/// The error for a record that is longer than allowed. The header alone shows it.
///
/// ```
/// use lastword_record::{LengthLimit, deframe};
///
/// let overflow = deframe(&[22, 3, 1, 0xff, 0xff], LengthLimit::PLAINTEXT).unwrap_err();
/// assert_eq!((overflow.length, overflow.limit.0), (65_535, 16_384));
/// assert_eq!(
///     overflow.to_string(),
///     "record of 65535 bytes is longer than the 16384 bytes allowed",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOverflow {
    /// The length of the payload in bytes, as the header announces it.
    pub length: u16,
    /// The limit that was exceeded.
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
