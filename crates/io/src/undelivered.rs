//! A handshake that failed and of which the client has not been told.

use std::fmt;
use std::time::{Duration, Instant};

use lastword_acceptor::ErrorAndAlert;

use crate::accepting::Failed;
use crate::blocking::{Timeouts, run};
use crate::failure::Report;
use crate::telling::Telling;
use crate::{Drain, Failure, Transport};

/// A handshake that failed, with the alert held back.
///
/// End it with [`deliver`](Self::deliver); or take the stream with
/// [`into_parts`](Self::into_parts), for a client that speaks another protocol.
#[must_use = "the client has not been told yet"]
pub struct Undelivered<S> {
    failed: Box<Failed>,
    times: Times,
    timeouts: Timeouts,
    stream: S,
}

/// What time has to do with a failure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) elapsed: Duration,
    pub(crate) until: Instant,
    pub(crate) drain: Drain,
}

impl<S: Transport> Undelivered<S> {
    pub(crate) fn new(failed: Failed, times: Times, timeouts: Timeouts, stream: S) -> Self {
        Self {
            failed: Box::new(failed),
            times,
            timeouts,
            stream,
        }
    }

    /// Why the handshake failed, and what the client is to be told.
    pub fn error(&self) -> &ErrorAndAlert {
        &self.failed.error
    }

    /// Tells the client and closes the connection in order.
    pub fn deliver(self) -> Failure<S> {
        let Times {
            elapsed,
            until,
            drain,
        } = self.times;
        let (mut stream, mut timeouts) = (self.stream, self.timeouts);
        let telling = Telling::new(*self.failed, drain, until, stream.now());
        let (failed, delivery) = run(telling, &mut stream, &mut timeouts);
        Failure::new(Report::new(failed, delivery, elapsed), stream)
    }

    /// The error with its alert, the stream, and every byte that was read from it and is of use to
    /// another protocol: see [`Error::received`](lastword_acceptor::Error::received).
    ///
    /// The stream's timeouts are off.
    #[must_use = "the client has not been told yet"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, S, Vec<u8>) {
        self.timeouts.clear(&mut self.stream);
        let Failed { error, unused, .. } = *self.failed;
        let received = [error.error().received(), &unused].concat();
        (error, self.stream, received)
    }
}

impl<S> fmt::Debug for Undelivered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undelivered")
            .field("error", &self.failed.error)
            .finish_non_exhaustive()
    }
}
