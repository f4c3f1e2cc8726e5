//! A handshake that failed and of which the client has not been told.

use std::fmt;
use std::io;
use std::time::Duration;

use lastword_acceptor::ErrorAndAlert;

use crate::deadline::Deadline;
use crate::delivery::deliver;
use crate::{Drain, Failure, Transport};

/// A handshake that failed, with the alert held back.
///
/// End it with [`deliver`](Self::deliver); or take the stream with
/// [`into_parts`](Self::into_parts), for a client that speaks another protocol.
#[must_use = "the client has not been told yet"]
pub struct Undelivered<S> {
    error: ErrorAndAlert,
    transport: S,
    rest: Box<Rest>,
}

/// What is known beside the error.
pub(crate) struct Rest {
    pub(crate) io: Option<io::Error>,
    pub(crate) unused: Vec<u8>,
    pub(crate) elapsed: Duration,
    pub(crate) deadline: Deadline,
    pub(crate) drain: Drain,
}

impl<S: Transport> Undelivered<S> {
    pub(crate) fn new(error: ErrorAndAlert, transport: S, rest: Rest) -> Self {
        Self {
            error,
            transport,
            rest: Box::new(rest),
        }
    }

    /// Why the handshake failed, and what the client is to be told.
    pub fn error(&self) -> &ErrorAndAlert {
        &self.error
    }

    /// Tells the client and closes the connection in order.
    pub fn deliver(mut self) -> Failure<S> {
        let Rest {
            io,
            unused,
            elapsed,
            deadline,
            drain,
        } = *self.rest;
        let delivery = deliver(&mut self.transport, &mut self.error, deadline, drain);
        Failure::new(self.error, io, delivery, elapsed, self.transport, unused)
    }

    /// The error with its alert, the stream, and every byte that was read from it and is of use to
    /// another protocol: see [`Error::received`](lastword_acceptor::Error::received).
    ///
    /// The stream's timeouts are off.
    #[must_use = "the client has not been told yet"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, S, Vec<u8>) {
        // fails only for a stream that is broken, and then its next use says so
        let _ = self.transport.set_timeout(None);
        let mut received = self.error.error().received().to_vec();
        received.append(&mut self.rest.unused);
        (self.error, self.transport, received)
    }
}

impl<S> fmt::Debug for Undelivered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undelivered")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
