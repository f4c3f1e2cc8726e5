//! The streams that a handshake runs over.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A stream on which a handshake can have a timeout and be closed in order.
///
/// It is implemented for `TcpStream` and, on Unix, for `UnixStream`.
///
/// [`TlsAcceptor::accept`](crate::TlsAcceptor::accept) expects a blocking stream. It also accepts a
/// nonblocking stream, and tries a read or write again after a pause of 1 to 50 milliseconds, until
/// the deadline. For nonblocking streams there is
/// [`TlsAcceptor::start`](crate::TlsAcceptor::start).
///
/// The methods have defaults, so it can be implemented for any stream: write
/// `impl Transport for MyStream {}`, or wrap it in [`Plain`]. On a stream without timeouts, the
/// deadline is enforced only when its reads and writes return. A stream without a write side to
/// shut is not drained. A wrapper should forward [`write_vectored`](Write::write_vectored).
/// Otherwise each record of a flight needs a write of its own.
///
/// ```
/// use std::io::{self, IoSlice, Read, Write};
/// use std::net::TcpStream;
/// use std::time::Duration;
/// use lastword_io::Transport;
///
/// /// Counts the bytes that it reads.
/// struct Counted(TcpStream, u64);
///
/// impl Read for Counted {
///     fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
///         let n = self.0.read(buf)?;
///         self.1 += n as u64;
///         Ok(n)
///     }
/// }
///
/// impl Write for Counted {
///     fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
///         self.0.write(buf)
///     }
///     fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
///         self.0.write_vectored(bufs)
///     }
///     fn flush(&mut self) -> io::Result<()> {
///         self.0.flush()
///     }
/// }
///
/// impl Transport for Counted {
///     fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
///         self.0.set_read_timeout(timeout)
///     }
///     fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
///         self.0.set_write_timeout(timeout)
///     }
///     fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
///         self.0.set_nonblocking(nonblocking)
///     }
///     fn shutdown_write(&mut self) -> io::Result<()> {
///         self.0.shutdown_write()
///     }
///     fn take_error(&mut self) -> io::Result<Option<io::Error>> {
///         self.0.take_error()
///     }
/// }
/// ```
pub trait Transport: Read + Write {
    /// Sets the read timeout; `None` removes it. A read that takes longer fails with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) or [`TimedOut`](io::ErrorKind::TimedOut). The
    /// default does nothing.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let _ = timeout;
        Ok(())
    }

    /// Sets the write timeout; `None` removes it. A write that takes longer fails as a read does. The
    /// default does nothing.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let _ = timeout;
        Ok(())
    }

    /// Makes the stream nonblocking or blocking. [`TlsAcceptor::accept`](crate::TlsAcceptor::accept)
    /// makes it nonblocking for a read of what has arrived, and then blocking again.
    ///
    /// # Errors
    ///
    /// The errors of the system; [`Unsupported`](io::ErrorKind::Unsupported) if the stream cannot
    /// do it. The default implementation returns `Unsupported`. Then no alert over a blocking
    /// stream is reported as [`Delivered`](crate::Delivery::Delivered).
    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        let _ = nonblocking;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Reads what has arrived, without waiting. It is called on a nonblocking stream, to find out
    /// whether the client closed before the alert was written.
    ///
    /// The default is `read`. If `read` may return [`WouldBlock`](io::ErrorKind::WouldBlock) although
    /// something has arrived, implement this method so that it asks the system.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if nothing has arrived; the errors of the system.
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read(buf)
    }

    /// Shuts the write side. The client reads what was written and then the end of the stream.
    ///
    /// # Errors
    ///
    /// The errors of the system; [`Unsupported`](io::ErrorKind::Unsupported) if the stream has no
    /// write side to shut. The default implementation returns `Unsupported`.
    fn shutdown_write(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns the error that is pending on the stream, if there is one: for example a reset that
    /// no call has returned yet. The default is `None`.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        Ok(None)
    }

    /// Returns the address of the client. It is asked only if a chooser, an authorizer or
    /// [`TlsStream::addresses`](crate::TlsStream::addresses) needs it. The default is `None`.
    fn peer_addr(&self) -> Option<SocketAddr> {
        None
    }

    /// Returns the address of this server that the client has connected to. The default is `None`.
    fn local_addr(&self) -> Option<SocketAddr> {
        None
    }

    /// Returns the current time by the clock of the stream, which decides about deadlines. The
    /// default is [`Instant::now`].
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Waits for this time, by the clock of [`now`](Self::now). It is called if a call on a
    /// blocking stream returned `WouldBlock` before its timeout. The default is [`thread::sleep`].
    fn sleep(&mut self, time: Duration) {
        thread::sleep(time);
    }
}

impl Transport for TcpStream {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_read_timeout(self, timeout)
    }

    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_write_timeout(self, timeout)
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        Self::set_nonblocking(self, nonblocking)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        Self::take_error(self)
    }

    fn peer_addr(&self) -> Option<SocketAddr> {
        Self::peer_addr(self).ok()
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        Self::local_addr(self).ok()
    }
}

#[cfg(unix)]
impl Transport for std::os::unix::net::UnixStream {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_read_timeout(self, timeout)
    }

    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_write_timeout(self, timeout)
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        Self::set_nonblocking(self, nonblocking)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        Self::take_error(self)
    }
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        (**self).set_read_timeout(timeout)
    }

    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        (**self).set_write_timeout(timeout)
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        (**self).set_nonblocking(nonblocking)
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (**self).try_read(buf)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        (**self).shutdown_write()
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        (**self).take_error()
    }

    fn peer_addr(&self) -> Option<SocketAddr> {
        (**self).peer_addr()
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        (**self).local_addr()
    }

    fn now(&self) -> Instant {
        (**self).now()
    }

    fn sleep(&mut self, time: Duration) {
        (**self).sleep(time);
    }
}

/// Any stream as a [`Transport`] without timeouts and without a write side to shut.
///
/// ```no_run
/// use lastword_io::{Plain, TlsAcceptor};
/// # fn over(acceptor: &TlsAcceptor, tunnel: impl std::io::Read + std::io::Write) {
/// match acceptor.accept(Plain(tunnel)) {
///     Ok(_stream) => { /* read and write */ }
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Plain<S>(pub S);

impl<S: Read + Write> Transport for Plain<S> {}

impl<S: Read> Read for Plain<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<S: Write> Write for Plain<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
