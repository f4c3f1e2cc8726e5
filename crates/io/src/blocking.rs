//! Runs a state over a blocking stream until it is over, with few changes of socket options.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use crate::machine::{Buffer, Machine, Next};
use crate::transport::Transport;

/// Runs the state until it is over, at the latest soon after its last deadline.
pub(crate) fn run<M: Machine>(
    mut machine: M,
    stream: &mut impl Transport,
    timeouts: &mut Timeouts,
) -> M::Over {
    let mut buffer = Buffer::default();
    loop {
        let mut timed = Timed {
            deadline: machine.deadline(),
            stream,
            timeouts,
        };
        machine = match machine.advance(&mut timed, &mut buffer) {
            // the call has blocked until the deadline
            Next::Reading(machine) | Next::Writing(machine) | Next::Again(machine) => machine,
            Next::Over(over) => return over,
        };
    }
}

/// The timeouts that were set on a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timeouts {
    read: Option<Duration>,
    write: Option<Duration>,
}

impl Timeouts {
    /// Removes those that were set.
    pub(crate) fn clear(self, stream: &mut impl Transport) {
        let read = self.read.map(|_| stream.set_read_timeout(None));
        let write = self.write.map(|_| stream.set_write_timeout(None));
        match read.and(write) {
            None | Some(Ok(())) => {}
            // setting a timeout worked before, so the stream has failed since: the application's next
            // read or write returns the error
            Some(Err(_)) => {}
        }
    }
}

/// Returns the timeout for a call when this much time is left: a quarter less, down to eight
/// milliseconds.
///
/// Systems round a timeout up, Linux by as much as an eighth. With a quarter less, the same timeout
/// also fits the later calls of a quick handshake.
fn timeout(left: Duration) -> Duration {
    match left < Duration::from_millis(8) {
        true => left,
        false => left - left / 4,
    }
}

/// Whether a timeout that is set ends a call in the time that is left, rounded up by the system.
fn serves(set: Duration, left: Duration) -> bool {
    set + set / 8 <= left
}

/// A blocking stream whose calls block until a deadline at most.
///
/// A timeout is set before the first call that needs it, and again only when it no longer serves.
struct Timed<'a, S> {
    stream: &'a mut S,
    deadline: Instant,
    timeouts: &'a mut Timeouts,
}

impl<S: Transport> Timed<'_, S> {
    fn read_with<R>(&mut self, action: impl FnMut(&mut S) -> io::Result<R>) -> io::Result<R> {
        let set = &mut self.timeouts.read;
        call(self.stream, self.deadline, set, S::set_read_timeout, action)
    }

    fn write_with<R>(&mut self, action: impl FnMut(&mut S) -> io::Result<R>) -> io::Result<R> {
        let set = &mut self.timeouts.write;
        call(
            self.stream,
            self.deadline,
            set,
            S::set_write_timeout,
            action,
        )
    }
}

/// Calls `action`, a read or a write, with its timeout set.
fn call<S: Transport, R>(
    stream: &mut S,
    deadline: Instant,
    set: &mut Option<Duration>,
    set_timeout: fn(&mut S, Option<Duration>) -> io::Result<()>,
    mut action: impl FnMut(&mut S) -> io::Result<R>,
) -> io::Result<R> {
    retry(stream, deadline, |stream, left| {
        if !set.is_some_and(|set| serves(set, left)) {
            let timeout = timeout(left);
            set_timeout(stream, Some(timeout))?;
            *set = Some(timeout);
        }
        action(stream)
    })
}

/// The shortest time between two calls that block.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest time between two calls that block, after several of them.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Calls `action` until it is done. After the deadline it returns that the stream would block.
///
/// A call that blocks has waited for its timeout. If the stream has no timeouts, it has not waited,
/// and without pauses the calls would take all of a processor.
fn retry<S: Transport, R>(
    stream: &mut S,
    deadline: Instant,
    mut action: impl FnMut(&mut S, Duration) -> io::Result<R>,
) -> io::Result<R> {
    let mut pause = FIRST_PAUSE;
    loop {
        let called = stream.now();
        let left = deadline.saturating_duration_since(called);
        if left.is_zero() {
            return Err(ErrorKind::WouldBlock.into());
        }
        match action(stream, left) {
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    let waited = stream.now().saturating_duration_since(called);
                    if waited < pause {
                        stream.sleep(pause.min(left) - waited.min(left));
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                _ => return Err(error),
            },
            done => return done,
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
        retry(self.stream, self.deadline, |stream, _| {
            stream.shutdown_write()
        })
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let read = self.stream.read(buf);
        self.stream.set_nonblocking(false)?;
        read
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        self.stream.take_error()
    }

    fn now(&self) -> Instant {
        self.stream.now()
    }
}
