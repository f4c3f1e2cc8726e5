//! Timeouts and size limits for one handshake.

use std::time::{Duration, Instant};

use lastword_acceptor::Limits;

/// Timeouts and size limits for one handshake. The defaults are safe on the open network.
///
/// The most that one client takes is [`deadline`](Self::deadline) and [`Drain::time`] together, or
/// [`deadline`](Self::deadline) and 100 milliseconds if [`Drain::time`] is less.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Timeout for the whole handshake, from the call to `accept` to its end, the choice of a
    /// configuration included. Default: 10 seconds.
    ///
    /// The alert of a handshake that fails is written within it. If less than [`Drain::time`] is
    /// left, writing has [`Drain::time`], and at least 100 milliseconds.
    pub deadline: Duration,
    /// Size limits for what the client sends during the handshake. They bound the memory for a client:
    /// see [`Limits`]. What one read takes, 4 KiB, and 1 KiB for a failure come on top, until the client
    /// has its alert.
    pub limits: Limits,
    /// Limits for what is read and thrown away before a connection is closed.
    pub drain: Drain,
}

/// Limits for what is read and thrown away after the last alert, before the connection is closed.
///
/// A socket closed with unread input makes the kernel send a reset, which may overtake the alert:
/// so first the write side is shut, then the client's bytes are read until it closes too. Most
/// clients do so at once. These limits are for the others: beyond them the socket is closed.
///
/// | server | time | bytes |
/// |---|---|---|
/// | this | 1 s | 16 MiB |
/// | nginx (`lingering_close`) | 30 s, 5 s of silence | – |
/// | Apache httpd | 30 s, 2 s of silence | – |
/// | Go `net/http` | 0.5 s | – |
///
/// A blocking server holds a thread for as long, hence the shorter time. Only a client that keeps
/// its side open costs all of it. One second is several round trips of a slow path, and 16 MiB more
/// than a sender has in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drain {
    /// Timeout for the drain, counted from the last byte of the alert. Default: 1 second.
    ///
    /// It ends no later than this time after the timeout of the handshake, or after the start of the
    /// alert if the alert starts later. The close of an established connection takes this time in
    /// all, writing included.
    pub time: Duration,
    /// Limit of what is read, in bytes. Default: 16 MiB.
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
