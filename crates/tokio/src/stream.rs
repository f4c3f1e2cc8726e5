//! The stream of a handshake that succeeded: what it has, and what it does when a record fails.

use std::fmt;
use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use lastword_io::Drain;
use lastword_io::step::Close;

use crate::acceptor::{Connection, EarlyData, RustlsError};
use crate::choose::Addresses;
use crate::polled::now;
use crate::socket::Find;
use crate::step::closing::Closing;
use crate::timer::Timer;

mod polling;

/// A TLS connection: read and write plaintext, then shut it down or [close](Self::close)
/// it.
///
/// It has the methods of tokio-rustls's stream and behaves like it: a write is not sent to its end
/// before a flush, `shutdown` sends `close_notify`, and an end of the stream without the client's
/// `close_notify` is [`UnexpectedEof`](ErrorKind::UnexpectedEof).
///
/// A record that fails makes reads return the plaintext that came before, and then
/// [`InvalidData`](ErrorKind::InvalidData) with rustls's error, as writes do. The first read that
/// returns it sends the alert and closes in order, within the bounds of [`Drain`]. That includes
/// what came right after the handshake.
///
/// Cancel safety: as tokio's own streams, a read or a write that is dropped loses nothing.
pub struct TlsStream<IO, T = ()> {
    io: IO,
    connection: Connection,
    socket: Find<IO>,
    drain: Drain,
    has_seen_eof: bool,
    has_sent_close: bool,
    failed: Option<Box<Failed>>,
    /// Of a write that waits: a read that fails takes its place at the stream.
    writer: Option<Waker>,
    value: T,
    addresses: Option<Box<Addresses>>,
    elapsed: Duration,
}

/// The error of the connection, and how far it is told.
struct Failed {
    error: RustlsError,
    /// `None` once the connection is closed in order.
    ending: Option<(Close, Timer)>,
}

impl<IO> TlsStream<IO> {
    /// A connection whose handshake has just ended.
    pub(crate) fn new(
        io: IO,
        mut connection: Connection,
        socket: Find<IO>,
        started: Instant,
        drain: Drain,
    ) -> Self {
        // it has processed all that it has, and returns the error that it found
        let error = connection.kept_error();
        let mut stream = Self {
            io,
            connection,
            socket,
            drain,
            has_seen_eof: false,
            has_sent_close: false,
            failed: None,
            writer: None,
            value: (),
            addresses: None,
            elapsed: now().saturating_duration_since(started),
        };
        if let Some(error) = error {
            stream.fail(error);
        }
        stream
    }

    /// The same connection with what the chooser returned, and the addresses that it has seen.
    pub(crate) fn with<T>(self, value: T, addresses: Option<Box<Addresses>>) -> TlsStream<IO, T> {
        let (mut stream, ()) = self.replace_value(value);
        stream.addresses = addresses;
        stream
    }
}

impl<IO, T> TlsStream<IO, T> {
    /// The stream below, and the connection: what was negotiated.
    #[must_use]
    pub fn get_ref(&self) -> (&IO, &Connection) {
        (&self.io, &self.connection)
    }

    /// The same, to set options. Reading or writing the stream below breaks the connection.
    pub fn get_mut(&mut self) -> (&mut IO, &mut Connection) {
        (&mut self.io, &mut self.connection)
    }

    /// The stream below, and the connection. What the connection still has to write is in it.
    #[must_use]
    pub fn into_inner(self) -> (IO, Connection) {
        (self.io, self.connection)
    }

    /// What the chooser returned with the configuration.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Takes out what the chooser returned with the configuration.
    #[must_use]
    pub fn into_value(self) -> (TlsStream<IO>, T) {
        self.replace_value(())
    }

    fn replace_value<U>(self, value: U) -> (TlsStream<IO, U>, T) {
        let stream = TlsStream {
            io: self.io,
            connection: self.connection,
            socket: self.socket,
            drain: self.drain,
            has_seen_eof: self.has_seen_eof,
            has_sent_close: self.has_sent_close,
            failed: self.failed,
            writer: self.writer,
            value,
            addresses: self.addresses,
            elapsed: self.elapsed,
        };
        (stream, self.value)
    }

    /// The addresses of the client and the server, if they are known: those that the chooser has seen.
    #[must_use]
    pub fn addresses(&self) -> Option<&Addresses> {
        self.addresses.as_deref()
    }

    /// How long the handshake took.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The early data that the client sent and the server accepted; `None` if it accepted none.
    ///
    /// The server accepts early data (0-RTT) only where `max_early_data_size` of its configuration
    /// says so. It is not in what the stream reads.
    ///
    /// # Security
    ///
    /// Early data can be replayed: who saw it can send it again, to this server or to another that
    /// shares its tickets (RFC 8446 section 8). Use it only for what may happen more than once.
    pub fn early_data(&mut self) -> Option<EarlyData<'_>> {
        self.connection.early_data()
    }

    /// Closes in order, within the limits of the acceptor's [`Drain`]: await what it returns.
    pub fn close(self) -> Closing<IO> {
        let drain = self.drain;
        self.close_within(drain)
    }

    /// Closes in order, within limits of your own: await what it returns.
    pub fn close_within(self, drain: Drain) -> Closing<IO> {
        let close = Close::new(self.connection, drain, now());
        Closing::new(self.io, self.socket, close)
    }

    fn fail(&mut self, error: RustlsError) {
        let close = Close::without_connection(self.drain, now());
        self.failed = Some(Box::new(Failed {
            error,
            ending: Some((close, Timer::default())),
        }));
        self.wake_writer();
    }

    fn wake_writer(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }

    /// Keeps who waits to write, to be woken if a read fails.
    fn writing<R>(&mut self, cx: &Context<'_>, poll: Poll<R>) -> Poll<R> {
        if poll.is_pending() {
            self.writer = Some(cx.waker().clone());
        }
        poll
    }

    /// The error of the connection. Writes return it at once: only reads wait for the close, since a
    /// stream has one waker for its reads.
    pub(crate) fn error(&self) -> Option<io::Error> {
        let failed = self.failed.as_ref()?;
        Some(invalid_data(failed.error.clone()))
    }
}

/// Nothing in it is pinned but the stream below.
impl<IO: Unpin, T> Unpin for TlsStream<IO, T> {}

fn invalid_data(error: RustlsError) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error.into_rustls())
}

impl<IO: fmt::Debug, T> fmt::Debug for TlsStream<IO, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("io", &self.io)
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
