//! An asynchronous stream as a nonblocking one.

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use lastword_io::Transport;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::unconstrained;

use crate::socket::Find;

/// A nonblocking stream for one poll of a task. If a call is pending, it returns that it would block,
/// and the task is woken later.
///
/// It is a [`Transport`] if it can find the socket. To read and write, it need not.
pub(crate) struct Polled<'a, 'cx, IO, F = Find<IO>> {
    pub(crate) io: &'a mut IO,
    pub(crate) socket: F,
    pub(crate) cx: &'a mut Context<'cx>,
}

/// Returns the time by tokio's clock, which tests can stop.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Converts `Pending` into `WouldBlock`.
pub(crate) fn blocking<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

impl<IO: AsyncRead + Unpin, F> Read for Polled<'_, '_, IO, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        blocking(Pin::new(&mut *self.io).poll_read(self.cx, &mut buf))?;
        Ok(buf.filled().len())
    }
}

impl<IO: AsyncWrite + Unpin, F> Write for Polled<'_, '_, IO, F> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        blocking(Pin::new(&mut *self.io).poll_write(self.cx, buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        blocking(Pin::new(&mut *self.io).poll_write_vectored(self.cx, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        blocking(Pin::new(&mut *self.io).poll_flush(self.cx))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Transport for Polled<'_, '_, IO> {
    /// Asks the system, if the socket is known. Other streams are read without the task's budget,
    /// because with it they may be pending although data has arrived.
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(socket) = (self.socket)(self.io) {
            return (&*socket).read(buf);
        }
        let read = poll_fn(|cx| {
            let (io, socket) = (&mut *self.io, self.socket);
            Poll::Ready(Polled { io, socket, cx }.read(buf))
        });
        match pin!(unconstrained(read)).poll(self.cx) {
            Poll::Ready(read) => read,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        blocking(Pin::new(&mut *self.io).poll_shutdown(self.cx))
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        match (self.socket)(self.io) {
            Some(socket) => socket.take_error(),
            None => Ok(None),
        }
    }

    fn now(&self) -> Instant {
        now()
    }
}
