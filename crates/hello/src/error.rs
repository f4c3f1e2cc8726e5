//! Why a client's first bytes are not a valid ClientHello, and the size limits.

use alloc::vec::Vec;

use lastword_alert::{Alert, AlertDescription, ParseError};
use lastword_record::{ContentType, Guess, HandshakeType, RecordOverflow};

use crate::malformed::Malformed;

/// Size limits for collecting a ClientHello.
///
/// The defaults are safe on the open network. Fields may be added, so start from `Limits::default()`.
///
/// ```
/// use lastword_hello::Limits;
///
/// let limits = Limits::default().with_hello_len(16_384).with_warning_alerts(0);
/// assert_eq!(limits.hello_len, 16_384); // bytes
/// assert_eq!(limits.warning_alerts, 0); // a count
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Limit for the length of a ClientHello in bytes, including its handshake header of four bytes.
    /// A longer one is refused as soon as its header announces the length. Default: 65,536.
    ///
    /// Record headers and alerts may take another 1,024 bytes ([`FRAMING_LEN`](Self::FRAMING_LEN)).
    /// So until the ClientHello is complete at most `hello_len` + 1,024 bytes are received, in
    /// records of any length.
    pub hello_len: u32,
    /// Limit for the number of alerts that do not end the connection (`user_canceled`,
    /// `no_renegotiation`) before the ClientHello is complete. Default: 4, as in BoringSSL and
    /// rustls.
    pub warning_alerts: u8,
}

impl Limits {
    /// The bytes of record headers and alerts that do not count towards
    /// [`hello_len`](Self::hello_len): 1,024.
    pub const FRAMING_LEN: u32 = 1024;

    /// Sets [`hello_len`](Self::hello_len), in bytes.
    ///
    /// ```
    /// use lastword_hello::{Collector, Error, Limits};
    ///
    /// let limits = Limits::default().with_hello_len(1_000);
    /// let header = [22, 3, 1, 2, 0, 1, 0, 4, 0]; // announces a ClientHello of 4 + 1,024 bytes
    /// let refused = Collector::new(limits).receive(&mut &header[..]).unwrap_err();
    /// assert_eq!(refused.error, Error::TooLong { len: 1_028, limit: 1_000 });
    /// ```
    #[must_use]
    pub const fn with_hello_len(self, hello_len: u32) -> Self {
        Self { hello_len, ..self }
    }

    /// Sets the number of [`warning_alerts`](Self::warning_alerts).
    ///
    /// ```
    /// use lastword_hello::{Collector, Error, Limits};
    ///
    /// let limits = Limits::default().with_warning_alerts(0);
    /// let user_canceled = [21, 3, 3, 0, 2, 1, 90];
    /// let refused = Collector::new(limits).receive(&mut &user_canceled[..]).unwrap_err();
    /// assert_eq!(refused.error, Error::TooManyWarnings { limit: 0 });
    /// ```
    #[must_use]
    pub const fn with_warning_alerts(self, warning_alerts: u8) -> Self {
        Self {
            warning_alerts,
            ..self
        }
    }

    /// Returns how many bytes may be received until the ClientHello is complete.
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

/// The error of a [`Collector`](crate::Collector), with the bytes received.
///
/// ```
/// use lastword_hello::{CollectError, Collector, Limits};
///
/// let collector = Collector::new(Limits::default());
/// let CollectError { error, received, .. } = collector.receive(&mut &b"SSH-2.0"[..]).unwrap_err();
/// assert_eq!(error.to_string(), "client sent SSH instead of TLS");
/// assert_eq!(received, b"SSH-");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct CollectError {
    /// The reason.
    pub error: Error,
    /// Every byte that was taken, exactly as received.
    pub received: Vec<u8>,
}

/// The reason why a client's bytes are not a valid ClientHello.
///
/// ```
/// use lastword_alert::AlertDescription;
/// use lastword_hello::{Collector, Error, Limits};
/// use lastword_record::HandshakeType;
///
/// let finished = [22, 3, 3, 0, 4, 20, 0, 0, 0];
/// let refused = Collector::new(Limits::default()).receive(&mut &finished[..]).unwrap_err();
/// assert_eq!(refused.error, Error::UnexpectedHandshake(HandshakeType::FINISHED));
/// assert_eq!(refused.error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client does not speak TLS.
    #[error("client sent {0} instead of TLS")]
    NotTls(Guess),
    /// The client began with a record of a type that is not allowed.
    #[error("client sent an unexpected {0} record instead of a ClientHello")]
    UnexpectedRecord(ContentType),
    /// Another record is between two fragments of the ClientHello.
    #[error("client sent an unexpected {0} record within its ClientHello")]
    Interleaved(ContentType),
    /// A handshake record has no payload.
    #[error("client sent a handshake record without content")]
    EmptyRecord,
    /// A record is longer than 2^14 bytes.
    #[error(
        "client sent a record of {} bytes, and at most {} are allowed",
        .0.length, .0.limit.0
    )]
    RecordOverflow(RecordOverflow),
    /// The client began with another handshake message.
    #[error("client sent an unexpected {0} message instead of a ClientHello")]
    UnexpectedHandshake(HandshakeType),
    /// The ClientHello's last record continues with another message.
    #[error("client sent another message after its ClientHello in the same record")]
    NotAligned,
    /// The length in the ClientHello's header is greater than the limit.
    #[error("client sent a ClientHello of {len} bytes, and at most {limit} are allowed")]
    TooLong {
        /// The length in bytes that its header announces, including the header.
        len: u32,
        /// The limit in bytes: [`Limits::hello_len`](Limits::hello_len).
        limit: u32,
    },
    /// The ClientHello is in too many records: with record headers and alerts it is longer than the
    /// limit.
    #[error("client sent a ClientHello of more than {limit} bytes, record headers included")]
    RecordsTooLong {
        /// The limit in bytes: the sum of [`Limits::hello_len`](Limits::hello_len) and
        /// [`Limits::FRAMING_LEN`](Limits::FRAMING_LEN).
        limit: u32,
    },
    /// An alert record does not hold exactly one alert.
    #[error("client sent a malformed alert: {0}")]
    MalformedAlert(ParseError),
    /// The client ended the connection with an alert of any level.
    #[error("client sent the alert {0} before its ClientHello")]
    PeerAlert(Alert),
    /// The client sent too many alerts that do not end the connection.
    #[error("client sent more than {limit} warning alerts before its ClientHello")]
    TooManyWarnings {
        /// The limit: [`Limits::warning_alerts`](Limits::warning_alerts).
        limit: u8,
    },
    /// The ClientHello cannot be parsed.
    #[error("client sent a malformed ClientHello, {0}")]
    Malformed(Malformed),
}

impl Error {
    /// Returns the alert for the client; `None` if the client ended the connection with an alert,
    /// which is never answered (RFC 8446 section 6).
    ///
    /// ```
    /// use lastword_alert::Alert;
    /// use lastword_hello::CollectError;
    ///
    /// /// Returns the record to send to a client whose ClientHello was refused.
    /// fn answer(refused: &CollectError) -> Option<[u8; 7]> {
    ///     Some(Alert::new(refused.error.alert()?).to_record())
    /// }
    /// # use lastword_hello::{Collector, Limits};
    /// # let refused = Collector::new(Limits::default()).receive(&mut &b"SSH-2.0"[..]).unwrap_err();
    /// # assert_eq!(answer(&refused), Some([21, 3, 3, 0, 2, 2, 10]));
    /// ```
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
