//! Why bytes are not a header of the PROXY protocol, in words for an operator.

use core::fmt;

use thiserror::Error;

use super::{v1, v2};

/// The error for bytes that are not a valid header of the PROXY protocol.
///
/// Its text says what is malformed and what was received, escaped, in at most 1,024 bytes.
///
/// ```
/// use lastword_io::proxy::{ProxyError, ProxyHeader};
///
/// let error = ProxyHeader::parse(b"GET / HTTP/1.1\r\n").unwrap_err();
/// assert!(matches!(error, ProxyError::Missing { .. }));
/// assert_eq!(
///     error.to_string(),
///     "no PROXY header: the connection begins with \"G\", as HTTP may"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// The connection does not begin with a header.
    #[error("no PROXY header: the connection begins with {begins}{}", begins.hint())]
    Missing {
        /// The bytes up to the first that no header has in its place.
        begins: Excerpt,
    },
    /// A header of version 1 does not end within 107 bytes.
    #[error("malformed PROXY header of version 1: its first 107 bytes have no end of line (CRLF)")]
    Unterminated,
    /// A field of a header of version 1 is malformed.
    #[error("malformed PROXY header of version 1: the {field} is {received}, not {expected}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// The field as received.
        received: Excerpt,
        /// What the field must be.
        expected: &'static str,
    },
    /// A binary header has another version than 2.
    #[error("PROXY header of version {version}, but a binary header must have version 2")]
    Version {
        /// The version, 0 to 15.
        version: u8,
    },
    /// The command is neither LOCAL nor PROXY.
    #[error(
        "malformed PROXY header of version 2: the command is {command}, not 0 (LOCAL) or 1 (PROXY)"
    )]
    Command {
        /// The command, 0 to 15.
        command: u8,
    },
    /// The address family is unknown.
    #[error(
        "malformed PROXY header of version 2: the address family is {family}, not 0 (unspecified), 1 (IPv4), 2 (IPv6) or 3 (Unix)"
    )]
    Family {
        /// The address family, 0 to 15.
        family: u8,
    },
    /// The transport protocol is unknown.
    #[error(
        "malformed PROXY header of version 2: the transport protocol is {transport}, not 0 (unspecified), 1 (stream) or 2 (datagram)"
    )]
    Transport {
        /// The transport protocol, 0 to 15.
        transport: u8,
    },
    /// A header of version 2 is longer than the limit.
    #[error(
        "PROXY header of version 2 is too long: {length} bytes after its first 16, and the limit is {limit}"
    )]
    TooLong {
        /// The length in bytes after the first 16.
        length: u16,
        /// The limit in bytes.
        limit: u16,
    },
    /// A header of version 2 is too short for its addresses.
    #[error(
        "malformed PROXY header of version 2: {length} bytes after its first 16, but {family} addresses take {needed}"
    )]
    Addresses {
        /// The name of the address family.
        family: &'static str,
        /// The length in bytes after the first 16.
        length: u16,
        /// The length of the addresses in bytes.
        needed: u16,
    },
    /// An additional value (TLV) is longer than the header.
    #[error(
        "malformed PROXY header of version 2: the TLV of type {kind:#04x} has length {length}, but only {left} of its bytes are in the header"
    )]
    Tlv {
        /// The type of the value.
        kind: u8,
        /// The length of the value in bytes, as its header says it.
        length: u16,
        /// The number of bytes left.
        left: usize,
    },
    /// The bytes after the last additional value (TLV) are too few for another.
    #[error(
        "malformed PROXY header of version 2: the bytes after the last TLV ({left}) are too few for another, which has at least 3"
    )]
    Leftover {
        /// The number of bytes left, 1 or 2.
        left: usize,
    },
    /// The checksum (CRC32C) does not have 4 bytes.
    #[error("malformed PROXY header of version 2: the checksum (CRC32C) has {length} bytes, not 4")]
    ChecksumLength {
        /// The length of the checksum in bytes.
        length: usize,
    },
    /// The header has more than one checksum (CRC32C).
    #[error("malformed PROXY header of version 2: it has more than one checksum (CRC32C)")]
    SecondChecksum,
    /// The checksum (CRC32C) is wrong.
    #[error(
        "PROXY header of version 2 was altered on its way: its checksum (CRC32C) is {received:#010x}, and its bytes give {computed:#010x}"
    )]
    Checksum {
        /// The checksum of the header.
        received: u32,
        /// The checksum of the bytes received.
        computed: u32,
    },
}

impl ProxyError {
    /// The error for bytes that begin with neither a header nor a part of one.
    pub(super) fn missing(bytes: &[u8]) -> Self {
        let common = |start: &[u8]| bytes.iter().zip(start).take_while(|(a, b)| a == b).count();
        // up to the first byte that decides it: more bytes do not change the error
        let decides = common(v1::PREFIX).max(common(&v2::SIGNATURE));
        let begins = Excerpt::new(bytes.get(..=decides).unwrap_or(bytes));
        Self::Missing { begins }
    }
}

/// Bytes that were received, at most 107 of them. They are displayed in quotes, escaped.
///
/// ```
/// use lastword_io::proxy::{ProxyError, ProxyHeader};
///
/// let error = ProxyHeader::parse(b"\x16\x03\x01").unwrap_err();
/// if let ProxyError::Missing { begins } = error {
///     assert_eq!(begins.as_bytes(), [0x16]);
///     assert_eq!(begins.to_string(), "\"\\x16\"");
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Excerpt(Box<[u8]>);

impl Excerpt {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(bytes.get(..v1::MAX_LEN).unwrap_or(bytes).into())
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the bytes probably are instead of a header.
    const fn hint(&self) -> &'static str {
        match *self.0 {
            [0x16, ..] => ", as TLS does",
            [b'C' | b'D' | b'G' | b'H' | b'O' | b'P' | b'T', ..] => ", as HTTP may",
            _ => "",
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
