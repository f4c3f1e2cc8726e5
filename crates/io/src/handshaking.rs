//! A handshake with a configuration at hand, over a stream.

use std::io;
use std::ops::ControlFlow::{self, Break, Continue};
use std::time::{Duration, Instant};

use lastword_acceptor::{Config, ErrorAndAlert, Handshake, Progress};
use rustls::ServerConnection;

use crate::attempt::Attempt;
use crate::input::Input;
use crate::machine::{Machine, Moved, Next, is_reset, step};
use crate::observed::End as Ended;
use crate::outgoing::{Flushed, Wrote};
use crate::step::{Step, Untold};
use crate::untold::Failed;
use crate::{Drain, Options, Transport};

/// A handshake with a configuration at hand, from whichever of its messages to its end: one of the
/// states that are [stepped](crate::step).
///
/// Then there is rustls's connection, all that the handshake had to write written and flushed; or
/// the client is [`Untold`] of its failure. What came right after the handshake in the same read is
/// in the connection, processed: read its plaintext before you wait for more. If a part of it
/// failed after there was plaintext, the client has its alert, and
/// [`kept_error`](crate::acceptor::kept_error) returns the error.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Handshaking {
    stage: Stage,
    flushed: Flushed,
    /// What was read and not yet used.
    unused: Vec<u8>,
    waits: Waits,
    attempt: Attempt,
}

#[derive(Debug)]
enum Stage {
    Handshake(Handshake),
    /// It is complete and the connection has its last flight to write: Finished in TLS 1.2,
    /// tickets in TLS 1.3.
    Complete(Box<ServerConnection>),
}

/// When records that wait for the next are processed without it: so many milliseconds after the
/// handshake began. None wait if it is 0. Every client has one, so it is small.
#[derive(Clone, Copy, Debug, Default)]
struct Waits(u32);

impl Waits {
    /// They wait from so long after the handshake began.
    fn from(elapsed: Duration) -> Self {
        let until = (elapsed + Handshake::WAIT).as_millis();
        Self(until.try_into().unwrap_or(u32::MAX))
    }

    fn until(self, started: Instant) -> Option<Instant> {
        match self.0 {
            0 => None,
            milliseconds => Some(started + Duration::from_millis(milliseconds.into())),
        }
    }
}

/// On to the next stage, or the end of a step.
type Turn = ControlFlow<End, Stage>;

/// How a step ends.
enum End {
    Reading(Stage),
    Writing(Stage),
    /// Another deadline holds.
    Again(Stage),
    Established(Box<ServerConnection>),
    Failed(ErrorAndAlert, Option<io::Error>),
}

impl Handshaking {
    /// A client of which nothing has arrived and that is to be served with `config`. `now` is by
    /// the clock of the stream: [`Transport::now`].
    pub fn direct(options: &Options, now: Instant, config: &Config) -> Self {
        let handshake = Handshake::new(config, options.limits);
        Self::new(handshake, Vec::new(), Attempt::new(options, now))
    }

    pub(crate) fn new(handshake: Handshake, unused: Vec<u8>, attempt: Attempt) -> Self {
        Self {
            stage: Stage::Handshake(handshake),
            flushed: Flushed::default(),
            unused,
            waits: Waits::default(),
            attempt,
        }
    }

    /// Goes on for as long as the stream does not block.
    pub fn step(
        self,
        stream: &mut impl Transport,
    ) -> Step<Self, Result<Box<ServerConnection>, Untold>> {
        step(self, stream)
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.until()
    }

    /// When it began.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.attempt.started
    }

    /// The bounds of the drain, for a stream of the connection.
    #[must_use]
    pub fn drain(&self) -> Drain {
        self.attempt.drain
    }

    /// Aborts the handshake, for example at shutdown. After what was still to be written the client
    /// is told `user_canceled`, if no ServerHello was made, and `close_notify` (RFC 8446 section 6.1).
    /// It is told nothing if it has sent nothing.
    pub fn cancel(self) -> Untold {
        let error = self.stage.into_handshake().cancel();
        let (io, unused) = (None, self.unused);
        Untold::new(Failed { error, io, unused }, self.attempt)
    }
}

impl Machine for Handshaking {
    type Over = Result<Box<ServerConnection>, Untold>;

    fn until(&self) -> Instant {
        let until = self.attempt.until;
        let waits_until = self.waits.until(self.attempt.started);
        waits_until.map_or(until, |waits_until| waits_until.min(until))
    }

    fn advance(self, stream: &mut impl Transport) -> Next<Self, Self::Over> {
        let Self {
            mut stage,
            mut flushed,
            unused,
            mut waits,
            attempt,
        } = self;
        let mut input = Input::default();
        input.put(&unused);
        let end = loop {
            if !stage.can_receive(&input) && stream.now() >= attempt.until {
                break End::Failed(stage.into_handshake().expire(), None);
            }
            let turn = || match stage.wait(&input, &mut waits, attempt.started, stream) {
                Continue(stage) => stage.turn(stream, &mut input, &mut flushed),
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
            flushed,
            unused,
            waits,
            attempt,
        };
        match end {
            End::Reading(stage) => Next::Reading(again(stage, unused, attempt)),
            End::Writing(stage) => Next::Writing(again(stage, unused, attempt)),
            End::Again(stage) => Next::Again(again(stage, unused, attempt)),
            End::Established(connection) => {
                attempt.observed.end(&Ended::Established {
                    connection: &connection,
                    elapsed: stream.now().saturating_duration_since(attempt.started),
                });
                Next::Over(Ok(connection))
            }
            End::Failed(error, io) => {
                let failed = Failed { error, io, unused };
                Next::Over(Err(Untold::new(failed, attempt)))
            }
        }
    }
}

impl Stage {
    /// Whether there is something read that the handshake has not used, which comes first. What is
    /// behind it waits for its end.
    fn can_receive(&self, input: &Input) -> bool {
        matches!(self, Self::Handshake(_)) && !input.unused().is_empty()
    }

    /// Sees to the records that wait for the next: they are processed if it does not come in time. That
    /// begins once the answer is written: a client says nothing before it has it, and an alert cannot
    /// come in the middle of a record.
    fn wait(
        self,
        input: &Input,
        waits: &mut Waits,
        started: Instant,
        stream: &impl Transport,
    ) -> Turn {
        let is_waiting = matches!(&self, Self::Handshake(handshake)
            if handshake.has_waiting_records() && !handshake.wants_write());
        match (
            is_waiting && input.unused().is_empty(),
            waits.until(started),
        ) {
            (false, None) => Continue(self),
            // others have come, or they are processed: another deadline holds
            (false, Some(_)) => {
                *waits = Waits::default();
                Break(End::Again(self))
            }
            (true, None) => {
                *waits = Waits::from(stream.now().saturating_duration_since(started));
                Break(End::Again(self))
            }
            (true, Some(until)) if stream.now() < until => Continue(self),
            (true, Some(_)) => {
                *waits = Waits::default();
                progressed(self.into_handshake().process_waiting())
            }
        }
    }

    /// The handshake, to be ended by an error.
    fn into_handshake(self) -> Handshake {
        match self {
            Self::Handshake(handshake) => handshake,
            Self::Complete(connection) => Handshake::unwritten(connection),
        }
    }

    fn turn(self, stream: &mut impl Transport, input: &mut Input, flushed: &mut Flushed) -> Turn {
        match self {
            Self::Handshake(handshake) if !input.unused().is_empty() => receive(handshake, input),
            Self::Handshake(mut handshake) => {
                let answers = handshake.wants_write();
                match flushed.write_all(stream, &mut handshake) {
                    // now those records wait for the next
                    Wrote::All if answers && handshake.has_waiting_records() => {
                        Continue(Self::Handshake(handshake))
                    }
                    Wrote::All => read(handshake, stream, input),
                    Wrote::Blocked => Break(End::Writing(Self::Handshake(handshake))),
                    Wrote::Failed(io) => broken(handshake, io),
                }
            }
            Self::Complete(mut connection) => match flushed.write_all(stream, &mut *connection) {
                Wrote::All if input.unused().is_empty() => Break(End::Established(connection)),
                // rustls has no room for more plaintext, and one read has less than fits
                Wrote::All => Break(End::Failed(Handshake::unwritten(connection).cancel(), None)),
                Wrote::Blocked => Break(End::Writing(Self::Complete(connection))),
                Wrote::Failed(io) => broken(Handshake::unwritten(connection), io),
            },
        }
    }
}

fn read(handshake: Handshake, stream: &mut impl Transport, input: &mut Input) -> Turn {
    match input.read(stream, handshake.most_to_read()) {
        Moved::Bytes(0) => closed(handshake, None),
        Moved::Bytes(_) => Continue(Stage::Handshake(handshake)),
        Moved::Blocked => Break(End::Reading(Stage::Handshake(handshake))),
        Moved::Failed(io) if is_reset(&io) => closed(handshake, Some(io)),
        Moved::Failed(io) => broken(handshake, io),
    }
}

/// Nothing more can be written, so what came before is of no use. A reset is the client's way to
/// close; any other error is none of its doing.
fn broken(handshake: Handshake, io: io::Error) -> Turn {
    let error = match is_reset(&io) {
        true => handshake.end_of_stream(),
        false => handshake.stream_failed(),
    };
    Break(End::Failed(error, Some(io)))
}

/// The client has closed: what it sent before may complete the handshake, or say why.
fn closed(handshake: Handshake, io: Option<io::Error>) -> Turn {
    match handshake.process_all() {
        Ok(Progress::Complete(connection)) => Continue(Stage::Complete(connection)),
        Ok(Progress::Continue(handshake)) => Break(End::Failed(handshake.end_of_stream(), io)),
        Err(error) => Break(End::Failed(error, io)),
    }
}

fn receive(handshake: Handshake, input: &mut Input) -> Turn {
    progressed(input.take_with(|bytes| handshake.receive(bytes)))
}

fn progressed(progress: Result<Progress, ErrorAndAlert>) -> Turn {
    match progress {
        Ok(Progress::Continue(handshake)) => Continue(Stage::Handshake(handshake)),
        Ok(Progress::Complete(connection)) => Continue(Stage::Complete(connection)),
        Err(error) => Break(End::Failed(error, None)),
    }
}
