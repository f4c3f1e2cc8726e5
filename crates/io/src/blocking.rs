//! Stepping a state over a blocking stream until it is over, at one socket option for most.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use crate::Transport;
use crate::machine::{Machine, Next};

/// Steps the state until it is over, which it is soon after its last deadline.
pub(crate) fn run<M: Machine>(mut machine: M, stream: &mut impl Transport) -> M::Over {
    let mut timeout = None;
    loop {
        let mut timed = Timed {
            stream,
            until: machine.until(),
            timeout: &mut timeout,
        };
        machine = match machine.step(&mut timed) {
            // blocked, that is to say for as long as may be
            Next::Reading(machine) | Next::Writing(machine) | Next::Again(machine) => machine,
            Next::Over(over) => return over,
        };
    }
}

/// A blocking stream whose calls would block only once a deadline has passed.
///
/// The stream's timeout is set before the first call to the time that is left, and again only when
/// it has come to overshoot what is left by more than a twentieth.
struct Timed<'a, S> {
    stream: &'a mut S,
    until: Instant,
    timeout: &'a mut Option<Duration>,
}

impl<S: Transport> Timed<'_, S> {
    fn call<R>(&mut self, mut action: impl FnMut(&mut S) -> io::Result<R>) -> io::Result<R> {
        loop {
            let left = self.until.saturating_duration_since(self.stream.now());
            if left.is_zero() {
                return Err(ErrorKind::WouldBlock.into());
            }
            if self
                .timeout
                .is_none_or(|timeout| timeout > left + timeout / 20)
            {
                self.stream.set_timeout(Some(left))?;
                *self.timeout = Some(left);
            }
            match action(self.stream) {
                // the timeout passed, perhaps before the deadline; or it is not a blocking stream,
                // and then others may as well have the processor
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    thread::yield_now();
                }
                result => return result,
            }
        }
    }
}

impl<S: Transport> Read for Timed<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.call(|stream| stream.read(buf))
    }
}

impl<S: Transport> Write for Timed<'_, S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.call(|stream| stream.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.call(|stream| stream.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(Write::flush)
    }
}

impl<S: Transport> Transport for Timed<'_, S> {
    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown_write()
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        self.stream.take_error()
    }

    fn now(&self) -> Instant {
        self.stream.now()
    }
}
