//! Reading and writing a TLS stream.

use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::step::{Buffer, Close};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::waiting::Side;
use super::{Ending, TlsStream};
use crate::acceptor::Panic;
use crate::caught::resume;
use crate::client::Moving as _;
use crate::polled::{Polled, blocking, now};
use crate::timer::Timer;

impl<IO: AsyncRead + AsyncWrite + Unpin, T> TlsStream<IO, T> {
    /// Returns whether there is plaintext to read from before an error.
    fn has_plaintext(&mut self) -> bool {
        let plaintext = self.connection.plaintext();
        plaintext.is_ok_and(|plaintext| !plaintext.is_empty())
    }

    /// Reads once and processes the records. Returns the number of bytes; 0 also if the connection fails.
    #[inline]
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let (io, socket) = (&mut self.io, ());
        let read = match self.connection.read_tls(&mut Polled { io, socket, cx }) {
            Ok(read) => read,
            error => return poll(error),
        };
        if let Err(error) = self.connection.process() {
            self.fail(error);
            return Poll::Ready(Ok(0));
        }
        Poll::Ready(Ok(read))
    }

    /// Writes once. Returns the number of bytes. If it is 0 or an error, call [`not_sent`](Self::not_sent).
    #[inline(always)]
    fn send(&mut self, side: Side, cx: &mut Context<'_>) -> io::Result<usize> {
        if self.waiting.is_some() {
            return self.send_with_others(side, cx);
        }
        let (io, socket) = (&mut self.io, ());
        self.connection.write_tls(&mut Polled { io, socket, cx })
    }

    /// Returns the result of a write of plaintext after a write below did not send all records. `taken` is
    /// the number of plaintext bytes that the write has encrypted. `sent` is the result of the write below.
    /// If that write would block, this task waits.
    #[cold]
    fn not_sent(
        &mut self,
        taken: usize,
        sent: io::Result<usize>,
        side: Side,
        cx: &Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let sent = poll(sent);
        if sent.is_pending() {
            self.waiting.insert(side, cx);
        }
        match sent {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(_)) if taken == 0 => Poll::Ready(Err(ErrorKind::WriteZero.into())),
            Poll::Pending if taken == 0 => Poll::Pending,
            Poll::Ready(Ok(_)) | Poll::Pending => Poll::Ready(Ok(taken)),
        }
    }

    #[cold]
    fn send_with_others(&mut self, side: Side, cx: &mut Context<'_>) -> io::Result<usize> {
        let send = |this: &mut Self, cx: &mut Context<'_>| {
            let (io, socket) = (&mut this.io, ());
            poll(this.connection.write_tls(&mut Polled { io, socket, cx }))
        };
        blocking(self.poll_with_others(side, cx, send))
    }

    /// Polls an operation of the write side for which another task may wait too.
    #[cold]
    fn poll_with_others<R>(
        &mut self,
        side: Side,
        cx: &mut Context<'_>,
        operation: impl FnOnce(&mut Self, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let mut waiting = mem::take(&mut self.waiting);
        let polled = waiting.poll(side, cx, |cx| operation(self, cx));
        self.waiting = waiting;
        polled
    }

    /// Writes all that the connection has to write.
    fn poll_send_all(&mut self, side: Side, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            match self.send(side, cx) {
                Ok(1..) => {}
                sent => return self.not_sent(0, sent, side, cx).map_ok(drop),
            }
        }
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn poll_flush_io(&mut self, side: Side, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = |this: &mut Self, cx: &mut Context<'_>| Pin::new(&mut this.io).poll_flush(cx);
        let flushed = if self.waiting.is_some() {
            self.poll_with_others(side, cx, flush)
        } else {
            let flushed = Pin::new(&mut self.io).poll_flush(cx);
            if flushed.is_pending() {
                self.waiting.insert(side, cx);
            }
            flushed
        };
        self.is_flush_due &= flushed.is_pending();
        flushed
    }

    /// Sends what the connection queued while it read, for example the answer to a KeyUpdate. If the
    /// stream does not take all, the task that reads is woken to send the rest. An error is left to
    /// the next write.
    #[cold]
    fn send_answers(&mut self, cx: &mut Context<'_>) {
        if self.connection.wants_write() {
            self.is_flush_due = true;
            if !matches!(self.poll_send_all(Side::Reader, cx), Poll::Ready(Ok(()))) {
                return;
            }
        }
        if self.is_flush_due {
            let flushed = self.poll_flush_io(Side::Reader, cx);
            debug_assert!(flushed.is_pending() || !self.is_flush_due);
        }
    }

    /// Sends the alert and closes the connection in order. Then returns the error, for the caller to
    /// return.
    fn poll_failed(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Error>> {
        let Some(failed) = &mut self.failed else {
            return Poll::Ready(None);
        };
        let (ending, panic) = match mem::take(&mut failed.ending) {
            Ending::Due => {
                let close = Close::without_connection(self.drain, now());
                self.end(close, Timer::default(), cx)
            }
            Ending::Closing(close, timer) => self.end(close, timer, cx),
            Ending::Closed => (Ending::Closed, None),
        };
        let is_closed = matches!(ending, Ending::Closed);
        if let Some(failed) = &mut self.failed {
            failed.ending = ending;
        }
        resume(panic);
        if !is_closed {
            return Poll::Pending;
        }
        self.waiting.wake_writer();
        Poll::Ready(self.error())
    }

    /// Continues the orderly close.
    fn end(
        &mut self,
        close: Close,
        mut timer: Timer,
        cx: &mut Context<'_>,
    ) -> (Ending, Option<Panic>) {
        // if it cannot be written in time, it is lost with the connection
        let is_written = self.poll_send_all(Side::Reader, cx).is_ready()
            && self.poll_flush_io(Side::Reader, cx).is_ready();
        if !is_written && timer.poll(close.deadline(), cx).is_pending() {
            return (Ending::Closing(close, timer), None);
        }
        let (io, socket) = (&mut self.io, self.socket);
        match close.poll(io, socket, &mut timer, cx, &mut Buffer::default()) {
            Ok(_) => (Ending::Closed, None),
            Err((close, panic)) => (Ending::Closing(close, timer), panic),
        }
    }

    /// Returns the received plaintext; empty at the end of the stream.
    fn poll_plaintext(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let mut is_pending = false;
        if !self.is_read {
            while self.connection.wants_read() {
                match self.poll_receive(cx) {
                    Poll::Ready(Ok(1..)) => continue,
                    Poll::Ready(Ok(0)) => self.is_read = true,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => is_pending = true,
                }
                break;
            }
        }
        if self.is_flush_due || self.connection.wants_write() {
            self.send_answers(cx);
        }
        if self.is_read && self.failed.is_some() && !self.has_plaintext() {
            if let Some(error) = ready!(self.poll_failed(cx)) {
                return Poll::Ready(Err(error));
            }
        }
        match self.connection.plaintext() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if !is_pending {
                    // wake the task here: no event of the stream will
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
        if self.connection.wants_write() {
            ready!(self.poll_send_all(Side::Writer, cx))?;
        }
        self.poll_flush_io(Side::Writer, cx)
    }

    fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.send_close_notify(); // does nothing the second time
        ready!(self.poll_send_all(Side::Writer, cx))?;
        let shut = |this: &mut Self, cx: &mut Context<'_>| Pin::new(&mut this.io).poll_shutdown(cx);
        Poll::Ready(
            match ready!(self.poll_with_others(Side::Writer, cx, shut)) {
                // the client has closed: there is nothing to shut
                Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
                shut => shut,
            },
        )
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> AsyncRead for TlsStream<IO, T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let plaintext = ready!(this.poll_plaintext(cx))?;
        let len = plaintext.len().min(buf.remaining());
        buf.put_slice(plaintext.get(..len).unwrap_or_default());
        this.connection.consume(len);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> AsyncBufRead for TlsStream<IO, T> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_mut().poll_plaintext(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_mut().connection.consume(amt);
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> AsyncWrite for TlsStream<IO, T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(error) = this.error() {
            return Poll::Ready(Err(error));
        }
        let mut rest = buf;
        while !rest.is_empty() {
            let taken = this.connection.write(rest)?;
            let Some(next) = rest.get(taken..) else {
                break;
            };
            rest = next;
            while this.connection.wants_write() {
                match this.send(Side::Writer, cx) {
                    Ok(1..) => {}
                    sent => {
                        let taken = buf.len() - rest.len();
                        return this.not_sent(taken, sent, Side::Writer, cx);
                    }
                }
            }
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(error) = this.error() {
            return Poll::Ready(Err(error));
        }
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        loop {
            let taken = this.connection.write_vectored(bufs)?;
            while this.connection.wants_write() {
                match this.send(Side::Writer, cx) {
                    Ok(1..) => {}
                    sent => return this.not_sent(taken, sent, Side::Writer, cx),
                }
            }
            // call it once: it does not say how much of each slice it took
            if taken > 0 {
                return Poll::Ready(Ok(taken));
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_flush_all(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_shut(cx)
    }
}

/// Converts `WouldBlock` into `Pending`. The task is woken when the stream is ready.
fn poll<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}
