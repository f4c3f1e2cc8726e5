//! An asynchronous stream as one that would block.

use std::any::Any;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use lastword_io::Transport;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A stream for one poll of a task: what is pending would block, and the task is woken for it.
pub(crate) struct Polled<'a, 'cx, IO> {
    pub(crate) io: &'a mut IO,
    pub(crate) cx: &'a mut Context<'cx>,
}

/// The time by tokio's clock, which tests can stop.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn blocking<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

impl<IO: AsyncRead + Unpin> Read for Polled<'_, '_, IO> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        blocking(Pin::new(&mut *self.io).poll_read(self.cx, &mut buf))?;
        Ok(buf.filled().len())
    }
}

impl<IO: AsyncWrite + Unpin> Write for Polled<'_, '_, IO> {
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

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Transport for Polled<'_, '_, IO> {
    fn shutdown_write(&mut self) -> io::Result<()> {
        blocking(Pin::new(&mut *self.io).poll_shutdown(self.cx))
    }

    /// Known of tokio's own sockets, which is why streams are `'static`.
    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        let io: &dyn Any = &*self.io;
        if let Some(stream) = io.downcast_ref::<TcpStream>() {
            return stream.take_error();
        }
        #[cfg(unix)]
        if let Some(stream) = io.downcast_ref::<tokio::net::UnixStream>() {
            return stream.take_error();
        }
        Ok(None)
    }

    fn now(&self) -> Instant {
        now()
    }
}
