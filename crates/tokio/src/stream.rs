//! The stream of a handshake that succeeded.

use std::fmt;
use std::io::{self, BufRead as _, ErrorKind, IoSlice, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use lastword_io::Close;
use lastword_io::acceptor::kept_error;
use rustls::ServerConnection;
use rustls::server::ReadEarlyData;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use crate::Drain;
use crate::caught::resume;
use crate::client::Moving as _;
use crate::polled::{Polled, now};
use crate::timer::Timer;

/// A TLS connection: read and write plaintext, then shut it down or [close](crate::close) it.
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
pub struct TlsStream<IO> {
    io: IO,
    connection: Box<ServerConnection>,
    drain: Drain,
    has_seen_eof: bool,
    has_sent_close: bool,
    failed: Option<Box<Failed>>,
    /// Of a write that waits: a read that fails takes its place at the stream.
    writer: Option<Waker>,
}

/// The error of the connection, and how far it is told.
struct Failed {
    error: rustls::Error,
    /// `None` once the connection is closed in order.
    ending: Option<(Close, Timer)>,
}

impl<IO> TlsStream<IO> {
    pub(crate) fn new(io: IO, mut connection: Box<ServerConnection>, drain: Drain) -> Self {
        // it has processed all that it has, and returns the error that it found
        let error = kept_error(&mut connection);
        let mut stream = Self {
            io,
            connection,
            drain,
            has_seen_eof: false,
            has_sent_close: false,
            failed: None,
            writer: None,
        };
        if let Some(error) = error {
            stream.fail(error);
        }
        stream
    }

    /// The stream below and rustls's connection: what was negotiated, and all else that rustls
    /// knows.
    #[must_use]
    pub fn get_ref(&self) -> (&IO, &ServerConnection) {
        (&self.io, &self.connection)
    }

    /// The same, to set options. Reading or writing the stream below breaks the connection.
    pub fn get_mut(&mut self) -> (&mut IO, &mut ServerConnection) {
        (&mut self.io, &mut self.connection)
    }

    /// The stream below and rustls's connection. What the connection still has to write is in it.
    #[must_use]
    pub fn into_inner(self) -> (IO, ServerConnection) {
        (self.io, *self.connection)
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
        self.connection.early_data()
    }

    fn fail(&mut self, error: rustls::Error) {
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
    fn writing<T>(&mut self, cx: &Context<'_>, poll: Poll<T>) -> Poll<T> {
        if poll.is_pending() {
            self.writer = Some(cx.waker().clone());
        }
        poll
    }

    /// The error of the connection. Writes return it at once: only reads wait for the close, since a
    /// stream has one waker for its reads.
    fn error(&self) -> Option<io::Error> {
        let failed = self.failed.as_ref()?;
        Some(invalid_data(failed.error.clone()))
    }

    /// Whether reads have plaintext to return that came before an error.
    fn has_plaintext(&mut self) -> bool {
        let mut reader = self.connection.reader();
        reader
            .fill_buf()
            .is_ok_and(|plaintext| !plaintext.is_empty())
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> TlsStream<IO> {
    /// Reads once and processes it: the number of bytes.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let io = &mut self.io;
        let read = ready!(poll(self.connection.read_tls(&mut Polled { io, cx })))?;
        if let Err(error) = self.connection.process_new_packets() {
            self.fail(error);
        }
        Poll::Ready(Ok(read))
    }

    /// Writes once: the number of bytes.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let io = &mut self.io;
        poll(self.connection.write_tls(&mut Polled { io, cx }))
    }

    /// Writes all that the connection has to write.
    fn poll_send_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            if ready!(self.poll_send(cx))? == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Tells the client the alert and closes the connection in order: the
    /// error, to be returned. Pending until then.
    fn poll_failed(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Error>> {
        let Some(mut failed) = self.failed.take() else {
            return Poll::Ready(None);
        };
        if let Some(ending) = failed.ending.take() {
            failed.ending = self.end(ending, cx);
        }
        if failed.ending.is_none() {
            self.wake_writer();
        }
        let error = match &failed.ending {
            Some(_) => Poll::Pending,
            None => Poll::Ready(Some(invalid_data(failed.error.clone()))),
        };
        self.failed = Some(failed);
        error
    }

    /// Goes on to close in order; `None` once that is done.
    fn end(
        &mut self,
        (close, mut timer): (Close, Timer),
        cx: &mut Context<'_>,
    ) -> Option<(Close, Timer)> {
        // what cannot be written in time, or at all, is given up with the connection
        let is_written =
            self.poll_send_all(cx).is_ready() && Pin::new(&mut self.io).poll_flush(cx).is_ready();
        if !is_written && timer.poll(close.deadline(), cx).is_pending() {
            return Some((close, timer));
        }
        let (close, panic) = close.poll(&mut self.io, &mut timer, cx).err()?;
        resume(panic);
        Some((close, timer))
    }

    /// The plaintext that has come; empty at the end of the stream.
    fn poll_plaintext(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let mut is_pending = false;
        while !self.has_seen_eof && self.failed.is_none() && self.connection.wants_read() {
            match self.poll_receive(cx) {
                Poll::Ready(Ok(0)) => self.has_seen_eof = true,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    is_pending = true;
                    break;
                }
            }
        }
        if self.failed.is_some() && !self.has_plaintext() {
            if let Some(error) = ready!(self.poll_failed(cx)) {
                return Poll::Ready(Err(error));
            }
        }
        match self.connection.reader().into_first_chunk() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if !is_pending {
                    // nothing wakes the task: rustls has plaintext, or wants to read
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
            plaintext => Poll::Ready(plaintext),
        }
    }

    fn poll_flush_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(error) = self.error() {
            return Poll::Ready(Err(error));
        }
        self.connection.writer().flush()?;
        ready!(self.poll_send_all(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_sent_close {
            self.has_sent_close = true;
            self.connection.send_close_notify();
        }
        ready!(self.poll_send_all(cx))?;
        Poll::Ready(match ready!(Pin::new(&mut self.io).poll_shutdown(cx)) {
            // the client has gone: there is nothing to shut
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            shut => shut,
        })
    }

    /// Has the connection take plaintext by `write`, and writes as much of it as the stream takes.
    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&mut rustls::Writer<'_>, usize) -> io::Result<usize>,
        len: usize,
    ) -> Poll<io::Result<usize>> {
        if let Some(error) = self.error() {
            return Poll::Ready(Err(error));
        }
        let mut taken = 0;
        while taken < len {
            taken += write(&mut self.connection.writer(), taken)?;
            while self.connection.wants_write() {
                match self.poll_send(cx) {
                    Poll::Ready(Ok(1..)) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(0)) if taken == 0 => {
                        return Poll::Ready(Err(ErrorKind::WriteZero.into()));
                    }
                    Poll::Pending if taken == 0 => return Poll::Pending,
                    Poll::Ready(Ok(0)) | Poll::Pending => return Poll::Ready(Ok(taken)),
                }
            }
        }
        Poll::Ready(Ok(taken))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> AsyncRead for TlsStream<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let plaintext = ready!(this.poll_plaintext(cx))?;
        let len = plaintext.len().min(buf.remaining());
        buf.put_slice(plaintext.get(..len).unwrap_or_default());
        this.connection.reader().consume(len);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> AsyncBufRead for TlsStream<IO> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_mut().poll_plaintext(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_mut().connection.reader().consume(amt);
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> AsyncWrite for TlsStream<IO> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let rest = |taken| buf.get(taken..).unwrap_or_default();
        let write = |writer: &mut rustls::Writer<'_>, taken| writer.write(rest(taken));
        let this = self.get_mut();
        let written = this.poll_write_with(cx, write, buf.len());
        this.writing(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_empty = bufs.iter().all(|buf| buf.is_empty());
        let write = |writer: &mut rustls::Writer<'_>, _| writer.write_vectored(bufs);
        // once: it does not say which of them it took
        let this = self.get_mut();
        let written = this.poll_write_with(cx, write, usize::from(!is_empty));
        this.writing(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = this.poll_flush_all(cx);
        this.writing(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = this.poll_shut(cx);
        this.writing(cx, shut)
    }
}

/// What would block is pending, and the task is woken for it.
fn poll<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

fn invalid_data(error: rustls::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

impl<IO: fmt::Debug> fmt::Debug for TlsStream<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("io", &self.io)
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
