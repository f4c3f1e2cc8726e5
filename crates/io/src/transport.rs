//! What is asked of a stream beside reading and writing.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A stream on which a handshake can be bounded in time and closed in order.
///
/// The functions of this crate that block want a blocking one. They try a nonblocking one again
/// after a pause of 1 to 50 milliseconds, until the deadline. For those there is
/// [`Accept`](crate::Accept).
///
/// The methods have defaults, so any stream can be one: `impl Transport for MyStream {}`, or wrap
/// it in [`Plain`]. A stream without timeouts is held to the deadline only when its reads and
/// writes return; one without a write side to shut is not drained. A wrapper should forward
/// [`write_vectored`](Write::write_vectored): a flight is several records, and else several writes.
pub trait Transport: Read + Write {
    /// Bounds each later read, or, with `None`, no longer. One that takes longer fails with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) or [`TimedOut`](io::ErrorKind::TimedOut).
    ///
    /// # Errors
    ///
    /// Those of the system.
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let _ = timeout;
        Ok(())
    }

    /// The same for each later write.
    ///
    /// # Errors
    ///
    /// Those of the system.
    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let _ = timeout;
        Ok(())
    }

    /// Switches between blocking and nonblocking. The functions that block call it around
    /// [`try_read`](Self::try_read), and leave the stream blocking.
    ///
    /// # Errors
    ///
    /// Those of the system; [`Unsupported`](io::ErrorKind::Unsupported) if it cannot be switched,
    /// which is the default. Then no alert over a blocking stream is reported as
    /// [`Delivered`](crate::Delivery::Delivered).
    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        let _ = nonblocking;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Reads what has arrived, without waiting. It is called on a nonblocking stream, to learn
    /// whether the client closed before the alert was written.
    ///
    /// The default is `read`. A stream whose `read` may say
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) although something has arrived should ask the system.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if nothing has arrived; those of the system.
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read(buf)
    }

    /// Shuts the write side: the client reads the end of the stream behind what was written.
    ///
    /// # Errors
    ///
    /// Those of the system; [`Unsupported`](io::ErrorKind::Unsupported) if there is none to shut,
    /// which is the default.
    fn shutdown_write(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The error that is pending on the stream, if one is: a reset that no call has returned.
    ///
    /// # Errors
    ///
    /// Those of the system.
    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        Ok(None)
    }

    /// The time on the clock that deadlines are held to.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Waits, on the same clock. The functions that block call it where the stream should have
    /// waited and did not. The default is [`thread::sleep`].
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

    fn now(&self) -> Instant {
        (**self).now()
    }

    fn sleep(&mut self, time: Duration) {
        (**self).sleep(time);
    }
}

/// Any stream as a [`Transport`] without timeouts and without a write side to shut.
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
