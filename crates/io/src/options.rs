//! How long and how much of a client is borne.

use std::time::{Duration, Instant};

use lastword_acceptor::Limits;

/// How long and how much of a client is borne. The defaults are safe on the open network.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The time for the whole handshake, from the call to `accept` to its end, however the bytes
    /// trickle. Writing an alert is within it too,
    /// and gets [`Drain::time`] where less is left, or 100 milliseconds where that is nothing.
    /// Default: 10 seconds.
    pub deadline: Duration,
    /// What is taken before the ClientHello is whole.
    pub limits: Limits,
    /// What is read, to be thrown away, before a connection is closed.
    pub drain: Drain,
}

/// What is read of a client, to be thrown away, once it has been told the last word.
///
/// A socket closed with unread input makes the kernel send a reset, which may overtake the alert:
/// so first the write side is shut, then the client's bytes are read until it closes too. Most
/// clients do so at once. These bounds are for the others: beyond them the socket is closed.
///
/// | server | time | bytes |
/// |---|---|---|
/// | this | 1 s | 16 MiB |
/// | nginx (`lingering_close`) | 30 s, 5 s of silence | – |
/// | Apache httpd | 30 s, 2 s of silence | – |
/// | Go `net/http` | 0.5 s | – |
///
/// A blocking server holds a thread for as long, hence the shorter time. Only a client that keeps
/// its side open costs all of it: of 4,530 refused ones among 20,000 mixed clients on two cores, one
/// held a thread for 10 milliseconds in the middle and for 0.1 seconds at the worst. One second is
/// several round trips of a slow path, and 16 MiB more than a sender has in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drain {
    /// How long in all. Default: 1 second.
    pub time: Duration,
    /// How many bytes. Default: 16 MiB.
    pub bytes: u64,
}

impl Options {
    /// The same options with another [`deadline`](Self::deadline).
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The same options with other [`limits`](Self::limits).
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same options with another [`drain`](Self::drain).
    #[must_use]
    pub fn with_drain(self, drain: Drain) -> Self {
        Self { drain, ..self }
    }
}

impl Options {
    /// When a handshake that begins now must have ended.
    pub(crate) fn until(&self, now: Instant) -> Instant {
        after(now, self.deadline)
    }
}

/// When this time has passed. A time that the clock cannot hold is no bound: a century is as good.
pub(crate) fn after(now: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    now.checked_add(time.min(CENTURY)).unwrap_or(now)
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            limits: Limits::default(),
            drain: Drain::default(),
        }
    }
}

impl Drain {
    /// The same bounds with another [`time`](Self::time).
    #[must_use]
    pub const fn with_time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// The same bounds with another number of [`bytes`](Self::bytes).
    #[must_use]
    pub const fn with_bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(1),
            bytes: 16 << 20,
        }
    }
}
