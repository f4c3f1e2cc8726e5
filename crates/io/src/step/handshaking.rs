//! The state of a handshake after the ClientHello, over a stream.

use std::io;
use std::ops::ControlFlow::{self, Break, Continue};
use std::time::{Duration, Instant};

use lastword_acceptor as sans_io;
use lastword_acceptor::{Connection, End, ErrorAndAlert, Handshake, Progress};

use super::authenticated::{Authenticated, Authenticating};
use super::undelivered::Undelivered;
use crate::machine::{
    Buffer, Flush, Input, Machine, Moved, Next, Step, Wrote, end_of, is_reset, step,
};
use crate::observed::{Attempt, End as Ended};
use crate::options::Drain;
use crate::transport::Transport;

/// A handshake from the answer to the ClientHello to its end. It is one of the [states](crate::step).
///
/// Its result is the connection. All that the handshake had to write is written and flushed. Records
/// that came right after the handshake in the same read are processed: read their plaintext before
/// you wait for more. If one of them failed after some plaintext, the alert is sent, and
/// [`Connection::kept_error`] returns the error.
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

#[derive(Debug)]
enum Stage {
    Handshake(Handshake),
    /// It is complete, and the connection has its last flight to write: Finished in TLS 1.2, tickets
    /// in TLS 1.3.
    Complete(Connection),
}

/// The time at which waiting records are processed, in milliseconds after the start of the handshake.
/// 0 if none wait. Every client has one, so it is small.
#[derive(Clone, Copy, Debug, Default)]
struct Waits(u32);

impl Waits {
    /// Starts the wait at this time after the start of the handshake.
    fn from(elapsed: Duration) -> Self {
        let end = (elapsed + Handshake::WAIT).as_millis();
        Self(end.try_into().unwrap_or(u32::MAX))
    }

    fn deadline(self, started: Instant) -> Option<Instant> {
        match self.0 {
            0 => None,
            milliseconds => Some(started + Duration::from_millis(milliseconds.into())),
        }
    }
}

/// The next stage, or the end of a step.
type Turn = ControlFlow<Paused, Stage>;

/// The end of a step.
enum Paused {
    Reading(Stage),
    Writing(Stage),
    /// The deadline changes.
    Again(Stage),
    Authenticated(sans_io::Authenticated),
    Established(Connection),
    Failed(ErrorAndAlert, Option<io::Error>),
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

    /// Returns the deadline: step this state then even if the stream is not ready.
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

    /// Aborts the handshake, for example at shutdown. After what was still to be written, the client
    /// gets `user_canceled` and then `close_notify` (RFC 8446 section 6.1). After the ServerHello it
    /// gets only `close_notify` without [encrypted alerts](crate::acceptor::encrypted_alerts).
    pub fn aborted(self) -> Undelivered {
        self.end(None, End::Aborted)
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    pub fn timed_out(self) -> Undelivered {
        self.end(None, End::TimedOut)
    }

    /// Ends the handshake because the stream failed outside a step. A reset is no failure: it is how
    /// the client closes.
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
            if !stage.can_receive(&input) && stream.now() >= attempt.deadline {
                break Paused::Failed(stage.end(End::TimedOut), None);
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
            Paused::Authenticated(authenticated) => {
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

impl Stage {
    /// Returns whether the handshake can use bytes that were read. They come before the deadline.
    fn can_receive(&self, input: &Input<'_>) -> bool {
        matches!(self, Self::Handshake(_)) && !input.unused().is_empty()
    }

    /// Processes waiting records if the next does not arrive in time. The wait starts when the answer
    /// is written: before that the client sends nothing, and an alert would be in the middle of a
    /// record.
    fn wait(
        self,
        input: &Input<'_>,
        waits: &mut Waits,
        started: Instant,
        stream: &impl Transport,
    ) -> Turn {
        let is_waiting = matches!(&self, Self::Handshake(handshake)
            if handshake.has_waiting_records() && !handshake.wants_write());
        match (
            is_waiting && input.unused().is_empty(),
            waits.deadline(started),
        ) {
            (false, None) => Continue(self),
            // more records have arrived, or these are processed: the deadline changes
            (false, Some(_)) => {
                *waits = Waits::default();
                Break(Paused::Again(self))
            }
            (true, None) => {
                *waits = Waits::from(stream.now().saturating_duration_since(started));
                Break(Paused::Again(self))
            }
            (true, Some(deadline)) if stream.now() < deadline => Continue(self),
            (true, Some(_)) => {
                *waits = Waits::default();
                match self {
                    Self::Handshake(handshake) => progressed(handshake.process_waiting()),
                    complete @ Self::Complete(_) => Continue(complete),
                }
            }
        }
    }

    /// Ends the handshake from outside.
    fn end(self, end: End) -> ErrorAndAlert {
        match self {
            Self::Handshake(handshake) => handshake.end(end),
            Self::Complete(connection) => connection.end(end),
        }
    }

    fn turn(self, stream: &mut impl Transport, input: &mut Input<'_>, flush: &mut Flush) -> Turn {
        match self {
            Self::Handshake(handshake) if !input.unused().is_empty() => receive(handshake, input),
            Self::Handshake(mut handshake) => {
                let answers = handshake.wants_write();
                match flush.write_all(stream, &mut handshake) {
                    // from now on the records wait for the next
                    Wrote::All if answers && handshake.has_waiting_records() => {
                        Continue(Self::Handshake(handshake))
                    }
                    Wrote::All => read(handshake, stream, input),
                    Wrote::Blocked => Break(Paused::Writing(Self::Handshake(handshake))),
                    Wrote::Failed(io) => broken(Self::Handshake(handshake), io),
                }
            }
            Self::Complete(mut connection) => match flush.write_all(stream, &mut connection) {
                Wrote::All if input.unused().is_empty() => Break(Paused::Established(connection)),
                // unreachable: one read has less plaintext than rustls has room for
                Wrote::All => Break(Paused::Failed(connection.end(End::Aborted), None)),
                Wrote::Blocked => Break(Paused::Writing(Self::Complete(connection))),
                Wrote::Failed(io) => broken(Self::Complete(connection), io),
            },
        }
    }
}

fn read(handshake: Handshake, stream: &mut impl Transport, input: &mut Input<'_>) -> Turn {
    match input.read(stream, handshake.most_to_read()) {
        Moved::Bytes(0) => closed(handshake, None),
        Moved::Bytes(_) => Continue(Stage::Handshake(handshake)),
        Moved::Blocked => Break(Paused::Reading(Stage::Handshake(handshake))),
        Moved::Failed(io) if is_reset(&io) => closed(handshake, Some(io)),
        Moved::Failed(io) => broken(Stage::Handshake(handshake), io),
    }
}

/// Nothing more can be written, so what came before is of no use.
fn broken(stage: Stage, io: io::Error) -> Turn {
    Break(Paused::Failed(stage.end(end_of(&io)), Some(io)))
}

/// Handles a close by the client. Bytes before it may complete the handshake or contain an alert.
fn closed(handshake: Handshake, io: Option<io::Error>) -> Turn {
    match handshake.process_all() {
        Ok(Progress::Authenticated(client)) => Break(Paused::Authenticated(client)),
        Ok(Progress::Complete(connection)) => Continue(Stage::Complete(connection)),
        Ok(Progress::ClientHello(_)) => unreachable!("the ClientHello is answered"),
        Ok(Progress::Continue(handshake)) => {
            let end = io.as_ref().map_or(End::Closed, end_of);
            Break(Paused::Failed(handshake.end(end), io))
        }
        Err(error) => Break(Paused::Failed(error, io)),
    }
}

fn receive(handshake: Handshake, input: &mut Input<'_>) -> Turn {
    progressed(input.take_with(|bytes| handshake.receive(bytes)))
}

fn progressed(progress: Result<Progress, ErrorAndAlert>) -> Turn {
    match progress {
        Ok(Progress::Continue(handshake)) => Continue(Stage::Handshake(handshake)),
        Ok(Progress::Authenticated(client)) => Break(Paused::Authenticated(client)),
        Ok(Progress::Complete(connection)) => Continue(Stage::Complete(connection)),
        Ok(Progress::ClientHello(_)) => unreachable!("the ClientHello is answered"),
        Err(error) => Break(Paused::Failed(error, None)),
    }
}
