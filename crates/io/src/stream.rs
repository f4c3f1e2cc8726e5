//! The stream of an established TLS connection.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Write};
use std::time::Duration;

use lastword_acceptor::{Connection, ConnectionError, EarlyData, HandshakeInfo};

use crate::blocking::{Timeouts, run};
use crate::choose::Addresses;
use crate::delivery::{Closing, Delivery};
use crate::machine::{Flush, Wrote};
use crate::options::Drain;
use crate::transport::Transport;

/// A TLS connection. Read and write plaintext, then [`close`](Self::close) it.
///
/// It behaves like rustls's `StreamOwned`, and has the methods of tokio-rustls's `TlsStream` and an
/// orderly close. If it is dropped without a close, no `close_notify` is sent, and the client cannot
/// know that the data is complete (RFC 8446 section 6.1).
///
/// If a record fails, reads return the plaintext before it, and then an error of the kind
/// [`InvalidData`](ErrorKind::InvalidData) with a [`ConnectionError`] inside. Its
/// [`source`](std::error::Error::source) is rustls's error. Writes return this error too. The first
/// call that returns it sends the alert and closes in order, as [`close`](Self::close) does. This
/// includes a record right after the handshake.
///
/// A read also sends what rustls queues while it reads, for example the answer to a KeyUpdate. If
/// that write fails, the read still succeeds. The next write sends the rest or returns the error.
///
/// `T` is the type of the [value](Self::value) that a chooser returned.
///
/// ```no_run
/// use std::io::{BufRead, BufReader, Write};
/// use std::net::TcpStream;
/// use lastword_io::TlsStream;
///
/// fn greet(stream: TlsStream<TcpStream>) -> std::io::Result<()> {
///     let mut stream = BufReader::new(stream);
///     let mut name = String::new();
///     stream.read_line(&mut name)?;
///     let mut stream = stream.into_inner();
///     write!(stream, "hello {name}")?;
///     stream.close();
///     Ok(())
/// }
/// ```
///
/// Its methods return the details of the connection and the handshake:
///
/// ```no_run
/// # use std::net::TcpStream;
/// # use lastword_io::TlsStream;
/// fn log(stream: &TlsStream<TcpStream, &'static str>) {
///     let (_tcp, connection) = stream.get_ref();
///     println!(
///         "{} for {}: {:?} after {:?}",
///         stream.addresses(), stream.value(), connection.protocol_version(), stream.elapsed(),
///     );
/// }
/// ```
pub struct TlsStream<S, T = ()> {
    connection: Connection,
    stream: S,
    drain: Drain,
    about: About<T>,
    /// The flush after the last write.
    flush: Flush,
    failed: Option<Failed>,
}

/// The details of a stream's handshake.
pub(crate) struct About<T> {
    pub(crate) value: T,
    pub(crate) elapsed: Duration,
    /// `None` if the stream was not asked yet. In a box, because most servers need none.
    pub(crate) addresses: Option<Box<Addresses>>,
}

/// The error of the connection.
struct Failed {
    error: ConnectionError,
    is_closed: bool,
}

impl<S: Transport, T> TlsStream<S, T> {
    pub(crate) fn new(
        mut connection: Connection,
        stream: S,
        drain: Drain,
        about: About<T>,
    ) -> Self {
        let failed = connection.kept_error().map(Failed::new);
        Self {
            connection,
            stream,
            drain,
            about,
            flush: Flush::default(),
            failed,
        }
    }

    /// Returns the stream below and the connection, which knows what was negotiated.
    #[must_use]
    pub fn get_ref(&self) -> (&S, &Connection) {
        (&self.stream, &self.connection)
    }

    /// Returns the stream below and the connection, for example to set options. Reading or writing the
    /// stream below breaks the connection.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # fn set(stream: &mut lastword_io::TlsStream<TcpStream>) -> std::io::Result<()> {
    /// let (tcp, _connection) = stream.get_mut();
    /// tcp.set_nodelay(true)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_mut(&mut self) -> (&mut S, &mut Connection) {
        (&mut self.stream, &mut self.connection)
    }

    /// Returns the stream below and the connection. The connection holds what is still to be
    /// written.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::{TlsStream, acceptor::Connection};
    /// # fn take(stream: TlsStream<TcpStream>) -> std::io::Result<(TcpStream, Connection)> {
    /// let (tcp, connection) = stream.into_inner();
    /// tcp.set_nonblocking(true)?; // for an event loop
    /// # Ok((tcp, connection))
    /// # }
    /// ```
    #[must_use]
    pub fn into_inner(self) -> (S, Connection) {
        (self.stream, self.connection)
    }

    /// Returns the value that the chooser returned with the configuration.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.about.value
    }

    /// Returns the facts of the handshake: what was negotiated, what the client offered, and the
    /// bytes and times.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # fn log(stream: &lastword_io::TlsStream<TcpStream>) {
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
    pub fn elapsed(&self) -> Duration {
        self.about.elapsed
    }

    /// Returns the addresses that the chooser saw. If there was no chooser, it asks the stream, which
    /// may not know them after the connection is closed.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        match &self.about.addresses {
            Some(addresses) => (**addresses).clone(),
            None => Addresses::of(&self.stream),
        }
    }

    /// Returns the early data that the client sent and the server accepted; `None` if it accepted
    /// none.
    ///
    /// The server accepts early data (0-RTT) only if `max_early_data_size` is set in its
    /// configuration. Reads of the stream do not return it.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// use std::io::Read;
    ///
    /// # fn read(stream: &mut lastword_io::TlsStream<TcpStream>) -> std::io::Result<()> {
    /// let mut request = Vec::new();
    /// if let Some(mut early) = stream.early_data() {
    ///     early.read_to_end(&mut request)?;
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

    /// Returns the error of the connection, if it has failed. The first call closes in order.
    fn fail(&mut self) -> Option<io::Error> {
        let failed = self.failed.as_mut()?;
        if !failed.is_closed {
            failed.is_closed = true;
            let now = self.stream.now();
            let closing = Closing::new(&mut self.connection, self.drain, now, now);
            run(
                closing.with_flush(self.flush),
                &mut self.stream,
                &mut Timeouts::default(),
            );
        }
        Some(io::Error::new(ErrorKind::InvalidData, failed.error.clone()))
    }

    /// Whether reads have plaintext to return that came before the error.
    fn has_plaintext(&mut self) -> bool {
        let plaintext = self.connection.plaintext();
        plaintext.is_ok_and(|plaintext| !plaintext.is_empty())
    }

    /// The error that a read returns, once it has returned what came before.
    fn read_error(&mut self) -> Option<io::Error> {
        if self.failed.is_none() || self.has_plaintext() {
            return None;
        }
        self.fail()
    }

    /// Writes all that the connection has to write, and flushes it. What is not done is left to the
    /// next call.
    fn send(&mut self) -> io::Result<()> {
        match self.flush.write_all(&mut self.stream, &mut self.connection) {
            Wrote::All => Ok(()),
            Wrote::Blocked => Err(ErrorKind::WouldBlock.into()),
            Wrote::Failed(error) => Err(error),
        }
    }

    /// Reads until there is plaintext, the end of the stream, or an error.
    fn receive(&mut self) -> io::Result<()> {
        let mut is_taking = true;
        loop {
            // what is not sent of what it queued is left to the next write
            is_taking = is_taking && self.send().is_ok();
            if !self.connection.wants_read() {
                return Ok(());
            }
            let read = match self.connection.read_tls(&mut self.stream) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read?,
            };
            self.failed = self.connection.process().err().map(Failed::new);
            if read == 0 || self.failed.is_some() {
                return Ok(());
            }
        }
    }

    /// Encrypts plaintext by `write`, and writes it to the stream.
    fn write_with(
        &mut self,
        write: impl FnOnce(&mut Connection) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if let Some(error) = self.fail() {
            return Err(error);
        }
        self.send()?;
        let taken = write(&mut self.connection)?;
        if let Err(_error) = self.send() {
            // the bytes are taken: the next call returns the error, if it persists
        }
        Ok(taken)
    }

    /// Closes in order: writes what is left and `close_notify`, shuts the write side, and reads what
    /// the client still sends, within the limits of [`Drain`].
    ///
    /// Returns what became of the last bytes, and the stream below. If the client takes longer than
    /// the drain to read what is left, and still sends data, the system may reset the connection.
    /// For such clients use [`close_within`](Self::close_within).
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// use std::io::Write;
    ///
    /// # fn serve(mut stream: lastword_io::TlsStream<TcpStream>) -> std::io::Result<()> {
    /// stream.write_all(b"goodbye\n")?;
    /// let (delivery, _tcp) = stream.close();
    /// println!("closed: {delivery}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(self) -> (Delivery, S) {
        let drain = self.drain;
        self.close_within(drain)
    }

    /// Closes in order, within limits of your own: see [`close`](Self::close).
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// use std::time::Duration;
    /// use lastword_io::Drain;
    ///
    /// # fn close(stream: lastword_io::TlsStream<TcpStream>) {
    /// let drain = Drain::default().with_time(Duration::from_secs(30)); // for a slow client
    /// let (delivery, _tcp) = stream.close_within(drain);
    /// # let _ = delivery;
    /// # }
    /// ```
    pub fn close_within(self, drain: Drain) -> (Delivery, S) {
        let (mut connection, mut stream) = (self.connection, self.stream);
        connection.send_close_notify();
        let now = stream.now();
        let closing = Closing::new(connection, drain, now, now).with_flush(self.flush);
        let (_, delivery) = run(closing, &mut stream, &mut Timeouts::default());
        (delivery, stream)
    }
}

impl Failed {
    fn new(error: ConnectionError) -> Self {
        let is_closed = false;
        Self { error, is_closed }
    }
}

impl<S: Transport, T> Read for TlsStream<S, T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buf)?;
        self.consume(read);
        Ok(read)
    }
}

impl<S: Transport, T> BufRead for TlsStream<S, T> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.failed.is_none() {
            self.receive()?;
        }
        match self.read_error() {
            Some(error) => Err(error),
            None => self.connection.plaintext(),
        }
    }

    fn consume(&mut self, amt: usize) {
        self.connection.consume(amt);
    }
}

/// Each write is one record, or several if it is long, and is written to the stream below at once.
impl<S: Transport, T> Write for TlsStream<S, T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_with(|connection| connection.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_with(|connection| connection.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(error) = self.fail() {
            return Err(error);
        }
        self.flush = Flush::DUE;
        self.send()
    }
}

impl<S, T> fmt::Debug for TlsStream<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
