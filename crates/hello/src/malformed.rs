//! The error for a ClientHello that cannot be parsed.

use core::fmt;

use lastword_alert::AlertDescription;
use lastword_record::HandshakeType;

use crate::code_points::ExtensionType;

/// The error for a ClientHello that cannot be parsed: the field, the problem and the alert.
///
/// ```
/// use lastword_alert::AlertDescription;
/// use lastword_hello::{ClientHello, Field, Problem};
///
/// let malformed = ClientHello::parse(&[1, 0, 0, 1, 3]).unwrap_err();
/// assert_eq!(malformed.field(), Field::LegacyVersion);
/// assert_eq!(malformed.problem(), Problem::Truncated { needed: 2, left: 1 });
/// assert_eq!(malformed.alert(), AlertDescription::DECODE_ERROR);
/// assert_eq!(malformed.to_string(), "legacy_version: 2 bytes needed, but only 1 left");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Malformed {
    field: Field,
    problem: Problem,
}

impl Malformed {
    #[cold]
    #[inline(never)]
    pub(crate) const fn new(field: Field, problem: Problem) -> Self {
        Self { field, problem }
    }

    /// Returns the malformed field.
    #[must_use]
    pub const fn field(&self) -> Field {
        self.field
    }

    /// Returns what is wrong with the field.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }

    /// Returns the alert for the client: `decode_error` for wrong syntax, `illegal_parameter` for
    /// correct syntax that a rule forbids (RFC 8446 section 6.2).
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        match self.problem {
            // RFC 8446 4: another message where a ClientHello must be -> unexpected_message
            Problem::NotClientHello(_) => AlertDescription::UNEXPECTED_MESSAGE,
            // RFC 8446 6.2: out of range, or of the wrong length -> decode_error
            Problem::Truncated { .. }
            | Problem::TrailingBytes(_)
            | Problem::TooLong { .. }
            | Problem::Empty
            | Problem::EmptyElement
            | Problem::OddLength(_) => AlertDescription::DECODE_ERROR,
            // RFC 8446 4.2, 4.2.11 and RFC 6066 3: well formed and forbidden -> illegal_parameter
            Problem::Duplicate
            | Problem::NotLast
            | Problem::NoHostName
            | Problem::TwoHostNames
            | Problem::NotDnsName => AlertDescription::ILLEGAL_PARAMETER,
        }
    }
}

/// A field of a ClientHello, by its name in RFC 8446 section 4.1.2.
///
/// ```
/// use lastword_hello::{ExtensionType, Field};
///
/// assert_eq!(Field::CipherSuites.to_string(), "cipher_suites");
/// let field = Field::Extension(ExtensionType::KEY_SHARE);
/// assert_eq!(field.to_string(), "key_share extension");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The four bytes before the body: the type and the length.
    Header,
    /// `legacy_version`.
    LegacyVersion,
    /// `random`.
    Random,
    /// `legacy_session_id`.
    SessionId,
    /// `cipher_suites`.
    CipherSuites,
    /// `legacy_compression_methods`.
    CompressionMethods,
    /// The block of all extensions.
    Extensions,
    /// One extension.
    Extension(ExtensionType),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "handshake header",
            Self::LegacyVersion => "legacy_version",
            Self::Random => "random",
            Self::SessionId => "legacy_session_id",
            Self::CipherSuites => "cipher_suites",
            Self::CompressionMethods => "legacy_compression_methods",
            Self::Extensions => "extensions",
            Self::Extension(extension_type) => return write!(f, "{extension_type} extension"),
        })
    }
}

/// The problem with a malformed [`Field`]. Lengths are in bytes.
///
/// ```
/// use lastword_hello::Problem;
///
/// assert_eq!(Problem::TrailingBytes(1).to_string(), "1 byte left over at the end");
/// assert_eq!(Problem::Duplicate.to_string(), "more than once");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The field, or a part of it, is longer than the field that contains it.
    #[error("{} needed, but only {left} left", Bytes(*needed))]
    Truncated {
        /// The length in bytes of its next part.
        needed: u32,
        /// The number of bytes left.
        left: u32,
    },
    /// The field has this many bytes after its end.
    #[error("{} left over at the end", Bytes(*.0))]
    TrailingBytes(u32),
    /// The field is longer than allowed.
    #[error("{}, and at most {most} are allowed", Bytes(*len))]
    TooLong {
        /// The length of the field.
        len: u32,
        /// The greatest length allowed.
        most: u32,
    },
    /// The field is empty and must not be.
    #[error("empty")]
    Empty,
    /// A part of it is empty and must not be: a host name, a protocol name or a key.
    #[error("an element is empty")]
    EmptyElement,
    /// The field is a list of two-byte elements and has this odd length.
    #[error("the length is {}, which is odd for a list of two-byte elements", Bytes(*.0))]
    OddLength(u32),
    /// The extension is there more than once.
    #[error("more than once")]
    Duplicate,
    /// The extension is not the last one and must be.
    #[error("not the last extension")]
    NotLast,
    /// The list of server names has no host name in it.
    #[error("without a host name")]
    NoHostName,
    /// The list of server names has more than one host name in it.
    #[error("more than one host name")]
    TwoHostNames,
    /// The host name is neither a DNS name nor an IP address.
    #[error("the host name is not a DNS name")]
    NotDnsName,
    /// The message is of another type.
    #[error("the message is a {0}, not a client_hello")]
    NotClientHello(HandshakeType),
}

/// A number of bytes, in words.
struct Bytes(u32);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 byte"),
            count => write!(f, "{count} bytes"),
        }
    }
}
