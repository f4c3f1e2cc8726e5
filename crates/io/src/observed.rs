//! Observation of one handshake: its times, the span and event of `tracing`, and the `metrics`.

use std::time::{Duration, Instant};

use lastword_acceptor::{AlertDescription, Connection, Error};

use crate::delivery::Delivery;
use crate::options::{Drain, Options};

#[cfg(feature = "tracing")]
mod certificate;
#[cfg(feature = "metrics")]
mod measured;
#[cfg(feature = "tracing")]
mod traced;

#[cfg(all(feature = "background", feature = "metrics"))]
pub(crate) use measured::deliveries_reached;
#[cfg(feature = "metrics")]
pub use measured::describe_metrics;

/// The data of a client during its whole handshake: its start, its deadline, its drain and its
/// observers.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) started: Instant,
    pub(crate) deadline: Instant,
    pub(crate) drain: Drain,
    pub(crate) observed: Observed,
}

impl Attempt {
    pub(crate) fn new(options: &Options, now: Instant) -> Self {
        Self {
            started: now,
            deadline: options.deadline(now),
            drain: options.drain,
            observed: Observed::begin(options),
        }
    }

    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }
}

/// One observed handshake. It is empty without the two features.
#[derive(Debug)]
pub(crate) struct Observed {
    /// In a box, to keep the states small.
    #[cfg(feature = "tracing")]
    traced: Box<traced::Traced>,
    #[cfg(feature = "metrics")]
    measured: measured::Measured,
}

/// How a handshake ended. A handshake that is dropped has no end.
#[cfg_attr(
    not(feature = "tracing"),
    expect(dead_code, reason = "it is for the event")
)]
pub(crate) enum End<'a> {
    /// It succeeded.
    Established {
        connection: &'a Connection,
        elapsed: Duration,
    },
    /// It failed.
    Failed {
        error: &'a Error,
        /// Whether the client closed without sending a byte.
        is_probe: bool,
        /// The alert for the client.
        alert: Option<AlertDescription>,
        /// `None` if the alert was handed to the application.
        delivered: Option<Delivered>,
    },
    /// The client was passed through, and its ClientHello is not answered.
    PassedThrough,
}

/// What became of the alert.
#[cfg_attr(not(any(feature = "tracing", feature = "metrics")), expect(dead_code))]
#[derive(Clone, Copy)]
pub(crate) struct Delivered {
    pub(crate) delivery: Delivery,
    /// Whether it was written to its last byte and flushed. After a reset the delivery does not show
    /// this.
    pub(crate) is_written: bool,
    /// How long the handshake took.
    pub(crate) elapsed: Duration,
}

impl Observed {
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, reason = "they have the levels of events")
    )]
    pub(crate) fn begin(options: &Options) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            traced: Box::new(traced::Traced::begin(options.level)),
            #[cfg(feature = "metrics")]
            measured: measured::Measured::begin(),
        }
    }

    /// Runs a chooser or rustls in the span.
    pub(crate) fn in_scope<T>(&self, action: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        let _entered = self.traced.span().enter();
        action()
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn span(&self) -> &tracing::Span {
        self.traced.span()
    }

    /// Reports that the client would be refused under a shadow configuration.
    #[cfg_attr(
        not(any(feature = "tracing", feature = "metrics")),
        expect(unused_variables)
    )]
    #[cfg_attr(
        not(feature = "tracing"),
        expect(clippy::unused_self, reason = "the span is for the event")
    )]
    pub(crate) fn would_refuse(&self, policy: &'static str, error: &Error) {
        #[cfg(feature = "tracing")]
        self.traced.would_refuse(policy, error);
        #[cfg(feature = "metrics")]
        measured::would_refuse(policy, error.reason());
    }

    #[cfg_attr(
        not(any(feature = "tracing", feature = "metrics")),
        expect(unused_variables)
    )]
    pub(crate) fn end(self, end: &End<'_>) {
        #[cfg(feature = "tracing")]
        self.traced.end(end);
        #[cfg(feature = "metrics")]
        self.measured.end(end);
    }
}
