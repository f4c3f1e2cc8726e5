//! The state of a handshake after the ClientHello, over a stream.

use std::io;
use std::ops::ControlFlow::{Break, Continue};
use std::time::Instant;

use lastword_acceptor::{Connection, End, Handshake};

use super::authenticated::{Authenticated, Authenticating};
use super::stage::{Paused, Stage, Waits};
use super::undelivered::Undelivered;
use crate::machine::{Buffer, Flush, Input, Machine, Next, Step, end_of, step};
use crate::observed::{Attempt, End as Ended};
use crate::options::Drain;
use crate::transport::Transport;

/// A handshake from the answer to the ClientHello to its end. It is one of the [states](crate::step).
///
/// Its result is the connection. When it is returned, all of the handshake is written and flushed.
/// Records that came right after the handshake in the same read are processed. Read their plaintext
/// before you wait for more. If one of them failed after some plaintext, the alert is sent, and
/// [`Connection::kept_error`] returns the error.
///
/// ```
/// use std::net::TcpStream;
/// use std::time::Instant;
/// use lastword_io::step::{Handshaking, Step};
///
/// /// Steps a client that is ready or whose deadline has passed.
/// fn ready(client: Handshaking, stream: &mut TcpStream, waiting: &mut Vec<(Instant, Handshaking)>) {
///     let (started, _drain) = (client.started(), client.drain()); // for the stream of the connection
///     match client.step(stream) {
///         Step::Reading(client) | Step::Writing(client) => {
///             waiting.push((client.deadline(), client));
///         }
///         Step::Over(Ok(_connection)) => println!("connected after {:?}", started.elapsed()),
///         Step::Over(Err(_undelivered)) => { /* deliver it */ }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Handshaking {
    stage: Stage,
    flush: Flush,
    /// Bytes that were read and are not yet used.
    unused: Vec<u8>,
    waits: Waits,
    attempt: Attempt,
}

/// The result of a handshake that has not failed.
pub(super) enum Passed {
    /// The client waits for the verdict of the application.
    Authenticated(Authenticated),
    Established(Connection),
}

impl Handshaking {
    pub(crate) fn new(handshake: Handshake, unused: Vec<u8>, attempt: Attempt) -> Self {
        Self {
            stage: Stage::Handshake(handshake),
            flush: Flush::default(),
            unused,
            waits: Waits::default(),
            attempt,
        }
    }

    /// Continues a client that is accepted.
    pub(super) fn complete(connection: Connection, unused: Vec<u8>, attempt: Attempt) -> Self {
        Self {
            stage: Stage::Complete(connection),
            flush: Flush::default(),
            unused,
            waits: Waits::default(),
            attempt,
        }
    }

    /// Makes the handshake stop once the client is authenticated, for a verdict of the application.
    ///
    /// Call it before the first step. If the client has already completed the handshake, the next step
    /// [aborts](Self::aborted) it.
    ///
    /// ```
    /// # use lastword_io::acceptor::Config;
    /// # use lastword_io::step::{Accepted, Authenticating, Undelivered};
    /// # fn begin(accepted: Accepted, config: &Config) -> Result<Authenticating, Undelivered> {
    /// let authenticating = accepted.into_handshake(config)?.authorizing(); // then step it
    /// # Ok(authenticating)
    /// # }
    /// ```
    pub fn authorizing(self) -> Authenticating {
        let stage = match self.stage {
            Stage::Handshake(handshake) => Stage::Handshake(handshake.authorizing()),
            complete @ Stage::Complete(_) => complete,
        };
        Authenticating(Self { stage, ..self })
    }

    /// Returns whether the client has completed the handshake, and only the end of it is to be written.
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Complete(_))
    }

    /// Steps this state until the stream would block.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Result<Connection, Undelivered>> {
        self.step_with(stream, &mut Buffer::default())
    }

    /// Steps this state until the stream would block, and reads into this buffer.
    pub fn step_with(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Step<Self, Result<Connection, Undelivered>> {
        step(self, stream, buffer)
    }

    /// Returns the deadline. Step this state at that time, even if the stream is not ready.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Machine::deadline(self)
    }

    /// Returns when the handshake started, before the ClientHello arrived.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.attempt.started
    }

    /// Returns the limits of the drain, for a stream of the connection.
    #[must_use]
    pub fn drain(&self) -> Drain {
        self.attempt.drain
    }

    /// Aborts the handshake, for example at shutdown. The client first gets what was still to be
    /// written, and then `user_canceled` and `close_notify` (RFC 8446 section 6.1). Without
    /// [encrypted alerts](crate::acceptor::encrypted_alerts), it gets only `close_notify` after the
    /// ServerHello.
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Delivering, Handshaking}};
    /// # fn shut_down(handshaking: Handshaking, stream: &impl Transport) -> Delivering {
    /// let delivering = handshaking.aborted().deliver(stream.now()); // then step it
    /// # delivering
    /// # }
    /// ```
    pub fn aborted(self) -> Undelivered {
        self.end(None, End::Aborted)
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```
    /// # use lastword_io::step::{Handshaking, Undelivered};
    /// /// Ends the handshake at a deadline of the event loop, before its own.
    /// fn check(client: Handshaking, is_over: bool) -> Result<Handshaking, Undelivered> {
    ///     match is_over {
    ///         true => Err(client.timed_out()),
    ///         false => Ok(client),
    ///     }
    /// }
    /// ```
    pub fn timed_out(self) -> Undelivered {
        self.end(None, End::TimedOut)
    }

    /// Ends the handshake because the stream failed outside a step. A reset counts as a close by
    /// the client, not as a failure of the stream.
    ///
    /// ```
    /// # use std::io;
    /// # use lastword_io::step::{Handshaking, Undelivered};
    /// # fn check(client: Handshaking, registered: io::Result<()>) -> Result<Handshaking, Undelivered> {
    /// match registered {
    ///     Ok(()) => Ok(client),
    ///     Err(error) => Err(client.stream_failed(error)),
    /// }
    /// # }
    /// ```
    pub fn stream_failed(self, error: io::Error) -> Undelivered {
        let end = end_of(&error);
        self.end(Some(error), end)
    }

    fn end(self, io: Option<io::Error>, end: End) -> Undelivered {
        let error = self.stage.end(end);
        Undelivered::new(error, io, self.unused, self.attempt)
    }
}

impl Machine for Handshaking {
    type Over = Result<Connection, Undelivered>;

    fn deadline(&self) -> Instant {
        let deadline = self.attempt.deadline;
        let waits = self.waits.deadline(self.attempt.started);
        waits.map_or(deadline, |waits| waits.min(deadline))
    }

    fn advance(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Next<Self, Self::Over> {
        match self.advance_to_pass(stream, buffer) {
            Next::Reading(next) => Next::Reading(next),
            Next::Writing(next) => Next::Writing(next),
            Next::Again(next) => Next::Again(next),
            Next::Over(Ok(Passed::Established(connection))) => Next::Over(Ok(connection)),
            Next::Over(Ok(Passed::Authenticated(_))) => unreachable!("no verdict is asked for"),
            Next::Over(Err(undelivered)) => Next::Over(Err(undelivered)),
        }
    }
}

impl Handshaking {
    /// Advances until the client has passed the handshake.
    pub(super) fn advance_to_pass(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Next<Self, Result<Passed, Undelivered>> {
        let Self {
            mut stage,
            mut flush,
            unused,
            mut waits,
            attempt,
        } = self;
        let mut input = Input::new(buffer, unused);
        let end = loop {
            let can_receive = stage.can_receive(&input);
            let is_new = stage.is_new();
            if !can_receive || is_new {
                let now = stream.now();
                if is_new {
                    stage.measure(attempt.elapsed(now));
                }
                if !can_receive && now >= attempt.deadline {
                    break Paused::Failed(stage.end(End::TimedOut), None);
                }
            }
            let turn = || match stage.wait(&input, &mut waits, attempt.started, stream) {
                Continue(stage) => stage.turn(stream, &mut input, &mut flush),
                end => end,
            };
            match attempt.observed.in_scope(turn) {
                Continue(next) => stage = next,
                Break(end) => break end,
            }
        };
        let unused = input.to_unused();
        let again = |stage, unused, attempt| Self {
            stage,
            flush,
            unused,
            waits,
            attempt,
        };
        match end {
            Paused::Reading(stage) => Next::Reading(again(stage, unused, attempt)),
            Paused::Writing(stage) => Next::Writing(again(stage, unused, attempt)),
            Paused::Again(stage) => Next::Again(again(stage, unused, attempt)),
            Paused::Authenticated(mut authenticated) => {
                let elapsed = attempt.elapsed(stream.now());
                authenticated.measures_mut().set_finished(elapsed);
                let authenticated = Authenticated::new(authenticated, unused, attempt);
                Next::Over(Ok(Passed::Authenticated(authenticated)))
            }
            Paused::Established(connection) => {
                let elapsed = attempt.elapsed(stream.now());
                attempt.observed.end(&Ended::Established {
                    connection: &connection,
                    elapsed,
                });
                Next::Over(Ok(Passed::Established(connection)))
            }
            Paused::Failed(error, io) => {
                Next::Over(Err(Undelivered::new(error, io, unused, attempt)))
            }
        }
    }
}
