//! Why a ClientHello cannot be parsed: which field, what is wrong with it, which alert it deserves.

use core::fmt;

use lastword_alert::AlertDescription;
use lastword_record::HandshakeType;

use crate::code_points::ExtensionType;

/// Why a message is not a ClientHello that can be parsed.
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

    /// Which field is malformed.
    #[must_use]
    pub const fn field(&self) -> Field {
        self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }

    /// The alert the client must be told: `decode_error` for what the syntax does not allow,
    /// `illegal_parameter` for what it allows and a rule forbids (RFC 8446 section 6.2).
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The four bytes in front of the message: its type and its length.
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

/// What is wrong with a [`Field`]. Lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It, or something in it, is longer than what it stands in.
    #[error("{} needed and {left} left", Bytes(*needed))]
    Truncated {
        /// How many bytes the next part of it must have.
        needed: u32,
        /// How many there are.
        left: u32,
    },
    /// It holds more than what its syntax has a place for: so many bytes.
    #[error("{} left over at the end", Bytes(*.0))]
    TrailingBytes(u32),
    /// It is longer than it may be.
    #[error("{} where {most} is the most", Bytes(*len))]
    TooLong {
        /// Its length.
        len: u32,
        /// The greatest length it may have.
        most: u32,
    },
    /// It must not be empty, and is.
    #[error("is empty")]
    Empty,
    /// Something in it must not be empty, and is: a host name, a protocol name, a key.
    #[error("an element is empty")]
    EmptyElement,
    /// It is a list of elements of two bytes and has this odd length.
    #[error("{} for elements of two bytes", Bytes(*.0))]
    OddLength(u32),
    /// The extension is there more than once.
    #[error("is there more than once")]
    Duplicate,
    /// The extension must be the last one, and is not.
    #[error("is not the last extension")]
    NotLast,
    /// The list of server names has no host name in it.
    #[error("holds no host name")]
    NoHostName,
    /// The list of server names has more than one host name in it.
    #[error("holds more than one host name")]
    TwoHostNames,
    /// The host name is neither a DNS name nor an IP address.
    #[error("the host name is not a DNS name")]
    NotDnsName,
    /// The message is another one.
    #[error("of a {0} message, not of a client_hello")]
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
