//! One alert: its two bytes, and the seven bytes of the record they travel in.

use lastword_record::{ContentType, Header, ProtocolVersion};

use crate::{description::AlertDescription, level::AlertLevel};

/// An alert: a level and a description (RFC 8446 section 6).
///
/// Make one with [`new`](Self::new), which gives it the level it must be sent with, and write
/// [`to_record`](Self::to_record). Read one with [`parse`](Self::parse).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// How grave it was in TLS 1.2. Means nothing in an alert received.
    pub level: AlertLevel,
    /// What it says.
    pub description: AlertDescription,
}

impl Alert {
    /// The length of an alert in bytes.
    pub const LEN: usize = 2;
    /// The length in bytes of the record that carries one alert in plaintext.
    pub const RECORD_LEN: usize = Header::LEN + Self::LEN;

    /// The alert with this description, at the level it must be sent with.
    #[must_use]
    #[inline]
    pub const fn new(description: AlertDescription) -> Self {
        Self {
            level: description.level(),
            description,
        }
    }

    /// The alert's two bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        [self.level.0, self.description.0]
    }

    /// The record that carries it in plaintext, whole: an alert is never split over records nor
    /// joined with another (RFC 8446 section 5.1).
    #[must_use]
    pub const fn to_record(self) -> [u8; Self::RECORD_LEN] {
        let header = Header {
            content_type: ContentType::ALERT,
            // RFC 8446 5.1: legacy_record_version is 0x0303 in all but an initial ClientHello
            version: ProtocolVersion::TLS_1_2,
            length: Self::LEN as u16,
        };
        let [content_type, major, minor, high, low] = header.to_bytes();
        let [level, description] = self.to_bytes();
        [content_type, major, minor, high, low, level, description]
    }

    /// The alert that the payload of an alert record holds.
    ///
    /// Any level and any description will do: both may be unknown.
    ///
    /// # Errors
    ///
    /// [`ParseError`] if the payload is not exactly two bytes long.
    pub const fn parse(payload: &[u8]) -> Result<Self, ParseError> {
        match *payload {
            [level, description] => Ok(Self {
                level: AlertLevel(level),
                description: AlertDescription(description),
            }),
            [] => Err(ParseError::Empty),
            _ => Err(ParseError::Length(payload.len())),
        }
    }

    /// Whether the sender thereby ended the connection, whatever level it gave the alert.
    ///
    /// RFC 8446 section 6: of all alerts, known or not, only `user_canceled` leaves the end to a
    /// `close_notify` that follows. TLS 1.2 had `no_renegotiation` besides.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(
            self.description,
            AlertDescription::USER_CANCELED | AlertDescription::NO_RENEGOTIATION
        )
    }
}

impl core::fmt::Display for Alert {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.description.name() {
            Some(name) => write!(f, "{name} ({})", self.description.0),
            None => write!(f, "{}", self.description.0),
        }
    }
}

/// Why the payload of an alert record is no alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// It has no byte at all.
    #[error("empty alert record")]
    Empty,
    /// It is not two bytes long but this many: cut, or joined with another.
    #[error("alert record of {0} bytes, not 2")]
    Length(usize),
}

impl ParseError {
    /// The alert it is answered with.
    #[must_use]
    pub const fn alert(self) -> AlertDescription {
        match self {
            // RFC 8446 5.1, 5.4: zero-length alert fragment -> unexpected_message
            Self::Empty => AlertDescription::UNEXPECTED_MESSAGE,
            // RFC 8446 6.2: incorrect length -> decode_error
            Self::Length(_) => AlertDescription::DECODE_ERROR,
        }
    }
}
