//! An alert: its encoding as two bytes and as a record of seven bytes.

use lastword_record::{ContentType, Header, ProtocolVersion};

use crate::{description::AlertDescription, level::AlertLevel};

/// An alert: a level and a description (RFC 8446 section 6).
///
/// To send an alert, make it with [`new`](Self::new), which sets the required level, and write the
/// bytes of [`to_record`](Self::to_record). To read one, call [`parse`](Self::parse).
///
/// ```
/// use lastword_alert::{Alert, AlertDescription, AlertLevel};
///
/// let alert = Alert::new(AlertDescription::UNRECOGNIZED_NAME);
/// assert_eq!(alert.level, AlertLevel::FATAL);
/// assert_eq!(alert.to_string(), "unrecognized_name (112)");
/// assert_eq!(Alert::parse(&[2, 112]), Ok(alert));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// The level, a legacy of TLS 1.2. Ignore it in an alert that was received.
    pub level: AlertLevel,
    /// The description: what the alert means.
    pub description: AlertDescription,
}

impl Alert {
    /// The length of an alert in bytes.
    pub const LEN: usize = 2;
    /// The length in bytes of a plaintext record with one alert.
    pub const RECORD_LEN: usize = Header::LEN + Self::LEN;

    /// Makes an alert with this description and the level that it must be sent with.
    ///
    /// ```
    /// use lastword_alert::{Alert, AlertDescription, AlertLevel};
    ///
    /// assert_eq!(Alert::new(AlertDescription::CLOSE_NOTIFY).level, AlertLevel::WARNING);
    /// assert_eq!(Alert::new(AlertDescription::UNKNOWN_CA).level, AlertLevel::FATAL);
    /// ```
    #[must_use]
    #[inline]
    pub const fn new(description: AlertDescription) -> Self {
        Self {
            level: description.level(),
            description,
        }
    }

    /// Returns the alert as two bytes: the level and the description.
    ///
    /// ```
    /// use lastword_alert::{Alert, AlertDescription};
    ///
    /// assert_eq!(Alert::new(AlertDescription::UNKNOWN_CA).to_bytes(), [2, 48]);
    /// ```
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        [self.level.0, self.description.0]
    }

    /// Returns the alert as a complete record in plaintext.
    ///
    /// An alert is never split over records, and never shares a record with another alert (RFC 8446
    /// section 5.1).
    ///
    /// ```
    /// use std::io::Write;
    /// use lastword_alert::{Alert, AlertDescription};
    ///
    /// /// Refuses a client before its connection is encrypted.
    /// fn refuse(stream: &mut impl Write) -> std::io::Result<()> {
    ///     stream.write_all(&Alert::new(AlertDescription::HANDSHAKE_FAILURE).to_record())
    /// }
    ///
    /// let mut sent = Vec::new();
    /// refuse(&mut sent)?;
    /// assert_eq!(sent, [21, 3, 3, 0, 2, 2, 40]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
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

    /// Parses the payload of an alert record.
    ///
    /// Any level and any description are accepted, including unknown ones.
    ///
    /// ```
    /// use lastword_alert::{Alert, AlertDescription, ParseError};
    ///
    /// let alert = Alert::parse(&[2, 42])?;
    /// assert_eq!(alert.description, AlertDescription::BAD_CERTIFICATE);
    /// assert_eq!(Alert::parse(&[2, 42, 0]), Err(ParseError::Length(3)));
    /// # Ok::<(), ParseError>(())
    /// ```
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

    /// Returns whether the alert ends the connection. The level is ignored.
    ///
    /// All alerts do, including unknown ones, with two exceptions. After `user_canceled` a
    /// `close_notify` follows (RFC 8446 section 6.1). `no_renegotiation` is a warning of TLS 1.2 (RFC
    /// 5246 section 7.2.2).
    ///
    /// ```
    /// use lastword_alert::{Alert, AlertDescription};
    ///
    /// assert!(Alert::new(AlertDescription::CLOSE_NOTIFY).is_final());
    /// assert!(!Alert::new(AlertDescription::USER_CANCELED).is_final());
    /// ```
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

/// The error for the payload of an alert record that is not one alert.
///
/// ```
/// use lastword_alert::{Alert, AlertDescription, ParseError};
///
/// let error = Alert::parse(&[]).unwrap_err();
/// assert_eq!(error, ParseError::Empty);
/// assert_eq!(error.to_string(), "it is empty");
/// assert_eq!(error.alert(), AlertDescription::UNEXPECTED_MESSAGE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The payload is empty.
    #[error("it is empty")]
    Empty,
    /// The payload is one byte long or longer than two bytes. The field is its length in bytes.
    #[error("the length is {0} instead of 2 bytes")]
    Length(usize),
}

impl ParseError {
    /// Returns the alert to answer with.
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
