//! The stream of a handshake that succeeded.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Write};

use lastword_acceptor::kept_error;
use rustls::server::ReadEarlyData;
use rustls::{ServerConnection, StreamOwned};

use crate::blocking::{Timeouts, run};
use crate::last_word::LastWord;
use crate::{Delivery, Drain, Transport};

/// A connection that is established: read and write plaintext, then [`close`](Self::close).
///
/// It is rustls's `StreamOwned` with an orderly close. Dropped without one, it closes as the
/// stream below does, and the client cannot tell the end from a cut (RFC 8446 section 6.1).
///
/// What the client sent right after its handshake may have failed. Then the client has its alert;
/// reads return the plaintext that came before, and then that error, as writes do. The first call
/// that returns it closes in order, as [`close`](Self::close) does.
pub struct TlsStream<S: Read + Write> {
    inner: StreamOwned<ServerConnection, S>,
    drain: Drain,
    /// The error of what came right after the handshake.
    failed: Option<Failed>,
}

struct Failed {
    error: rustls::Error,
    is_closed: bool,
}

impl<S: Transport> TlsStream<S> {
    pub(crate) fn new(mut connection: ServerConnection, stream: S, drain: Drain) -> Self {
        let failed = kept_error(&mut connection).map(|error| Failed {
            error,
            is_closed: false,
        });
        Self {
            inner: StreamOwned::new(connection, stream),
            drain,
            failed,
        }
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
    pub fn early_data(&mut self) -> Option<ReadEarlyData<'_>> {
        self.inner.conn.early_data()
    }

    /// Closes in order, if that is still to be done, for the error that the stream returns.
    fn fail(&mut self) -> Option<io::Error> {
        let failed = self.failed.as_mut()?;
        if !failed.is_closed {
            failed.is_closed = true;
            let StreamOwned { conn, sock } = &mut self.inner;
            let now = sock.now();
            let word = LastWord::new(conn, self.drain, now, now);
            run(word, sock, &mut Timeouts::default());
        }
        Some(io::Error::new(ErrorKind::InvalidData, failed.error.clone()))
    }

    /// Whether reads have plaintext to return that came before the error.
    fn has_plaintext(&mut self) -> bool {
        let mut reader = self.inner.conn.reader();
        reader
            .fill_buf()
            .is_ok_and(|plaintext| !plaintext.is_empty())
    }

    /// The error that a read returns, once it has returned what came before.
    fn read_error(&mut self) -> Option<io::Error> {
        if self.failed.is_none() || self.has_plaintext() {
            return None;
        }
        self.fail()
    }

    /// What was negotiated, and all else that rustls knows of the connection.
    #[must_use]
    pub fn connection(&self) -> &ServerConnection {
        &self.inner.conn
    }

    /// The stream below.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner.sock
    }

    /// The stream below, to set options. Reading or writing breaks the connection.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner.sock
    }

    /// The connection and the stream below. What the connection still has to write is in it.
    #[must_use]
    pub fn into_parts(self) -> (ServerConnection, S) {
        (self.inner.conn, self.inner.sock)
    }

    /// Closes in order: writes what is left and `close_notify` behind it, shuts the write side,
    /// and reads what the client still sends, within the bounds of [`Drain`].
    ///
    /// Returns what became of it, and the stream below. A client that takes longer than the drain to
    /// read what is left, and writes meanwhile, may be reset: for those there is
    /// [`close_within`](Self::close_within).
    pub fn close(self) -> (Delivery, S) {
        let drain = self.drain;
        self.close_within(drain)
    }

    /// Closes in order, within bounds of your own.
    pub fn close_within(self, drain: Drain) -> (Delivery, S) {
        let StreamOwned { mut conn, mut sock } = self.inner;
        conn.send_close_notify();
        let now = sock.now();
        let (_, delivery) = run(
            LastWord::new(conn, drain, now, now),
            &mut sock,
            &mut Timeouts::default(),
        );
        (delivery, sock)
    }
}

impl<S: Transport> Read for TlsStream<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.read_error() {
            Some(error) => Err(error),
            None => self.inner.read(buf),
        }
    }
}

impl<S: Transport> BufRead for TlsStream<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.read_error() {
            Some(error) => Err(error),
            None => self.inner.fill_buf(),
        }
    }

    fn consume(&mut self, amt: usize) {
        self.inner.consume(amt);
    }
}

/// Each write is a record, or several if it is long, and is written to the stream below at once.
impl<S: Transport> Write for TlsStream<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.fail() {
            Some(error) => Err(error),
            None => self.inner.write(buf),
        }
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.fail() {
            Some(error) => Err(error),
            None => self.inner.write_vectored(bufs),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.fail() {
            Some(error) => Err(error),
            None => self.inner.flush(),
        }
    }
}

impl<S: Read + Write> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("connection", &self.inner.conn)
            .finish_non_exhaustive()
    }
}
