//! A client of which a ClientHello is awaited.

use std::io;
use std::time::Instant;

use lastword_acceptor::{Acceptor, ErrorAndAlert, Step as Received};

use crate::attempt::Attempt;
use crate::input::Input;
use crate::machine::{Machine, Moved, Next, is_reset, step};
use crate::observed::End;
use crate::step::{Accepted, Step, Untold};
use crate::untold::Failed;
use crate::{Options, Transport};

/// A client of which a ClientHello is awaited: the first of the states that are
/// [stepped](crate::step).
///
/// Then it is [`Accepted`], or [`Untold`] of its failure. It holds what has arrived of the
/// ClientHello and nothing of rustls's.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Awaiting {
    acceptor: Acceptor,
    attempt: Attempt,
}

impl Awaiting {
    /// A client of which nothing has arrived. `now` is by the clock of the stream:
    /// [`Transport::now`].
    pub fn new(options: &Options, now: Instant) -> Self {
        Self {
            acceptor: Acceptor::new(options.limits),
            attempt: Attempt::new(options, now),
        }
    }

    /// Goes on for as long as the stream does not block.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Result<Accepted, Untold>> {
        step(self, stream)
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.until()
    }

    /// The span of the handshake. Its field `peer` is empty, for you to record.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.attempt.observed.span()
    }

    /// Ends it for a stream that failed outside a step, for example when it was registered.
    pub fn stream_failed(self, error: io::Error) -> Untold {
        let failed = self.acceptor.stream_failed();
        untold(failed, Some(error), Vec::new(), self.attempt)
    }

    /// Aborts the handshake, for example at shutdown. A client that sent something is told
    /// `user_canceled`, then `close_notify` (RFC 8446 section 6.1).
    pub fn cancel(self) -> Untold {
        untold(self.acceptor.cancel(), None, Vec::new(), self.attempt)
    }

    /// Every byte that was read, exactly, to forward to another server.
    #[must_use]
    pub fn into_passthrough(self) -> Vec<u8> {
        let (error, _alert) = self.acceptor.cancel().into_parts();
        self.attempt.observed.end(&End::PassedThrough);
        error.into_received()
    }
}

fn untold(
    error: ErrorAndAlert,
    io: Option<io::Error>,
    unused: Vec<u8>,
    attempt: Attempt,
) -> Untold {
    Untold::new(Failed { error, io, unused }, attempt)
}

impl Machine for Awaiting {
    type Over = Result<Accepted, Untold>;

    fn until(&self) -> Instant {
        self.attempt.until
    }

    fn advance(self, stream: &mut impl Transport) -> Next<Self, Self::Over> {
        let Self {
            mut acceptor,
            attempt,
        } = self;
        let mut input = Input::default();
        let (error, io) = loop {
            if stream.now() >= attempt.until {
                break (acceptor.expire(), None);
            }
            match input.read(stream, usize::MAX) {
                Moved::Bytes(0) => break (acceptor.end_of_stream(), None),
                Moved::Bytes(_) => {}
                Moved::Blocked => return Next::Reading(Self { acceptor, attempt }),
                Moved::Failed(io) if is_reset(&io) => break (acceptor.end_of_stream(), Some(io)),
                Moved::Failed(io) => break (acceptor.stream_failed(), Some(io)),
            }
            match input.take_with(|bytes| acceptor.receive(bytes)) {
                Ok(Received::NeedsInput(next)) => acceptor = next,
                Ok(Received::ClientHello(accepted)) => {
                    let unused = input.to_unused();
                    return Next::Over(Ok(Accepted::new(accepted, unused, attempt)));
                }
                Err(error) => break (error, None),
            }
        };
        Next::Over(Err(untold(error, io, input.to_unused(), attempt)))
    }
}
