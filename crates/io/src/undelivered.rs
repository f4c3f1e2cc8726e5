//! A handshake that failed over a blocking stream and of which the client has not been told.

use std::fmt;

use lastword_acceptor::ErrorAndAlert;

use crate::blocking::{Timeouts, run};
use crate::step::Untold;
use crate::{Failure, Transport};

/// A handshake that failed, with the alert held back.
///
/// End it with [`deliver`](Self::deliver); or take the stream with
/// [`into_parts`](Self::into_parts), for a client that speaks another protocol.
#[must_use = "the client has not been told yet"]
pub struct Undelivered<S> {
    untold: Untold,
    timeouts: Timeouts,
    stream: S,
}

impl<S: Transport> Undelivered<S> {
    pub(crate) fn new(untold: Untold, timeouts: Timeouts, stream: S) -> Self {
        Self {
            untold,
            timeouts,
            stream,
        }
    }

    /// Why the handshake failed, and what the client is to be told.
    pub fn error(&self) -> &ErrorAndAlert {
        self.untold.error()
    }

    /// Tells the client and closes the connection in order.
    pub fn deliver(self) -> Failure<S> {
        let (mut stream, mut timeouts) = (self.stream, self.timeouts);
        let telling = self.untold.tell(stream.now());
        Failure::new(run(telling, &mut stream, &mut timeouts), stream)
    }

    /// The error with its alert, the stream, and every byte that was read from it and is of use to
    /// another protocol: see [`Error::received`](lastword_acceptor::Error::received).
    ///
    /// The stream's timeouts are off.
    #[must_use = "the client has not been told yet"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, S, Vec<u8>) {
        self.timeouts.clear(&mut self.stream);
        let (error, received) = self.untold.into_parts();
        (error, self.stream, received)
    }
}

impl<S> fmt::Debug for Undelivered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undelivered")
            .field("error", self.untold.error())
            .finish_non_exhaustive()
    }
}
