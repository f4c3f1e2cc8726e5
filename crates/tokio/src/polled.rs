//! An asynchronous stream as one that would block.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use lastword_io::Transport;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::unconstrained;

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

/// Reads what has arrived at a socket of tokio's, from the system. `None` for any other stream.
fn read_socket(io: &dyn Any, buf: &mut [u8]) -> Option<io::Result<usize>> {
    if let Some(stream) = io.downcast_ref::<TcpStream>() {
        return Some((&*SockRef::from(stream)).read(buf));
    }
    #[cfg(unix)]
    if let Some(stream) = io.downcast_ref::<tokio::net::UnixStream>() {
        return Some((&*SockRef::from(stream)).read(buf));
    }
    None
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
    /// Tokio's own sockets know only what the runtime has learned: the system is asked. Any other
    /// stream is asked without the task's budget, without which it says that it is pending.
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(read) = read_socket(&*self.io, buf) {
            return read;
        }
        let read = poll_fn(|cx| {
            Poll::Ready(
                Polled {
                    io: &mut *self.io,
                    cx,
                }
                .read(buf),
            )
        });
        match pin!(unconstrained(read)).poll(self.cx) {
            Poll::Ready(read) => read,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }

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
