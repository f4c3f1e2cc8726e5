//! Reads and writes held to one deadline, at one socket option for most handshakes.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use crate::Transport;

/// One deadline for any number of reads and writes.
///
/// The transport's timeout is set before the first of them to the whole time, and again only when
/// it has come to overshoot what is left by more than a twentieth of the whole.
#[derive(Debug)]
pub(crate) struct Deadline {
    at: Instant,
    /// The whole time.
    time: Duration,
    /// The transport's timeout, if it was set.
    timeout: Option<Duration>,
}

/// Why a read or a write did not happen.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The deadline passed.
    Expired,
    /// The transport failed.
    Io(io::Error),
}

impl Deadline {
    /// `time` from now.
    pub(crate) fn after(time: Duration, transport: &impl Transport) -> Self {
        // a time that the clock cannot hold is no bound: a century is as good
        let century = Duration::from_secs(100 * 365 * 86_400);
        let time = time.min(century);
        Self {
            at: transport.now() + time,
            time,
            timeout: None,
        }
    }

    /// The same deadline, or `time` from now if less is left.
    pub(crate) fn or_after(self, time: Duration, transport: &impl Transport) -> Self {
        let now = transport.now();
        if self.at.saturating_duration_since(now) >= time {
            return self;
        }
        Self {
            at: now + time,
            time,
            timeout: self.timeout,
        }
    }

    /// Does `action` until it neither blocks nor is interrupted, or the deadline passes.
    pub(crate) fn retry<T: Transport, R>(
        &mut self,
        transport: &mut T,
        mut action: impl FnMut(&mut T) -> io::Result<R>,
    ) -> Result<R, Stopped> {
        loop {
            self.arm(transport)?;
            match action(transport) {
                Ok(done) => return Ok(done),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    // the timeout passed, perhaps before the deadline; or it is not a blocking
                    // stream, and then others may as well have the processor
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => thread::yield_now(),
                    _ => return Err(Stopped::Io(error)),
                },
            }
        }
    }

    fn arm(&mut self, transport: &mut impl Transport) -> Result<(), Stopped> {
        let left = self.at.saturating_duration_since(transport.now());
        if left.is_zero() {
            return Err(Stopped::Expired);
        }
        if self
            .timeout
            .is_none_or(|timeout| timeout > left + self.time / 20)
        {
            transport.set_timeout(Some(left)).map_err(Stopped::Io)?;
            self.timeout = Some(left);
        }
        Ok(())
    }
}
