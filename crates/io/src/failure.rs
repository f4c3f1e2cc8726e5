//! What there is to say of a handshake that failed, once the client has been told.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind as IoErrorKind};
use std::time::Duration;

use lastword_acceptor::{AlertDescription, Error, ErrorAndAlert, ErrorKind, Silence};

use crate::Delivery;

/// A handshake that failed, the client told and the connection closed as far as it could be.
///
/// Its `Display` is one line for a log: why, the alert, and what became of it.
/// It converts into an [`io::Error`] that holds rustls's error where there is one.
pub struct Failure<S> {
    report: Box<Report>,
    stream: S,
}

struct Report {
    error: Error,
    alert: Option<AlertDescription>,
    silence: Option<Silence>,
    io: Option<io::Error>,
    delivery: Delivery,
    elapsed: Duration,
    unused: Vec<u8>,
}

impl<S> Failure<S> {
    pub(crate) fn new(
        error: ErrorAndAlert,
        io: Option<io::Error>,
        delivery: Delivery,
        elapsed: Duration,
        stream: S,
        unused: Vec<u8>,
    ) -> Self {
        let (alert, silence) = (error.alert(), error.silence());
        let (error, _unwritten) = error.into_parts();
        let report = Report {
            error,
            alert,
            silence,
            io,
            delivery,
            elapsed,
            unused,
        };
        Self {
            report: Box::new(report),
            stream,
        }
    }

    /// Why the handshake failed. It has the phase, the alert that the client sent if it sent one,
    /// and what is known of the client: its server name, application protocols and versions.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.report.error
    }

    /// The alert that was to be sent; `None` if the client was to be told nothing.
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.report.alert
    }

    /// Why the client was told nothing; `None` if it was to be told an [`alert`](Self::alert).
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        self.report.silence
    }

    /// What became of the alert.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.report.delivery
    }

    /// How long the handshake took, the delivery not counted.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.report.elapsed
    }

    /// The stream's error that ended the handshake, if it was that.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        self.report.io.as_ref()
    }

    /// Whether the client closed without sending a byte, as a port scan or a health check does: not
    /// worth a line in a log.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self.error().kind(), ErrorKind::Closed)
            && self.error().received().is_empty()
            && self.error().server_name().is_none()
    }

    /// The stream, its write side shut.
    #[must_use]
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// The error, the stream, and every byte that was read before it was drained and is of use to
    /// another protocol: see [`Error::received`].
    #[must_use]
    pub fn into_parts(self) -> (Error, S, Vec<u8>) {
        let mut received = self.report.error.received().to_vec();
        received.extend_from_slice(&self.report.unused);
        (self.report.error, self.stream, received)
    }
}

impl<S> fmt::Display for Failure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)?;
        if let Some(error) = self.io_error() {
            write!(f, " ({error})")?;
        }
        match self.alert() {
            Some(alert) => write!(f, "; alert {alert} ({}) {}", alert.0, self.delivery()),
            None => Ok(()),
        }
    }
}

impl<S> fmt::Debug for Failure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("error", self.error())
            .field("alert", &self.alert())
            .field("silence", &self.silence())
            .field("delivery", &self.delivery())
            .field("elapsed", &self.elapsed())
            .field("io_error", &self.io_error())
            .finish_non_exhaustive()
    }
}

impl<S> StdError for Failure<S> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}

/// Of the kind [`InvalidData`](IoErrorKind::InvalidData), and with rustls's error inside where
/// there is one, as from rustls itself; [`UnexpectedEof`](IoErrorKind::UnexpectedEof) for a client
/// that closed and [`TimedOut`](IoErrorKind::TimedOut) for a deadline that passed.
impl<S> From<Failure<S>> for io::Error {
    fn from(failure: Failure<S>) -> Self {
        let Report { error, io, .. } = *failure.report;
        if let Some(error) = io {
            return error;
        }
        match error.kind() {
            ErrorKind::Rustls(rustls) => Self::new(IoErrorKind::InvalidData, rustls.clone()),
            ErrorKind::Closed => Self::new(IoErrorKind::UnexpectedEof, error),
            ErrorKind::Expired => Self::new(IoErrorKind::TimedOut, error),
            _ => Self::new(IoErrorKind::InvalidData, error),
        }
    }
}
