//! An error and what the client is told of it: there is none without the other.

use std::error::Error as StdError;
use std::fmt;

use lastword_alert::{Alert, AlertDescription};

use crate::backend::config::Config;
use crate::error::Error;

/// A handshake that failed: why, and what the client must be told.
///
/// Every failure is decided when it is made: either there are bytes to send, which end in an
/// alert, or there is a reason for [silence](Self::silence). The bytes stay here until they are
/// written: write [`tls`](Self::tls), [`advance`](Self::advance) by what was written, until it is
/// empty; then flush, shut the write side and read what the client still sends before you close,
/// or the kernel's reset may overtake the alert. The io layers do all that.
///
/// It is an error and goes into `Box<dyn Error>` with `?`. It does not convert into
/// [`std::io::Error`] or [`rustls::Error`], for in those the alert would be lost:
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
#[must_use = "the client has not been told yet"]
pub struct ErrorAndAlert(Box<Parts>);

struct Parts {
    error: Error,
    decision: Decision,
    /// How many of the bytes to send have been written.
    written: usize,
}

/// What the client is told.
enum Decision {
    /// One alert of ours, in plaintext.
    Record {
        alert: AlertDescription,
        tls: [u8; Alert::RECORD_LEN],
    },
    /// What rustls queued, to its last byte, or more than one alert of ours.
    Queue {
        alert: AlertDescription,
        tls: Vec<u8>,
    },
    /// An answer in plaintext instead of an alert.
    Answer(Vec<u8>),
    Silent(Silence),
}

/// Why a client is told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Silence {
    /// It sent an alert itself. An alert is never answered (RFC 8446 section 6).
    PeerAlert,
    /// It closed the connection itself.
    PeerClosed,
    /// The stream to it failed.
    StreamFailed,
    /// It never sent a byte: there is no telling that it speaks TLS.
    NothingReceived,
    /// It does not speak TLS and is answered in its own protocol.
    Answered,
}

impl ErrorAndAlert {
    /// Decides for one alert, in plaintext. `user_canceled` is followed by a `close_notify`,
    /// as RFC 8446 section 6.1 has it.
    #[inline]
    pub(crate) fn send(error: Error, alert: AlertDescription) -> Self {
        if alert != AlertDescription::USER_CANCELED {
            let tls = Alert::new(alert).to_record();
            return Self::new(error, Decision::Record { alert, tls });
        }
        Self::cancel(error, Vec::new())
    }

    /// Decides for `user_canceled` and `close_notify` in plaintext, behind these bytes.
    pub(crate) fn cancel(error: Error, mut tls: Vec<u8>) -> Self {
        for alert in [
            AlertDescription::USER_CANCELED,
            AlertDescription::CLOSE_NOTIFY,
        ] {
            tls.extend(Alert::new(alert).to_record());
        }
        Self::queue(error, AlertDescription::USER_CANCELED, tls)
    }

    /// Decides for bytes that end in this alert.
    pub(crate) fn queue(error: Error, alert: AlertDescription, tls: Vec<u8>) -> Self {
        debug_assert!(!tls.is_empty());
        Self::new(error, Decision::Queue { alert, tls })
    }

    /// Decides for silence.
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

    /// The same decision with the configuration that was chosen, for the words of the error.
    pub(crate) fn with_server(mut self, server: &Config) -> Self {
        self.0.error.set_server(server);
        self
    }

    /// Why the handshake failed.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The alert that the client is told; `None` if it is told nothing, see
    /// [`silence`](Self::silence).
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        match self.0.decision {
            Decision::Record { alert, .. } | Decision::Queue { alert, .. } => Some(alert),
            Decision::Answer(_) | Decision::Silent(_) => None,
        }
    }

    /// Why the client is told nothing; `None` if it is told an [`alert`](Self::alert).
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        match self.0.decision {
            Decision::Silent(silence) => Some(silence),
            Decision::Answer(_) => Some(Silence::Answered),
            Decision::Record { .. } | Decision::Queue { .. } => None,
        }
    }

    /// What is still to be written: whole records at first, and empty once all is written or if
    /// there is silence to keep.
    #[must_use]
    pub fn tls(&self) -> &[u8] {
        let all = match &self.0.decision {
            Decision::Record { tls, .. } => &tls[..],
            Decision::Queue { tls, .. } | Decision::Answer(tls) => tls,
            Decision::Silent(_) => &[],
        };
        all.get(self.0.written..).unwrap_or_default()
    }

    /// Replaces the alert by these bytes, for a client that does not speak TLS: an answer in its own
    /// protocol. Nothing must have been written.
    pub fn with_answer(mut self, answer: Vec<u8>) -> Self {
        self.0.decision = Decision::Answer(answer);
        self
    }

    /// Notes that `n` bytes of [`tls`](Self::tls) have been written.
    pub fn advance(&mut self, n: usize) {
        self.0.written = self.0.written.saturating_add(n);
    }

    /// The error, and the bytes that are still to be written, which are now the caller's to
    /// deliver or to drop.
    #[must_use = "the client has not been told yet"]
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
