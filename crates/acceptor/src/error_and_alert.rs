//! An error together with the alert for the client.

use std::error::Error as StdError;
use std::fmt;

use lastword_alert::{Alert, AlertDescription};

use crate::backend::config::Config;
use crate::error::{Error, ErrorKind};
use crate::negotiation;

/// A failed handshake: the error and the alert for the client.
///
/// There are either bytes to send, which end in an alert, or a reason for [silence](Self::silence).
/// Write the bytes of [`tls`](Self::tls), and call [`advance`](Self::advance) with the number of
/// bytes written, until none are left. Then flush, shut the write side and read what the client still
/// sends. Only then close, because otherwise the kernel's reset may overtake the alert. The io layers
/// do all this.
///
/// It is an error, and `?` converts it into `Box<dyn Error>`. It does not convert into
/// [`std::io::Error`] or [`rustls::Error`], because the alert would be lost:
///
/// ```compile_fail,E0277
/// # use lastword_acceptor::{Accepted, Config};
/// fn accept(accepted: Accepted, config: &Config) -> Result<(), std::io::Error> {
///     accepted.into_handshake(config)?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use lastword_acceptor::{Accepted, Config};
/// fn accept(accepted: Accepted, config: &Config) -> Result<(), rustls::Error> {
///     accepted.into_handshake(config)?;
///     Ok(())
/// }
/// ```
///
/// ```
/// # use lastword_acceptor::{Accepted, Config};
/// fn accept(accepted: Accepted, config: &Config) -> Result<(), Box<dyn std::error::Error>> {
///     accepted.into_handshake(config)?;
///     Ok(())
/// }
/// ```
#[must_use = "the client has not got its alert yet"]
pub struct ErrorAndAlert(Box<Parts>);

struct Parts {
    error: Error,
    decision: Decision,
    /// The number of bytes that have been written.
    written: usize,
}

/// What is sent to the client.
enum Decision {
    /// One alert of ours, in plaintext.
    Record {
        alert: AlertDescription,
        tls: [u8; Alert::RECORD_LEN],
    },
    /// All bytes that rustls queued, or more than one alert of ours.
    Queue {
        alert: AlertDescription,
        tls: Vec<u8>,
    },
    /// An answer in plaintext instead of an alert.
    Answer(Vec<u8>),
    Silent(Silence),
}

/// The reason why no alert is sent to a client.
///
/// ```
/// use lastword_acceptor::{End, Handshake, Silence};
///
/// let failed = Handshake::default().end(End::TimedOut);
/// assert_eq!(failed.silence(), Some(Silence::NothingReceived));
/// assert!(failed.alert().is_none() && failed.tls().is_empty());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Silence {
    /// The client sent an alert. An alert is never answered (RFC 8446 section 6).
    PeerAlert,
    /// The client closed the connection.
    PeerClosed,
    /// The stream failed, or the crypto provider cannot encrypt the alert.
    StreamFailed,
    /// The client sent no byte, so it may not speak TLS.
    NothingReceived,
    /// The client does not speak TLS and gets an answer in its own protocol.
    Answered,
}

impl ErrorAndAlert {
    /// Sends one alert in plaintext. `user_canceled` is followed by `close_notify` (RFC 8446 section
    /// 6.1).
    #[inline]
    pub(crate) fn send(error: Error, alert: AlertDescription) -> Self {
        if alert != AlertDescription::USER_CANCELED {
            let tls = Alert::new(alert).to_record();
            return Self::new(error, Decision::Record { alert, tls });
        }
        Self::cancel(error, Vec::new())
    }

    /// Sends `user_canceled` and `close_notify` in plaintext, after these bytes.
    pub(crate) fn cancel(error: Error, mut tls: Vec<u8>) -> Self {
        for alert in [
            AlertDescription::USER_CANCELED,
            AlertDescription::CLOSE_NOTIFY,
        ] {
            tls.extend(Alert::new(alert).to_record());
        }
        Self::queue(error, AlertDescription::USER_CANCELED, tls)
    }

    /// Sends bytes that end in this alert. There are none if the alert cannot be encrypted.
    pub(crate) fn queue(error: Error, alert: AlertDescription, tls: Vec<u8>) -> Self {
        match tls.is_empty() {
            true => Self::silent(error, Silence::StreamFailed),
            false => Self::new(error, Decision::Queue { alert, tls }),
        }
    }

    /// Sends nothing.
    pub(crate) fn silent(error: Error, silence: Silence) -> Self {
        Self::new(error, Decision::Silent(silence))
    }

    #[inline]
    fn new(error: Error, decision: Decision) -> Self {
        Self(Box::new(Parts {
            error,
            decision,
            written: 0,
        }))
    }

    /// Adds the chosen configuration, for the text of the error.
    pub(crate) fn with_server(mut self, server: &Config) -> Self {
        self.0.error.set_server(server);
        self
    }

    /// Adds rustls's error, if a check that rustls makes too refused the ClientHello.
    #[inline]
    pub(crate) fn with_reason(mut self) -> Self {
        if let ErrorKind::NoGroupInCommon | ErrorKind::Incompatible = self.0.error.kind() {
            if let Some(reason) = negotiation::reason(&self.0.error) {
                self.0.error.set_rustls(reason);
            }
        }
        self
    }

    /// Returns why the handshake failed.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Returns the alert for the client; `None` if no alert is sent, see [`silence`](Self::silence).
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        match self.0.decision {
            Decision::Record { alert, .. } | Decision::Queue { alert, .. } => Some(alert),
            Decision::Answer(_) | Decision::Silent(_) => None,
        }
    }

    /// Returns why no alert is sent; `None` if an [`alert`](Self::alert) is sent.
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        match self.0.decision {
            Decision::Silent(silence) => Some(silence),
            Decision::Answer(_) => Some(Silence::Answered),
            Decision::Record { .. } | Decision::Queue { .. } => None,
        }
    }

    /// Returns the bytes that are still to be written. Before the first [`advance`](Self::advance)
    /// these are complete records. It is empty once all is written or if nothing is to be sent.
    ///
    /// ```
    /// use std::io::{ErrorKind, Result, Write};
    /// use lastword_acceptor::ErrorAndAlert;
    ///
    /// /// Writes all that the client is still to get.
    /// fn deliver(failed: &mut ErrorAndAlert, stream: &mut impl Write) -> Result<()> {
    ///     while !failed.tls().is_empty() {
    ///         match stream.write(failed.tls())? {
    ///             0 => return Err(ErrorKind::WriteZero.into()),
    ///             n => failed.advance(n),
    ///         }
    ///     }
    ///     stream.flush()
    /// }
    /// # let mut failed = lastword_acceptor::Handshake::default().receive(&mut &b"SSH-"[..]).unwrap_err();
    /// # let mut sent = Vec::new();
    /// # deliver(&mut failed, &mut sent).unwrap();
    /// # assert_eq!(sent, [21, 3, 3, 0, 2, 2, 10]);
    /// ```
    #[must_use]
    pub fn tls(&self) -> &[u8] {
        let all = match &self.0.decision {
            Decision::Record { tls, .. } => &tls[..],
            Decision::Queue { tls, .. } | Decision::Answer(tls) => tls,
            Decision::Silent(_) => &[],
        };
        all.get(self.0.written..).unwrap_or_default()
    }

    /// Replaces the alert by these bytes, for example an HTTP response to a client that does not
    /// speak TLS. Call it before anything is written.
    ///
    /// ```
    /// use lastword_acceptor::{ErrorAndAlert, ErrorKind, Guess, hello::Error};
    ///
    /// /// Answers HTTP clients in HTTP.
    /// fn answer(failed: ErrorAndAlert) -> ErrorAndAlert {
    ///     match failed.error().kind() {
    ///         ErrorKind::Hello(Error::NotTls(Guess::Http(_))) => {
    ///             failed.with_answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec())
    ///         }
    ///         _ => failed,
    ///     }
    /// }
    /// # let failed = lastword_acceptor::Handshake::default().receive(&mut &b"GET / HTTP"[..]);
    /// # assert!(answer(failed.unwrap_err()).tls().starts_with(b"HTTP/1.1 400"));
    /// ```
    pub fn with_answer(mut self, answer: Vec<u8>) -> Self {
        self.0.decision = Decision::Answer(answer);
        self
    }

    /// Removes the first `n` bytes of [`tls`](Self::tls), after they are written.
    ///
    /// ```
    /// use lastword_acceptor::Handshake;
    ///
    /// let mut failed = Handshake::default().receive(&mut &b"SSH-2.0"[..]).unwrap_err();
    /// failed.advance(5); // the stream took 5 of 7 bytes
    /// assert_eq!(failed.tls(), [2, 10]);
    /// ```
    pub fn advance(&mut self, n: usize) {
        self.0.written = self.0.written.saturating_add(n);
    }

    /// Returns the error, and the bytes that are still to be written.
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Handshake};
    ///
    /// let failed = Handshake::default().receive(&mut &b"SSH-2.0"[..]).unwrap_err();
    /// assert_eq!(failed.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
    /// let (error, tls) = failed.into_parts();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"client sent SSH instead of TLS, first bytes 53 53 48 2d "SSH-""#,
    /// );
    /// assert_eq!(tls, [21, 3, 3, 0, 2, 2, 10]); // to be written
    /// ```
    #[must_use = "the client has not got its alert yet"]
    pub fn into_parts(self) -> (Error, Vec<u8>) {
        let unwritten = self.tls().to_vec();
        (self.0.error, unwritten)
    }
}

impl fmt::Display for ErrorAndAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl fmt::Debug for ErrorAndAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorAndAlert")
            .field("error", self.error())
            .field("alert", &self.alert())
            .field("silence", &self.silence())
            .field("unwritten", &self.tls().len())
            .finish()
    }
}

impl StdError for ErrorAndAlert {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}
