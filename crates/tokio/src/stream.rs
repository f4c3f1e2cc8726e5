//! The stream of an established TLS connection.

use std::fmt;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use lastword_io::Drain;
use lastword_io::step::Close;

use crate::acceptor::{Connection, ConnectionError, EarlyData, HandshakeInfo};
use crate::choose::Addresses;
use crate::polled::now;
use crate::socket::Find;
use crate::step::closing::Closing;
use crate::timer::Timer;

mod polling;
mod waiting;

use waiting::Waiting;

/// A TLS connection. Read and write plaintext, then shut it down or [close](Self::close) it.
///
/// It has the methods of tokio-rustls's stream and behaves like it. A write may be buffered until a
/// flush. `shutdown` sends `close_notify`. If the client closes without `close_notify`, a read fails
/// with [`UnexpectedEof`](ErrorKind::UnexpectedEof).
///
/// Shut the stream down after the last write, or [close](Self::close) it. If it is dropped before,
/// what is buffered is lost and no `close_notify` is sent. Then the client cannot know that the
/// data is complete (RFC 8446 section 6.1). If the stream is dropped with unread input, the system
/// resets the connection. Only [`close`](Self::close) prevents that.
///
/// If a record fails, reads return the plaintext before it, and then an error of the kind
/// [`InvalidData`](ErrorKind::InvalidData) with a [`ConnectionError`] inside. Its
/// [`source`](std::error::Error::source) is rustls's error. Writes return this error too. The first
/// read that returns it sends the alert and closes in order, within the limits of [`Drain`]. This
/// includes a record right after the handshake.
///
/// A read also sends what rustls queues while it reads, for example the answer to a KeyUpdate. The
/// read does not wait for that. If the stream can take it only later, the task that reads is woken
/// then.
///
/// ```no_run
/// use lastword_tokio::TlsStream;
/// use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
/// use tokio::net::TcpStream;
///
/// async fn greet(mut stream: TlsStream<TcpStream>) -> std::io::Result<()> {
///     let mut name = String::new();
///     stream.read_line(&mut name).await?;
///     stream.write_all(format!("hello {name}").as_bytes()).await?;
///     let (delivery, _tcp) = stream.close().await; // sends what is buffered first
///     println!("greeting {delivery}");
///     Ok(())
/// }
/// ```
///
/// Its methods return the details of the connection and the handshake:
///
/// ```no_run
/// # use lastword_tokio::TlsStream;
/// # use tokio::net::TcpStream;
/// fn log(stream: &TlsStream<TcpStream, &'static str>) {
///     let (_tcp, connection) = stream.get_ref();
///     println!(
///         "{:?} for {}: {:?} after {:?}",
///         stream.addresses(), stream.value(), connection.protocol_version(), stream.elapsed(),
///     );
/// }
/// ```
///
/// # Cancel safety
///
/// As with tokio's own streams, a single read or write is cancel safe.
pub struct TlsStream<IO, T = ()> {
    io: IO,
    connection: Connection,
    socket: Find<IO>,
    drain: Drain,
    /// Whether nothing more is read: the stream below has ended, or the connection has failed.
    is_read: bool,
    failed: Option<Box<Failed>>,
    /// Whether what a read wrote is still to be flushed.
    is_flush_due: bool,
    waiting: Waiting,
    value: T,
    addresses: Option<Box<Addresses>>,
    elapsed: Duration,
}

/// The error of the connection, and the close after it.
struct Failed {
    error: ConnectionError,
    ending: Ending,
}

/// The orderly close after the error of the connection.
#[derive(Default)]
enum Ending {
    /// No read has returned the error yet. The limits of the close begin with the first that would.
    #[default]
    Due,
    Closing(Close, Timer),
    Closed,
}

impl<IO> TlsStream<IO> {
    /// Creates the stream of a connection whose handshake has just ended.
    pub(crate) fn new(
        io: IO,
        mut connection: Connection,
        socket: Find<IO>,
        started: Instant,
        drain: Drain,
    ) -> Self {
        // all input is processed: an error after the handshake is known already
        let error = connection.kept_error();
        let mut stream = Self {
            io,
            connection,
            socket,
            drain,
            is_read: false,
            failed: None,
            is_flush_due: false,
            waiting: Waiting::default(),
            value: (),
            addresses: None,
            elapsed: now().saturating_duration_since(started),
        };
        if let Some(error) = error {
            stream.fail(error);
        }
        stream
    }

    /// Sets the chooser's value and the addresses.
    pub(crate) fn with<T>(self, value: T, addresses: Option<Box<Addresses>>) -> TlsStream<IO, T> {
        let (mut stream, ()) = self.replace_value(value);
        stream.addresses = addresses;
        stream
    }
}

impl<IO, T> TlsStream<IO, T> {
    /// Returns the stream below and the connection, which knows what was negotiated.
    #[must_use]
    pub fn get_ref(&self) -> (&IO, &Connection) {
        (&self.io, &self.connection)
    }

    /// Returns the stream below and the connection, for example to set options. Reading or writing the
    /// stream below breaks the connection.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// # fn set(stream: &mut lastword_tokio::TlsStream<TcpStream>) -> std::io::Result<()> {
    /// let (tcp, _connection) = stream.get_mut();
    /// tcp.set_nodelay(true)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_mut(&mut self) -> (&mut IO, &mut Connection) {
        (&mut self.io, &mut self.connection)
    }

    /// Returns the stream below and the connection, which holds what is still to be written.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsStream;
    /// # use tokio::net::TcpStream;
    /// # fn take(stream: TlsStream<TcpStream>) {
    /// let (_tcp, connection) = stream.into_inner();
    /// if let Ok(_rustls) = connection.into_rustls() {
    ///     // a `rustls::ServerConnection`, for code that takes one
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn into_inner(self) -> (IO, Connection) {
        (self.io, self.connection)
    }

    /// Returns the value that the chooser returned with the configuration.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Separates the value of the chooser from the stream.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsStream;
    /// # use tokio::net::TcpStream;
    /// # fn serve(stream: TlsStream<TcpStream, String>) {
    /// let (stream, tenant) = stream.into_value();
    /// # let _: (TlsStream<TcpStream>, String) = (stream, tenant);
    /// # }
    /// ```
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
            is_read: self.is_read,
            failed: self.failed,
            is_flush_due: self.is_flush_due,
            waiting: self.waiting,
            value,
            addresses: self.addresses,
            elapsed: self.elapsed,
        };
        (stream, self.value)
    }

    /// Returns the addresses of the client and the server, which the chooser or the authorizer saw.
    /// `None` if there was no chooser and no authorizer, and the addresses were not set.
    #[must_use]
    pub fn addresses(&self) -> Option<&Addresses> {
        self.addresses.as_deref()
    }

    /// Returns the facts of the handshake: what was negotiated, what the client offered, and the
    /// bytes and times.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// # fn log(stream: &lastword_tokio::TlsStream<TcpStream>) {
    /// let info = stream.handshake_info();
    /// println!("{} with {} bytes", info.kind_name(), info.measures.received());
    /// # }
    /// ```
    #[must_use]
    pub fn handshake_info(&self) -> HandshakeInfo<'_> {
        self.connection.handshake_info()
    }

    /// Returns how long the handshake took.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the early data that the client sent and the server accepted; `None` if it accepted
    /// none.
    ///
    /// The server accepts early data (0-RTT) only if `max_early_data_size` is set in its
    /// configuration. Reads of the stream do not return it.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// use std::io::Read;
    ///
    /// # fn read(stream: &mut lastword_tokio::TlsStream<TcpStream>) -> std::io::Result<()> {
    /// let mut request = Vec::new();
    /// if let Some(mut early) = stream.early_data() {
    ///     early.read_to_end(&mut request)?; // all of it is here: this does not wait
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// Early data can be replayed: an attacker who saw it can send it again, to this server or to
    /// another that shares its tickets (RFC 8446 section 8). Use it only for requests that may be
    /// carried out more than once.
    pub fn early_data(&mut self) -> Option<EarlyData<'_>> {
        self.connection.early_data()
    }

    /// Closes in order, within the limits of the acceptor's [`Drain`]. Await the returned future.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsStream;
    /// # use tokio::net::TcpStream;
    /// use tokio::io::AsyncWriteExt;
    ///
    /// # async fn serve(mut stream: TlsStream<TcpStream>) -> std::io::Result<()> {
    /// stream.write_all(b"goodbye\n").await?;
    /// let (delivery, _tcp) = stream.close().await;
    /// println!("closed: {delivery}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(self) -> Closing<IO> {
        let drain = self.drain;
        self.close_within(drain)
    }

    /// Closes in order, within limits of your own. Await the returned future.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsStream;
    /// # use tokio::net::TcpStream;
    /// use std::time::Duration;
    /// use lastword_tokio::Drain;
    ///
    /// # async fn close(stream: TlsStream<TcpStream>) {
    /// let drain = Drain::default().with_time(Duration::from_secs(30)); // for a slow client
    /// let (delivery, _tcp) = stream.close_within(drain).await;
    /// # let _ = delivery;
    /// # }
    /// ```
    pub fn close_within(self, drain: Drain) -> Closing<IO> {
        let close = Close::new(self.connection, drain, now());
        Closing::new(self.io, self.socket, close)
    }

    #[cold]
    fn fail(&mut self, error: ConnectionError) {
        self.is_read = true;
        let ending = Ending::Due;
        self.failed = Some(Box::new(Failed { error, ending }));
        self.waiting.wake_writer();
    }

    /// Returns the error of the connection. Writes return it at once. Only reads wait for the close,
    /// because a stream keeps one waker for reads.
    #[inline]
    pub(crate) fn error(&self) -> Option<io::Error> {
        self.failed.as_deref().map(Failed::error)
    }
}

impl Failed {
    #[cold]
    fn error(&self) -> io::Error {
        io::Error::new(ErrorKind::InvalidData, self.error.clone())
    }
}

/// Only the stream below is pinned.
impl<IO: Unpin, T> Unpin for TlsStream<IO, T> {}

impl<IO: fmt::Debug, T> fmt::Debug for TlsStream<IO, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("io", &self.io)
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
