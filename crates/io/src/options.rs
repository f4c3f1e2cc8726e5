//! Timeouts, size limits and shadow configurations for one handshake.

use std::time::{Duration, Instant};

#[cfg(feature = "tracing")]
use lastword_acceptor::Error;
use lastword_acceptor::{Config, Limits};

use crate::shadow::Shadows;

/// Timeouts and size limits for one handshake. The defaults are safe on the open network.
///
/// One client takes at most the sum of [`timeout`](Self::timeout) and [`Drain::time`]. A
/// [`Drain::time`] below 100 milliseconds counts as 100 milliseconds.
///
/// ```
/// use std::time::Duration;
/// use lastword_io::step::Options;
///
/// let options = Options::default().with_timeout(Duration::from_secs(5));
/// assert_eq!(options.timeout, Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Timeout for the whole handshake, including the choice of a configuration. It is counted from
    /// the call to `accept`. Default: 10 seconds.
    ///
    /// If the handshake fails, its alert is written within this time. But writing always has at least
    /// [`Drain::time`] or 100 milliseconds, whichever is longer.
    pub timeout: Duration,
    /// Size limits for what the client sends during the handshake. They bound the memory for a
    /// client: see [`Limits`]. One read takes another 4 KiB and a failure another 1 KiB, until the
    /// client has its alert.
    pub limits: Limits,
    /// Limits for what is read and thrown away before a connection is closed.
    pub drain: Drain,
    pub(crate) shadows: Shadows,
    #[cfg(feature = "tracing")]
    pub(crate) level: LevelOf,
}

/// A function that returns the level of the event for a failed handshake. Its arguments are the
/// error and the default level.
#[cfg(feature = "tracing")]
pub type LevelOf = fn(&Error, tracing::Level) -> tracing::Level;

/// Limits for what is read and thrown away after the last alert, before the connection is closed.
///
/// If a socket is closed with unread input, the kernel sends a reset, which may overtake the alert.
/// So the write side is shut first, and then the client's bytes are read until it closes too. Most
/// clients close at once. If a client does not, the socket is closed at these limits.
///
/// | server | time | bytes |
/// |---|---|---|
/// | this | 1 s | 16 MiB |
/// | nginx (`lingering_close`) | 30 s, 5 s of silence | – |
/// | Apache httpd | 30 s, 2 s of silence | – |
/// | Go `net/http` | 0.5 s | – |
///
/// The time is short because a blocking server holds a thread for it. Only a client that keeps its
/// side open uses the whole time. One second is several round trips of a slow path. 16 MiB is more
/// than a sender has in flight.
///
/// ```
/// use std::time::Duration;
/// use lastword_io::Drain;
///
/// let drain = Drain::default().with_time(Duration::from_millis(500)).with_bytes(1 << 20);
/// assert_eq!(drain.bytes, 1_048_576);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drain {
    /// Timeout for the drain, counted from the last byte of the alert. Default: 1 second.
    ///
    /// The drain ends at most this time after the deadline of the handshake. If the delivery of the
    /// alert starts after the deadline, the drain ends at most this time after that start. The
    /// close of an established connection takes at most this time in total, including the time for
    /// writing.
    pub time: Duration,
    /// Limit for the number of bytes that are read. Default: 16 MiB.
    pub bytes: u64,
}

impl Options {
    /// Sets the [`timeout`](Self::timeout) of the whole handshake.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lastword_io::step::Options;
    /// let options = Options::default().with_timeout(Duration::from_secs(5));
    /// assert_eq!(options.timeout.as_secs(), 5);
    /// ```
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets the [size limits](Self::limits).
    ///
    /// ```
    /// # use lastword_io::step::Options;
    /// use lastword_io::acceptor::Limits;
    ///
    /// let options = Options::default().with_limits(Limits::default().with_hello_len(16 << 10));
    /// assert_eq!(options.limits.hello_len, 16_384);
    /// ```
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the [limits of the drain](Self::drain).
    ///
    /// ```
    /// # use lastword_io::step::Options;
    /// use lastword_io::Drain;
    ///
    /// let options = Options::default().with_drain(Drain::default().with_bytes(1 << 20));
    /// assert_eq!(options.drain.bytes, 1_048_576);
    /// ```
    #[must_use]
    pub fn with_drain(self, drain: Drain) -> Self {
        Self { drain, ..self }
    }

    /// Adds a shadow configuration: counts the clients that would be refused under it, and refuses
    /// none of them. `policy` names it in metrics and events.
    ///
    /// Each client that gets a configuration is also checked with [`Config::check`]. This check
    /// does not find everything: for example, it does not find a missing certificate. Clients that
    /// the server refuses are not counted. With the feature `metrics` the counter is
    /// `lastword_would_refuse_total`, with the labels `policy` and `reason`. With the feature
    /// `tracing` there is an event for each refusal. Without these features it does nothing. Call
    /// it again for more policies.
    ///
    /// It costs one check for each client and each shadow configuration, and one small allocation for
    /// each client.
    ///
    /// ```
    /// # use lastword_io::acceptor::Config;
    /// # use lastword_io::step::Options;
    /// fn options(without_tls12: Config) -> Options {
    ///     Options::default().with_shadow("without_tls12", without_tls12)
    /// }
    /// ```
    #[must_use]
    pub fn with_shadow(self, policy: &'static str, config: impl Into<Config>) -> Self {
        let shadows = self.shadows.with(policy, config.into());
        Self { shadows, ..self }
    }

    /// Sets the level of the event for each failed handshake, with the feature `tracing`.
    ///
    /// By default an error of this server has the level `ERROR`. A client that does not speak TLS, or
    /// that closes without a byte, has `DEBUG`. All others have `INFO`.
    ///
    /// ```
    /// use lastword_io::acceptor::Reason;
    /// use lastword_io::step::Options;
    /// use tracing::Level;
    ///
    /// let options = Options::default().with_level(|error, default| match error.reason() {
    ///     Reason::ClientCertificate => Level::WARN,
    ///     _ => default,
    /// });
    /// # drop(options);
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn with_level(self, level: LevelOf) -> Self {
        Self { level, ..self }
    }

    /// Returns when a handshake that begins at this time times out.
    ///
    /// ```
    /// # use std::time::{Duration, Instant};
    /// # use lastword_io::step::Options;
    /// let now = Instant::now();
    /// let options = Options::default().with_timeout(Duration::from_secs(5));
    /// assert_eq!(options.deadline(now), now + Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn deadline(&self, now: Instant) -> Instant {
        after(now, self.timeout)
    }
}

/// Returns `now` plus this time, or plus a century if the clock cannot hold the result.
pub(crate) fn after(now: Instant, time: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    now.checked_add(time.min(CENTURY)).unwrap_or(now)
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            limits: Limits::default(),
            drain: Drain::default(),
            shadows: Shadows::default(),
            #[cfg(feature = "tracing")]
            level: |_, default| default,
        }
    }
}

impl Drain {
    /// Sets the [`time`](Self::time) of the drain.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lastword_io::Drain;
    /// let drain = Drain::default().with_time(Duration::from_millis(500));
    /// assert_eq!(drain.time.as_millis(), 500);
    /// ```
    #[must_use]
    pub const fn with_time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Sets the [maximum number of bytes](Self::bytes) that are read.
    ///
    /// ```
    /// # use lastword_io::Drain;
    /// let drain = Drain::default().with_bytes(64 << 10); // 64 KiB
    /// assert_eq!(drain.bytes, 65_536);
    /// ```
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
