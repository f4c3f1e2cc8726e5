//! What is said of each handshake to those who observe the process, behind two features: a span and
//! an event of `tracing`, and the figures of `metrics`.

use std::time::Duration;

use lastword_acceptor::{AlertDescription, Error};
use rustls::ServerConnection;

use crate::Delivery;

#[cfg(feature = "metrics")]
mod measured;
#[cfg(feature = "tracing")]
mod traced;

#[cfg(feature = "metrics")]
pub use measured::describe_metrics;

/// One handshake, observed from its begin to its end. Without the features it is nothing.
#[derive(Debug)]
pub(crate) struct Observed {
    /// In a box, so that no state grows by it.
    #[cfg(feature = "tracing")]
    span: Box<tracing::Span>,
    #[cfg(feature = "metrics")]
    measured: measured::Measured,
}

/// How a handshake ended. One that is dropped has no end.
#[cfg_attr(
    not(feature = "tracing"),
    expect(dead_code, reason = "it is for the event")
)]
pub(crate) enum End<'a> {
    /// It succeeded.
    Established {
        connection: &'a ServerConnection,
        elapsed: Duration,
    },
    /// It failed.
    Failed {
        error: &'a Error,
        /// What the client was to be told.
        alert: Option<AlertDescription>,
        /// `None` if the alert was handed to the application.
        told: Option<Told>,
    },
    /// The client was handed on, its ClientHello unanswered.
    PassedThrough,
}

/// What became of the last word.
#[cfg_attr(not(any(feature = "tracing", feature = "metrics")), expect(dead_code))]
#[derive(Clone, Copy)]
pub(crate) struct Told {
    pub(crate) delivery: Delivery,
    /// Whether it was written to its last byte and flushed: if there was a reset, the delivery does
    /// not tell.
    pub(crate) is_written: bool,
    /// How long the handshake took.
    pub(crate) elapsed: Duration,
}

impl Observed {
    pub(crate) fn begin() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            span: Box::new(traced::begin()),
            #[cfg(feature = "metrics")]
            measured: measured::Measured::begin(),
        }
    }

    /// Runs what the application has a part in, a chooser or rustls, in the span.
    pub(crate) fn in_scope<T>(&self, action: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        let _entered = self.span.enter();
        action()
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn span(&self) -> &tracing::Span {
        &self.span
    }

    #[cfg_attr(
        not(any(feature = "tracing", feature = "metrics")),
        expect(unused_variables)
    )]
    pub(crate) fn end(self, end: &End<'_>) {
        #[cfg(feature = "tracing")]
        traced::end(&self.span, end);
        #[cfg(feature = "metrics")]
        self.measured.end(end);
    }
}
