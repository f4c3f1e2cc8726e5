//! The application's refusal of a client.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};

use lastword_alert::AlertDescription;

use crate::text::{Dump, Quoted, is_line};

/// A refusal of a client by the application: the alert for the client, and the reason for the log.
///
/// There are constructors for the usual alerts. For any other alert, use [`new`](Self::new).
///
/// Its `Display` is the reason, [quoted](Quoted) where it must be: see
/// [`without_quotes`](Self::without_quotes).
///
/// ```
/// use lastword_acceptor::{AlertDescription, Rejection};
///
/// let rejection = Rejection::access_denied("not on the list");
/// assert_eq!(rejection.alert(), AlertDescription::ACCESS_DENIED);
/// assert_eq!(rejection.reason().to_string(), "not on the list");
/// assert!(rejection.source().is_none());
/// ```
pub struct Rejection {
    alert: AlertDescription,
    why: Why,
    /// Whether a missing server name is the reason.
    wants_server_name: bool,
    /// Whether the reason quotes for itself what comes from outside.
    quotes_for_itself: bool,
}

/// Why a client is refused.
enum Why {
    Reason(Cow<'static, str>),
    Source(Box<dyn Error + Send + Sync>),
}

impl Rejection {
    /// Refuses with this alert. `reason` is a few words in lower case for the log. The client does
    /// not get it.
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Rejection};
    ///
    /// let rejection = Rejection::new(AlertDescription::INSUFFICIENT_SECURITY, "the suite is too weak");
    /// assert_eq!(rejection.to_string(), "the suite is too weak");
    /// ```
    #[must_use]
    pub fn new(alert: AlertDescription, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            alert,
            why: Why::Reason(reason.into()),
            wants_server_name: false,
            quotes_for_itself: false,
        }
    }

    /// Refuses because this server does not serve the server name (`unrecognized_name`, RFC 6066
    /// section 3).
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Rejection};
    ///
    /// let rejection = Rejection::unrecognized_name();
    /// assert_eq!(rejection.alert(), AlertDescription::UNRECOGNIZED_NAME);
    /// ```
    #[must_use]
    pub fn unrecognized_name() -> Self {
        Self::new(
            AlertDescription::UNRECOGNIZED_NAME,
            "no server by this name",
        )
    }

    /// Refuses because the client sent no server name (`missing_extension`, RFC 8446 section 9.2).
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Rejection};
    ///
    /// let rejection = Rejection::missing_server_name();
    /// assert_eq!(rejection.alert(), AlertDescription::MISSING_EXTENSION);
    /// ```
    #[must_use]
    pub fn missing_server_name() -> Self {
        let reason = "a server name is required and none came";
        Self {
            wants_server_name: true,
            ..Self::new(AlertDescription::MISSING_EXTENSION, reason)
        }
    }

    /// Refuses because this client may not connect (`access_denied`, RFC 8446 section 6.2).
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Rejection};
    ///
    /// let rejection = Rejection::access_denied(format!("tenant {} is locked", 7));
    /// assert_eq!(rejection.alert(), AlertDescription::ACCESS_DENIED);
    /// ```
    #[must_use]
    pub fn access_denied(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AlertDescription::ACCESS_DENIED, reason)
    }

    /// Refuses because the server shuts down or is overloaded (`user_canceled`, then `close_notify`,
    /// RFC 8446 section 6.1).
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Rejection};
    ///
    /// let rejection = Rejection::user_canceled("too many clients");
    /// assert_eq!(rejection.alert(), AlertDescription::USER_CANCELED);
    /// ```
    #[must_use]
    pub fn user_canceled(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AlertDescription::USER_CANCELED, reason)
    }

    /// Refuses because of a failure that is not related to this client (`general_error`, RFC 9846).
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Rejection};
    ///
    /// let rejection = Rejection::general_error("the database is not reachable");
    /// assert_eq!(rejection.alert(), AlertDescription::GENERAL_ERROR);
    /// ```
    #[must_use]
    pub fn general_error(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AlertDescription::GENERAL_ERROR, reason)
    }

    /// Refuses because the choice of a configuration failed (`internal_error`, RFC 8446 section 6.2).
    /// In a chooser, `?` on any error does the same.
    ///
    /// ```
    /// use std::fs;
    /// use lastword_acceptor::Rejection;
    ///
    /// /// Reads the certificate for a server name. `?` does the same as the constructor.
    /// fn load(name: &str) -> Result<Vec<u8>, Rejection> {
    ///     fs::read(format!("certificates/{name}.pem")).map_err(Rejection::internal_error)
    /// }
    /// # let rejection = load("none").unwrap_err();
    /// # assert_eq!(rejection.alert().0, 80);
    /// # assert!(rejection.source().is_some());
    /// ```
    #[must_use]
    pub fn internal_error(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            alert: AlertDescription::INTERNAL_ERROR,
            why: Why::Source(source.into()),
            wants_server_name: false,
            quotes_for_itself: false,
        }
    }

    /// Shows the reason in the log without quotes, if it is [fit for a line](is_line).
    ///
    /// This is for a reason that itself escapes and quotes what comes from outside. Text from outside
    /// without quotes could pass for another part of the line.
    ///
    /// ```
    /// use lastword_acceptor::Rejection;
    ///
    /// let reason = r#"no tenant "a\nb", and no other is asked for"#;
    /// let rejection = Rejection::access_denied(reason).without_quotes();
    /// assert_eq!(rejection.to_string(), reason);
    /// ```
    #[must_use]
    pub fn without_quotes(self) -> Self {
        Self {
            quotes_for_itself: true,
            ..self
        }
    }

    /// Refuses because the client sent an IP address instead of a server name (`unrecognized_name`,
    /// RFC 6066 section 3).
    pub(crate) fn ip_server_name() -> Self {
        let reason = "a server name is required and an IP address came";
        Self::new(AlertDescription::UNRECOGNIZED_NAME, reason)
    }

    /// Whether a missing server name is the reason.
    pub(crate) const fn wants_server_name(&self) -> bool {
        self.wants_server_name
    }

    /// Returns the alert for the client.
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        self.alert
    }

    /// Returns the reason for the log, as the application gave it.
    #[must_use]
    pub fn reason(&self) -> impl Display {
        Given(&self.why)
    }

    /// Returns the error that it was made from, if any. The reason is then the error's text.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.why {
            Why::Reason(_) => None,
            Why::Source(source) => Some(&**source),
        }
    }
}

/// A reason as it was given.
struct Given<'a>(&'a Why);

impl Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Why::Reason(reason) => reason.fmt(f),
            Why::Source(source) => source.fmt(f),
        }
    }
}

impl Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quotes_for_itself && is_line(self.reason()) {
            true => self.reason().fmt(f),
            false => Quoted(self.reason()).fmt(f),
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Rejection");
        shown.field("alert", &self.alert);
        if let Why::Reason(reason) = &self.why {
            shown.field("reason", &Dump(reason));
        }
        shown.field("source", &self.source().map(Dump)).finish()
    }
}

/// Converts any error into an [`internal_error`](Rejection::internal_error). For this, `Rejection`
/// itself does not implement `Error`.
impl<E: Error + Send + Sync + 'static> From<E> for Rejection {
    fn from(source: E) -> Self {
        Self::internal_error(source)
    }
}
