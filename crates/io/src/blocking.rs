//! Stepping a state over a blocking stream until it is over, at the fewest socket options.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use crate::Transport;
use crate::machine::{Machine, Next};

/// Steps the state until it is over, which it is soon after its last deadline.
pub(crate) fn run<M: Machine>(
    mut machine: M,
    stream: &mut impl Transport,
    timeouts: &mut Timeouts,
) -> M::Over {
    loop {
        let mut timed = Timed {
            until: machine.until(),
            stream,
            timeouts,
        };
        machine = match machine.advance(&mut timed) {
            // blocked, that is to say for as long as may be
            Next::Reading(machine) | Next::Writing(machine) | Next::Again(machine) => machine,
            Next::Over(over) => return over,
        };
    }
}

/// The timeouts of a stream, as far as they were set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timeouts {
    read: Option<Duration>,
    write: Option<Duration>,
}

impl Timeouts {
    /// Turns off those that are on.
    pub(crate) fn clear(self, stream: &mut impl Transport) {
        // fails only for a stream that is broken, and then its next use says so
        if self.read.is_some() {
            let _ = stream.set_read_timeout(None);
        }
        if self.write.is_some() {
            let _ = stream.set_write_timeout(None);
        }
    }
}

/// The timeout for a call that may take so long.
///
/// Systems round it up, Linux by as much as an eighth: so it is set short by that, and once more for
/// what is left, down to eight milliseconds.
fn timeout(left: Duration) -> Duration {
    match left < Duration::from_millis(8) {
        true => left,
        false => left - left / 8,
    }
}

/// A blocking stream whose calls block no longer than to a deadline.
///
/// Each of its timeouts is set before the first call that it is for, and again only when less is
/// left than it says.
struct Timed<'a, S> {
    stream: &'a mut S,
    until: Instant,
    timeouts: &'a mut Timeouts,
}

impl<S: Transport> Timed<'_, S> {
    fn read_with<R>(&mut self, action: impl FnMut(&mut S) -> io::Result<R>) -> io::Result<R> {
        let set = &mut self.timeouts.read;
        call(self.stream, self.until, set, S::set_read_timeout, action)
    }

    fn write_with<R>(&mut self, action: impl FnMut(&mut S) -> io::Result<R>) -> io::Result<R> {
        let set = &mut self.timeouts.write;
        call(self.stream, self.until, set, S::set_write_timeout, action)
    }
}

/// Calls `action` until it is done or the deadline has passed, which is as if it would block.
fn call<S: Transport, R>(
    stream: &mut S,
    until: Instant,
    set: &mut Option<Duration>,
    set_timeout: fn(&mut S, Option<Duration>) -> io::Result<()>,
    mut action: impl FnMut(&mut S) -> io::Result<R>,
) -> io::Result<R> {
    loop {
        let left = until.saturating_duration_since(stream.now());
        if left.is_zero() {
            return Err(ErrorKind::WouldBlock.into());
        }
        if set.is_none_or(|set| set > left) {
            let timeout = timeout(left);
            set_timeout(stream, Some(timeout))?;
            *set = Some(timeout);
        }
        match action(stream) {
            // the timeout passed, perhaps before the deadline; or it is not a blocking stream, and
            // then others may as well have the processor
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                thread::yield_now();
            }
            result => return result,
        }
    }
}

impl<S: Transport> Read for Timed<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_with(|stream| stream.read(buf))
    }
}

impl<S: Transport> Write for Timed<'_, S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_with(|stream| stream.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_with(|stream| stream.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_with(Write::flush)
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
