//! Details of a failed handshake, after the delivery of its alert.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::io::{self, ErrorKind as IoErrorKind};
use std::ops::Deref;
use std::time::Duration;

use lastword_acceptor::text::{self, Dump, Quoted, write_line};
use lastword_acceptor::{AlertDescription, Error, ErrorKind, Phase, Silence};

use crate::Delivery;
use crate::untold::Failed;

/// The longest words for an error of the system in bytes.
const SYSTEM: usize = 256;

/// A failed handshake, after its alert was delivered and the connection closed as far as possible: a
/// [`Report`], with the stream.
///
/// It converts into an [`io::Error`], like the report.
pub struct Failure<S> {
    report: Report,
    stream: S,
}

/// What there is to say of a handshake that failed.
///
/// Its `Display` is one line for a log: why, the alert, and what became of it. It is printable, of at
/// most 1,024 bytes, and what comes from outside in it is [quoted](Quoted). It converts into an
/// [`io::Error`] that holds rustls's error where there is one.
pub struct Report(Box<Inner>);

struct Inner {
    error: Error,
    alert: Option<AlertDescription>,
    silence: Option<Silence>,
    io: Option<io::Error>,
    delivery: Delivery,
    elapsed: Duration,
    unused: Vec<u8>,
}

impl Report {
    pub(crate) fn new(failed: Failed, delivery: Delivery, elapsed: Duration) -> Self {
        let Failed { error, io, unused } = failed;
        let (alert, silence) = (error.alert(), error.silence());
        let (error, _unwritten) = error.into_parts();
        Self(Box::new(Inner {
            error,
            alert,
            silence,
            io,
            delivery,
            elapsed,
            unused,
        }))
    }

    /// Why the handshake failed. It has the phase, the alert that the client sent if it sent one,
    /// and what is known of the client: its server name, application protocols and versions.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The alert that was to be sent; `None` if the client was to be told nothing.
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.0.alert
    }

    /// Why the client was told nothing; `None` if it was to be told an [`alert`](Self::alert).
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        self.0.silence
    }

    /// What became of the alert.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// How long the handshake took, the delivery not counted.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// The stream's error that ended the handshake, if it was that.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        self.0.io.as_ref()
    }

    /// Whether the client closed without sending a byte, as a port scan or a health check does: not
    /// worth a line in a log.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self.error().kind(), ErrorKind::Closed)
            && self.error().phase() == Phase::ClientHello
            && self.error().received_len() == 0
    }

    /// The error, and every byte that was read before the stream was drained and is of use to
    /// another protocol: see [`Error::received`].
    #[must_use]
    pub fn into_parts(self) -> (Error, Vec<u8>) {
        let mut received = self.0.error.received().into_owned();
        received.extend_from_slice(&self.0.unused);
        (self.0.error, received)
    }
}

impl<S> Failure<S> {
    /// A report and the stream that it is of.
    #[must_use]
    pub fn new(report: Report, stream: S) -> Self {
        Self { report, stream }
    }

    /// The stream. Its write side is shut if all was written and the stream can shut it.
    #[must_use]
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// The report and the stream, as [`into_stream`](Self::into_stream) returns it.
    #[must_use]
    pub fn into_parts(self) -> (Report, S) {
        (self.report, self.stream)
    }
}

impl<S> Deref for Failure<S> {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.report
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let io = self.io_error().map_or(Ok(String::new()), io_words)?;
        let alert = self.alert().map_or(String::new(), |alert| {
            format!("; alert {alert} ({}) {}", alert.0, self.delivery())
        });
        let most = text::LINE.saturating_sub(io.len() + alert.len());
        write!(f, "{:.most$}{io}{alert}", self.error())
    }
}

/// What a stream's error says, in brackets.
fn io_words(error: &io::Error) -> Result<String, fmt::Error> {
    let mut words = String::from(" (");
    match error.get_ref() {
        Some(outside) => write!(words, "{}", Quoted(outside))?,
        // words of the system, which have brackets of their own
        None => write_line(&mut words, SYSTEM, error)?,
    }
    words.push(')');
    Ok(words)
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("error", self.error())
            .field("alert", &self.alert())
            .field("silence", &self.silence())
            .field("delivery", &self.delivery())
            .field("elapsed", &self.elapsed())
            .field("io_error", &self.io_error().map(Dump))
            .finish_non_exhaustive()
    }
}

impl StdError for Report {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}

impl<S> fmt::Display for Failure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

impl<S> fmt::Debug for Failure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl<S> StdError for Failure<S> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.report.source()
    }
}

/// The stream's error if one ended the handshake, a reset too. Else one of the kind
/// [`InvalidData`](IoErrorKind::InvalidData), with rustls's error inside where there is one, as from
/// rustls itself; [`UnexpectedEof`](IoErrorKind::UnexpectedEof) for a client that closed, and
/// [`TimedOut`](IoErrorKind::TimedOut) for a timeout.
///
/// Where rustls's error holds text that is not [fit for a line](text::is_line), such as a verifier's,
/// the [`Error`] is inside instead, which shows it escaped and cut.
impl From<Report> for io::Error {
    fn from(report: Report) -> Self {
        let Inner { error, io, .. } = *report.0;
        if let Some(error) = io {
            return error;
        }
        match error.kind() {
            ErrorKind::Rustls(rustls) if text::is_line(rustls) => {
                Self::new(IoErrorKind::InvalidData, rustls.clone())
            }
            ErrorKind::Closed => Self::new(IoErrorKind::UnexpectedEof, error),
            ErrorKind::Expired => Self::new(IoErrorKind::TimedOut, error),
            _ => Self::new(IoErrorKind::InvalidData, error),
        }
    }
}

impl<S> From<Failure<S>> for io::Error {
    fn from(failure: Failure<S>) -> Self {
        failure.report.into()
    }
}
