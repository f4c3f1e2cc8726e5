//! A socket that the thread of the deliveries waits for.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;

use mio::{Interest, Registry, Token};

use crate::transport::Transport;

/// A socket whose alert can be delivered in the background: a `TcpStream` or, on Unix, a `UnixStream`.
///
/// For a stream of your own, implement `From` it, and
/// [`Transport::set_nonblocking`](crate::Transport::set_nonblocking):
///
/// ```
/// use std::net::TcpStream;
/// use lastword_io::background::Socket;
///
/// struct MyStream(TcpStream);
///
/// impl From<MyStream> for Socket {
///     fn from(stream: MyStream) -> Self {
///         stream.0.into()
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Socket(pub(super) Kind);

/// What a socket is. mio and the methods of a stream are no part of the public API.
#[derive(Debug)]
pub(super) enum Kind {
    Tcp(mio::net::TcpStream),
    #[cfg(unix)]
    Unix(mio::net::UnixStream),
}

impl From<std::net::TcpStream> for Socket {
    fn from(stream: std::net::TcpStream) -> Self {
        Self(Kind::Tcp(mio::net::TcpStream::from_std(stream)))
    }
}

#[cfg(unix)]
impl From<std::os::unix::net::UnixStream> for Socket {
    fn from(stream: std::os::unix::net::UnixStream) -> Self {
        Self(Kind::Unix(mio::net::UnixStream::from_std(stream)))
    }
}

/// Calls a method of the stream, whichever it is.
macro_rules! each {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self {
            Kind::Tcp($stream) => $call,
            #[cfg(unix)]
            Kind::Unix($stream) => $call,
        }
    };
}

impl Read for Kind {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        each!(self, stream => stream.read(buf))
    }
}

impl Write for Kind {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        each!(self, stream => stream.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        each!(self, stream => stream.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        each!(self, stream => stream.flush())
    }
}

impl Transport for Kind {
    fn shutdown_write(&mut self) -> io::Result<()> {
        each!(self, stream => stream.shutdown(Shutdown::Write))
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        each!(self, stream => stream.take_error())
    }
}

impl Kind {
    /// Registers it for all that happens: mio reports changes, and a step continues until the stream
    /// would block.
    pub(super) fn add_to(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let both = Interest::READABLE | Interest::WRITABLE;
        each!(self, stream => registry.register(stream, token, both))
    }
}
