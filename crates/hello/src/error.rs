//! Why a client's first bytes are no ClientHello, by which size limits, and which alert each reason
//! deserves.

use alloc::vec::Vec;

use lastword_alert::{Alert, AlertDescription, ParseError};
use lastword_record::{ContentType, Guess, HandshakeType, RecordOverflow};

use crate::malformed::Malformed;

/// Size limits for collecting a ClientHello.
///
/// The defaults are safe for a server on the open network. Fields are added as limits are: set
/// those that matter and take the rest from `Limits::default()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest ClientHello taken, in bytes, its handshake header of four bytes included.
    /// A longer one is refused as soon as its length is declared. Default: 65,536.
    ///
    /// Record headers and alerts are allowed [`FRAMING_LEN`](Self::FRAMING_LEN), 1,024 bytes, besides.
    /// Those beyond it count too: until the ClientHello is whole at most `hello_len` + 1,024 bytes
    /// are received, in records of any length.
    pub hello_len: u32,
    /// How many alerts that do not end the connection (`user_canceled`, `no_renegotiation`) may come before the
    /// ClientHello is whole. Default: 4, as in BoringSSL and rustls.
    pub warning_alerts: u8,
}

impl Limits {
    /// How many bytes of record headers and alerts do not count towards
    /// [`hello_len`](Self::hello_len): 1,024.
    pub const FRAMING_LEN: u32 = 1024;

    /// The same limits with another [`hello_len`](Self::hello_len), in bytes.
    #[must_use]
    pub const fn with_hello_len(self, hello_len: u32) -> Self {
        Self { hello_len, ..self }
    }

    /// The same limits with another number of [`warning_alerts`](Self::warning_alerts).
    #[must_use]
    pub const fn with_warning_alerts(self, warning_alerts: u8) -> Self {
        Self {
            warning_alerts,
            ..self
        }
    }

    /// How many bytes may be received until the ClientHello is whole.
    pub(crate) const fn received_len(self) -> u32 {
        self.hello_len.saturating_add(Self::FRAMING_LEN)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_len: 1 << 16,
            warning_alerts: 4,
        }
    }
}

/// Why no ClientHello can be had of a client, and the bytes that it sent.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct CollectError {
    /// The reason.
    pub error: Error,
    /// Every byte that was taken, exactly as it came.
    pub received: Vec<u8>,
}

/// Why no ClientHello can be had of what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client does not speak TLS.
    #[error("not TLS but {0}")]
    NotTls(Guess),
    /// The client began with a record of another type.
    #[error("{0} record where the ClientHello should begin")]
    UnexpectedRecord(ContentType),
    /// Another record stands between two fragments of the ClientHello.
    #[error("{0} record in the middle of the ClientHello")]
    Interleaved(ContentType),
    /// A handshake record has no payload.
    #[error("handshake record without a payload")]
    EmptyRecord,
    /// A record is longer than 2^14 bytes.
    #[error(transparent)]
    RecordOverflow(RecordOverflow),
    /// The client began with another handshake message.
    #[error("{0} message where a ClientHello is expected")]
    UnexpectedHandshake(HandshakeType),
    /// The ClientHello's last record goes on with another message.
    #[error("another message behind the ClientHello in its record")]
    NotAligned,
    /// The ClientHello is, or says it will be, longer than the limit.
    #[error("ClientHello of {len} bytes is longer than the limit of {limit}")]
    TooLong {
        /// Its length in bytes, as its header says it, header included.
        len: u32,
        /// The limit in bytes: [`Limits::hello_len`](Limits::hello_len).
        limit: u32,
    },
    /// The ClientHello is, or is bound to be, longer than the limit with the headers of its records
    /// and what came before it: it is spread over too many records.
    #[error("the ClientHello and its record headers are longer than the limit of {limit} bytes")]
    RecordsTooLong {
        /// The limit in bytes: [`Limits::hello_len`](Limits::hello_len) and
        /// [`Limits::FRAMING_LEN`](Limits::FRAMING_LEN).
        limit: u32,
    },
    /// An alert record does not hold exactly one alert.
    #[error(transparent)]
    MalformedAlert(ParseError),
    /// The client ended the connection by an alert, of whatever level.
    #[error("client sent the alert {0} before its ClientHello")]
    PeerAlert(Alert),
    /// More alerts that end nothing than are taken.
    #[error("more than {limit} warning alerts before the ClientHello")]
    TooManyWarnings {
        /// How many are taken: [`Limits::warning_alerts`](Limits::warning_alerts).
        limit: u8,
    },
    /// The ClientHello cannot be parsed.
    #[error(transparent)]
    Malformed(Malformed),
}

impl Error {
    /// The alert the client must be told; `None` for a client that ended the connection itself,
    /// since an alert is never answered (RFC 8446 section 6).
    #[must_use]
    pub const fn alert(&self) -> Option<AlertDescription> {
        Some(match self {
            // RFC 8446 6.2, RFC 6176: a version that is recognized but not supported
            Self::NotTls(Guess::Sslv2) => AlertDescription::PROTOCOL_VERSION,
            Self::NotTls(_)
            | Self::UnexpectedRecord(_)
            | Self::Interleaved(_)
            | Self::EmptyRecord
            | Self::UnexpectedHandshake(_)
            | Self::NotAligned
            | Self::TooManyWarnings { .. } => AlertDescription::UNEXPECTED_MESSAGE,
            Self::RecordOverflow(_) => AlertDescription::RECORD_OVERFLOW,
            Self::TooLong { .. } | Self::RecordsTooLong { .. } => AlertDescription::DECODE_ERROR,
            Self::MalformedAlert(error) => error.alert(),
            Self::Malformed(error) => error.alert(),
            Self::PeerAlert(_) => return None,
        })
    }
}
