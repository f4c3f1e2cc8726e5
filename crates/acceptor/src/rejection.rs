//! How an application refuses a client.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use lastword_alert::AlertDescription;
use lastword_hello::ClientHello;

/// A refusal of the application's own: the alert the client is told, and the reason for the log.
///
/// The constructors are the usual ones. Any other alert goes with [`new`](Self::new).
#[derive(Debug)]
pub struct Rejection {
    alert: AlertDescription,
    reason: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The reason of [`Rejection::missing_server_name`].
const NO_SERVER_NAME: &str = "a server name is required and none came";

impl Rejection {
    /// Refuses with this alert, for this reason: a few words in lower case for the log, never
    /// told to the client.
    #[must_use]
    pub fn new(alert: AlertDescription, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            alert,
            reason: reason.into(),
            source: None,
        }
    }

    /// The server name is none of this server's (`unrecognized_name`, RFC 6066 section 3).
    #[must_use]
    pub fn unrecognized_name() -> Self {
        Self::new(
            AlertDescription::UNRECOGNIZED_NAME,
            "no server by this name",
        )
    }

    /// The client sent no server name and must (`missing_extension`, RFC 8446 section 9.2).
    #[must_use]
    pub fn missing_server_name() -> Self {
        Self::new(AlertDescription::MISSING_EXTENSION, NO_SERVER_NAME)
    }

    /// This client may not connect (`access_denied`, RFC 8446 section 6.2).
    #[must_use]
    pub fn access_denied(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AlertDescription::ACCESS_DENIED, reason)
    }

    /// The server shuts down or is overloaded (`user_canceled`, then `close_notify`, RFC 8446
    /// section 6.1).
    #[must_use]
    pub fn user_canceled(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AlertDescription::USER_CANCELED, reason)
    }

    /// A failure that has nothing to do with this client (`general_error`, RFC 9846).
    #[must_use]
    pub fn general_error(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AlertDescription::GENERAL_ERROR, reason)
    }

    /// The choice of a configuration itself failed (`internal_error`, RFC 8446 section 6.2). In a
    /// chooser, `?` on any error comes to this.
    #[must_use]
    pub fn internal_error(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        let reason = source.to_string();
        Self {
            source: Some(source),
            ..Self::new(AlertDescription::INTERNAL_ERROR, reason)
        }
    }

    /// The rejection for this client: one that wants a server name and was sent an IP address in its
    /// place says so.
    pub(crate) fn for_client(self, hello: &ClientHello<'_>) -> Self {
        match hello.server_name_ip() {
            // RFC 6066 3: a name that is not recognized -> unrecognized_name
            Some(_) if self.reason == NO_SERVER_NAME => Self::new(
                AlertDescription::UNRECOGNIZED_NAME,
                "a server name is required and an IP address came",
            ),
            _ => self,
        }
    }

    /// The alert the client is told.
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        self.alert
    }

    /// The reason for the log.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The error that it was made of, if it was: the reason is what that one says.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // one line of a log, whatever it was made of
        self.reason
            .split(char::is_control)
            .try_for_each(|part| f.write_str(part))
    }
}

/// Any error is an [`internal_error`](Rejection::internal_error). For its sake a `Rejection` is
/// none itself.
impl<E: Error + Send + Sync + 'static> From<E> for Rejection {
    fn from(source: E) -> Self {
        Self::internal_error(source)
    }
}
