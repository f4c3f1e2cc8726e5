//! The stream of a handshake that succeeded.

use std::fmt;
use std::io::{self, BufRead, IoSlice, Read, Write};

use rustls::{ServerConnection, StreamOwned};

use crate::blocking::{Timeouts, run};
use crate::handshaking::look_behind;
use crate::last_word::LastWord;
use crate::{Delivery, Drain, Transport};

/// A connection that is established: read and write plaintext, then [`close`](Self::close).
///
/// It is rustls's `StreamOwned` with an orderly close. Dropped without one, it closes as the
/// stream below does, and the client cannot tell the end from a cut (RFC 8446 section 6.1).
pub struct TlsStream<S: Read + Write> {
    inner: StreamOwned<ServerConnection, S>,
    drain: Drain,
}

impl<S: Transport> TlsStream<S> {
    pub(crate) fn new(mut connection: ServerConnection, stream: S, drain: Drain) -> Self {
        look_behind(&mut connection);
        Self {
            inner: StreamOwned::new(connection, stream),
            drain,
        }
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

impl<S: Read + Write> Read for TlsStream<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }
}

impl<S: Read + Write> BufRead for TlsStream<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amt: usize) {
        self.inner.consume(amt);
    }
}

/// Each write is a record, or several if it is long, and is written to the stream below at once.
impl<S: Read + Write> Write for TlsStream<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.inner.write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<S: Read + Write> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("connection", &self.inner.conn)
            .finish_non_exhaustive()
    }
}
