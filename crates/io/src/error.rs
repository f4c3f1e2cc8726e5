//! The error of a failed handshake, and what became of its alert.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::io::{self, ErrorKind as IoErrorKind};
use std::panic::resume_unwind;
use std::time::Duration;

use lastword_acceptor::text::{self, Dump, Quoted, write_line};
use lastword_acceptor::{
    AlertDescription, CloseKind, Error, ErrorAndAlert, ErrorKind, Phase, Reason, Silence,
};

use crate::delivery::Delivery;

/// The longest text of a system error, in bytes.
const SYSTEM: usize = 256;

/// A handshake that has failed, before its alert is delivered.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: ErrorAndAlert,
    /// The error of the stream that ended the handshake, if one did.
    pub(crate) io: Option<io::Error>,
    /// What was read after the bytes that show the error.
    pub(crate) unused: Vec<u8>,
}

/// A failed handshake, after the delivery of its alert.
///
/// Its `Display` is one line for a log. It says why the handshake failed, which alert was sent or
/// received, and whether the alert was delivered. It has the client's certificate if that is known,
/// the server name, and how long the handshake took in milliseconds. The line is printable and has
/// at most 1,024 bytes. Text from outside in it is [quoted](Quoted).
///
/// ```text
/// no protocol version in common: client offers TLS 1.2 or older, server has TLS 1.3; alert protocol_version (70) sent, delivered; name localhost; 0.31 ms
/// ```
///
/// It converts into an [`io::Error`] with the same text, for example by `?`. rustls's error, if there
/// is one, is among the [sources](StdError::source) of both.
///
/// ```no_run
/// use std::net::TcpStream;
/// use lastword_io::{AcceptError, TlsAcceptor};
///
/// fn serve(acceptor: &TlsAcceptor, stream: TcpStream) {
///     match acceptor.accept(stream) {
///         Ok(_stream) => { /* read and write */ }
///         Err(error) if error.is_probe() => {} // a port scan or a health check
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// ```
///
/// Its methods return these facts one by one:
///
/// ```
/// use std::io::Cursor;
/// use lastword_io::acceptor::{AlertDescription, Config, Phase, Reason, Rejection};
/// use lastword_io::{Delivery, Plain, TlsAcceptor};
///
/// let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
/// let client = Plain(Cursor::new(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
/// let error = acceptor.accept(client).unwrap_err();
/// assert_eq!(error.reason(), Reason::NotTls);
/// assert_eq!(error.phase(), Phase::ClientHello);
/// assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
/// assert_eq!(error.silence(), None); // there was an alert to send
/// assert_eq!(error.delivery(), Delivery::Written);
/// assert_eq!(error.server_name(), None);
/// assert!(error.io_error().is_none());
/// println!("{:?} after {:?}", error.kind(), error.elapsed());
/// ```
pub struct AcceptError<S = ()> {
    inner: Box<Inner>,
    stream: S,
}

struct Inner {
    error: Error,
    alert: Option<AlertDescription>,
    silence: Option<Silence>,
    io: Option<io::Error>,
    delivery: Delivery,
    elapsed: Duration,
    unused: Vec<u8>,
}

impl AcceptError {
    pub(crate) fn new(failed: Failed, delivery: Delivery, elapsed: Duration) -> Self {
        let Failed { error, io, unused } = failed;
        let (alert, silence) = (error.alert(), error.silence());
        let (error, _unwritten) = error.into_parts();
        let inner = Box::new(Inner {
            error,
            alert,
            silence,
            io,
            delivery,
            elapsed,
            unused,
        });
        let stream = ();
        Self { inner, stream }
    }
}

impl<S> AcceptError<S> {
    /// Returns why the handshake failed, and what is known of the client: its server name,
    /// application protocols and versions, and the alert that it sent, if it sent one.
    ///
    /// ```no_run
    /// # use lastword_io::TlsAcceptor;
    /// # fn serve(acceptor: &TlsAcceptor, tcp: std::net::TcpStream) {
    /// if let Err(error) = acceptor.accept(tcp) {
    ///     if let Some(alert) = error.error().peer_alert() {
    ///         eprintln!("the client sent {}", alert.description);
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.inner.error
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        self.error().kind()
    }

    /// Returns how far the handshake had come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.error().phase()
    }

    /// Returns the reason of the failure, for example for the label of a metric.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.error().reason()
    }

    /// Returns the server name that the client asked for; `None` if it is not known.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.error().server_name()
    }

    /// Returns the alert for the client; `None` if there was nothing to send, see
    /// [`silence`](Self::silence).
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.inner.alert
    }

    /// Returns why no alert was sent; `None` if there was an [`alert`](Self::alert) to send.
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        self.inner.silence
    }

    /// Returns what became of the alert.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.inner.delivery
    }

    /// Returns how long the handshake took, without the delivery of the alert.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.inner.elapsed
    }

    /// Returns the I/O error that ended the handshake, if one did.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        self.inner.io.as_ref()
    }

    /// Returns whether the client closed without sending a byte, as a port scan or a health check
    /// does. Such a probe need not be logged.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use lastword_io::{Plain, TlsAcceptor, acceptor::{Config, Rejection}};
    /// # let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
    /// let client = Plain(Cursor::new(Vec::new())); // it closes without a byte
    /// assert!(acceptor.accept(client).unwrap_err().is_probe());
    /// ```
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.error().is_probe() && self.inner.unused.is_empty()
    }

    /// Returns the words for the alert, its direction and its delivery.
    fn alert_words(&self) -> String {
        let delivery = self.delivery();
        match (self.alert(), self.silence(), self.error().peer_alert()) {
            (Some(alert), ..) => {
                let sent = match delivery {
                    Delivery::TimedOut | Delivery::Failed => "",
                    _ => " sent",
                };
                let instead = match self.error().required_alert() {
                    Some(required) => format!(" instead of {}", named(required)),
                    None => String::new(),
                };
                let comma = if sent.is_empty() && instead.is_empty() {
                    ""
                } else {
                    ","
                };
                let alert = named(alert);
                format!("; alert {alert}{sent}{instead}{comma} {delivery}")
            }
            (None, Some(Silence::Answered), _) => format!("; answered in plaintext, {delivery}"),
            (None, _, Some(alert)) => {
                format!("; alert {} received", named(alert.description))
            }
            (None, ..) => match self.kind() {
                ErrorKind::Closed(CloseKind::CloseNotify) => {
                    let alert = named(AlertDescription::CLOSE_NOTIFY);
                    format!("; alert {alert} received")
                }
                _ => "; no alert sent".into(),
            },
        }
    }

    /// Resumes the panic that ended the handshake, if a chooser or other code of the application
    /// panicked. If there was no panic or it was resumed before, this does nothing.
    ///
    /// [`TlsAcceptor::accept`](crate::TlsAcceptor::accept) calls it. After
    /// [`Undelivered::deliver`](crate::Undelivered::deliver) or a handshake that you step, call it
    /// yourself if the thread should panic.
    ///
    /// # Panics
    ///
    /// If a panic ended the handshake, with its payload. The panic hook does not run again.
    ///
    /// ```no_run
    /// # use lastword_io::TlsAcceptor;
    /// # fn serve(acceptor: &TlsAcceptor, stream: std::net::TcpStream) {
    /// match acceptor.accept_undelivered(stream) {
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(undelivered) => undelivered.deliver().resume_panic(),
    /// }
    /// # }
    /// ```
    pub fn resume_panic(&self) {
        if let ErrorKind::Panicked(panic) = self.kind() {
            if let Some(payload) = panic.take_payload() {
                resume_unwind(payload);
            }
        }
    }

    /// Returns the stream. Its write side is shut, if all was written and the stream has a write
    /// side to shut.
    ///
    /// ```no_run
    /// # use lastword_io::TlsAcceptor;
    /// # fn serve(acceptor: &TlsAcceptor, tcp: std::net::TcpStream) -> std::io::Result<()> {
    /// if let Err(error) = acceptor.accept(tcp) {
    ///     eprintln!("{error}");
    ///     let tcp = error.into_stream();
    ///     eprintln!("closed {}", tcp.peer_addr()?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// Returns the error, the stream, and every byte that was read before the drain and is of use to
    /// another protocol: see [`Error::received`].
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use lastword_io::{Plain, TlsAcceptor, acceptor::{Config, Rejection}};
    /// # let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
    /// # let client = Plain(Cursor::new(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
    /// let (error, _stream, received) = acceptor.accept(client).unwrap_err().into_parts();
    /// println!("{error}, after {} bytes", received.len());
    /// assert!(received.starts_with(b"SSH-"));
    /// ```
    #[must_use]
    pub fn into_parts(self) -> (Error, S, Vec<u8>) {
        let mut received = self.inner.error.received().into_owned();
        received.extend_from_slice(&self.inner.unused);
        (self.inner.error, self.stream, received)
    }

    /// Separates the stream from the error, for example to log the error on another thread.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use std::sync::mpsc::Sender;
    /// # use lastword_io::{AcceptError, TlsAcceptor};
    /// # fn serve(acceptor: &TlsAcceptor, tcp: TcpStream, log: &Sender<AcceptError>) {
    /// if let Err(error) = acceptor.accept(tcp) {
    ///     let (error, _tcp) = error.split_stream();
    ///     log.send(error).expect("the log is running");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn split_stream(self) -> (AcceptError, S) {
        let Self { inner, stream } = self;
        (AcceptError { inner, stream: () }, stream)
    }

    /// Replaces the stream by this one.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::AcceptError;
    /// /// Keeps the client's address instead of its stream.
    /// fn named(error: AcceptError<TcpStream>, client: &str) -> AcceptError<String> {
    ///     error.with_stream(client.to_owned())
    /// }
    /// ```
    #[must_use]
    pub fn with_stream<T>(self, stream: T) -> AcceptError<T> {
        let inner = self.inner;
        AcceptError { inner, stream }
    }
}

/// Writes one line: the reason; the alert, its direction and its delivery; what is known of the client;
/// how long it took.
impl<S> fmt::Display for AcceptError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.error();
        let io = self.io_error().map_or(Ok(String::new()), io_words)?;
        let alert = self.alert_words();
        let name = match (error.kind(), self.server_name()) {
            // the reason has it
            (ErrorKind::Rejected(_) | ErrorKind::PassedThrough | ErrorKind::NoCertificate, _)
            | (_, None) => String::new(),
            (_, Some(name)) => format!("; name {name}"),
        };
        let time = format!("; {} ms", milliseconds(self.elapsed()));
        let left = text::LINE - (io.len() + alert.len() + name.len() + time.len());
        let mut certificate = String::new();
        if let Some(known) = error.client_certificate() {
            let words = format!("; client certificate {known}");
            write_line(&mut certificate, left / 2, words)?;
        }
        let most = left - certificate.len();
        let mut line = String::new();
        let summary = error.summary();
        write!(line, "{summary:.most$}{io}{alert}{certificate}{name}{time}")?;
        // in one piece: stderr has no buffer, so each piece is a system call
        f.write_str(&line)
    }
}

/// Returns the name of an alert and its number, or only the number.
fn named(alert: AlertDescription) -> String {
    match alert.name() {
        Some(name) => format!("{name} ({})", alert.0),
        None => alert.0.to_string(),
    }
}

/// Converts a duration into milliseconds with at most two decimals.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

/// Returns the text of an I/O error, in brackets.
fn io_words(error: &io::Error) -> Result<String, fmt::Error> {
    let mut words = String::from(" (");
    match error.get_ref() {
        Some(outside) => write!(words, "{}", Quoted(outside))?,
        // the system's text, which has its own brackets
        None => write_line(&mut words, SYSTEM, error)?,
    }
    words.push(')');
    Ok(words)
}

impl<S> fmt::Debug for AcceptError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptError")
            .field("error", self.error())
            .field("alert", &self.alert())
            .field("silence", &self.silence())
            .field("delivery", &self.delivery())
            .field("elapsed", &self.elapsed())
            .field("io_error", &self.io_error().map(Dump))
            .finish_non_exhaustive()
    }
}

/// The source is rustls's error if there is one, or else the I/O error that ended the handshake. Its
/// text is part of the line, so do not log both.
impl<S> StdError for AcceptError<S> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let io = || Some(self.io_error()? as &(dyn StdError + 'static));
        self.error().source().or_else(io)
    }
}

/// Converts into an I/O error that holds the [`AcceptError`], and has the same text and source.
///
/// The kind is that of the I/O error that ended the handshake, if there is one. Otherwise it is
/// [`UnexpectedEof`](IoErrorKind::UnexpectedEof) if the client closed,
/// [`TimedOut`](IoErrorKind::TimedOut) after a timeout, and
/// [`InvalidData`](IoErrorKind::InvalidData) in all other cases. The stream is dropped.
///
/// ```
/// use std::error::Error;
///
/// /// Finds rustls's error, also in an error that a web server returns.
/// fn rustls_error<'a>(mut error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
///     loop {
///         match error.downcast_ref() {
///             Some(found) => return Some(found),
///             None => error = error.source()?,
///         }
///     }
/// }
/// ```
impl<S> From<AcceptError<S>> for io::Error {
    fn from(error: AcceptError<S>) -> Self {
        let (error, _stream) = error.split_stream();
        let kind = match (error.io_error(), error.kind()) {
            (Some(io), _) => io.kind(),
            (None, ErrorKind::Closed(_)) => IoErrorKind::UnexpectedEof,
            (None, ErrorKind::TimedOut) => IoErrorKind::TimedOut,
            (None, _) => IoErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
