//! The stages of a handshake over a stream, from the answer to the ClientHello to its end.

use std::io;
use std::ops::ControlFlow::{self, Break, Continue};
use std::time::{Duration, Instant};

use lastword_acceptor as sans_io;
use lastword_acceptor::{Connection, End, ErrorAndAlert, Handshake, Progress};

use crate::machine::{Flush, Input, LastFlight, Moved, Wrote, end_of, is_reset};
use crate::transport::Transport;

#[derive(Debug)]
pub(super) enum Stage {
    Handshake(Handshake),
    /// It is complete, and the connection has its last flight to write: Finished in TLS 1.2, tickets
    /// in TLS 1.3.
    Complete(Connection),
}

/// The time at which waiting records are processed, in milliseconds after the start of the handshake.
/// 0 if none wait. Every client has one, so it is small.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits(u32);

impl Waits {
    /// Starts the wait at this time after the start of the handshake.
    fn from(elapsed: Duration) -> Self {
        let end = (elapsed + Handshake::WAIT).as_millis();
        Self(end.try_into().unwrap_or(u32::MAX))
    }

    pub(super) fn deadline(self, started: Instant) -> Option<Instant> {
        match self.0 {
            0 => None,
            milliseconds => Some(started + Duration::from_millis(milliseconds.into())),
        }
    }
}

/// The next stage, or the end of a step.
pub(super) type Turn = ControlFlow<Paused, Stage>;

/// The end of a step.
pub(super) enum Paused {
    Reading(Stage),
    Writing(Stage),
    /// The deadline changes.
    Again(Stage),
    Authenticated(sans_io::Authenticated),
    Established(Connection),
    Failed(ErrorAndAlert, Option<io::Error>),
}

impl Stage {
    /// Returns whether the handshake can use bytes that were read. They come before the deadline.
    #[inline]
    pub(super) fn can_receive(&self, input: &Input<'_>) -> bool {
        matches!(self, Self::Handshake(_)) && !input.unused().is_empty()
    }

    /// Returns whether the start of this stage is not measured yet.
    #[inline]
    pub(super) fn is_new(&mut self) -> bool {
        match self {
            Self::Handshake(handshake) => {
                let measures = handshake.measures_mut();
                measures.is_some_and(|measures| measures.answered().is_none())
            }
            Self::Complete(connection) => connection.measures_mut().finished().is_none(),
        }
    }

    /// Measures the start of this stage.
    #[inline]
    pub(super) fn measure(&mut self, elapsed: Duration) {
        match self {
            Self::Handshake(handshake) => {
                if let Some(measures) = handshake.measures_mut() {
                    measures.set_answered(elapsed);
                }
            }
            Self::Complete(connection) => connection.measures_mut().set_finished(elapsed),
        }
    }

    /// Processes waiting records if the next does not arrive in time. The wait starts when the answer
    /// is written: before that the client sends nothing, and an alert would be in the middle of a
    /// record.
    #[inline]
    pub(super) fn wait(
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
    pub(super) fn end(self, end: End) -> ErrorAndAlert {
        match self {
            Self::Handshake(handshake) => handshake.end(end),
            Self::Complete(connection) => connection.end(end),
        }
    }

    #[inline]
    pub(super) fn turn(
        self,
        stream: &mut impl Transport,
        input: &mut Input<'_>,
        flush: &mut Flush,
    ) -> Turn {
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
            Self::Complete(mut connection) => match flush
                .write_all(stream, &mut LastFlight(&mut connection))
            {
                Wrote::All if input.unused().is_empty() => Break(Paused::Established(connection)),
                // unreachable: one read has less plaintext than rustls has room for
                Wrote::All => Break(Paused::Failed(connection.end(End::Aborted), None)),
                Wrote::Blocked => Break(Paused::Writing(Self::Complete(connection))),
                Wrote::Failed(io) => broken(Self::Complete(connection), io),
            },
        }
    }
}

fn read(mut handshake: Handshake, stream: &mut impl Transport, input: &mut Input<'_>) -> Turn {
    match input.read(stream, handshake.most_to_read()) {
        Moved::Bytes(0) => closed(handshake, None),
        Moved::Bytes(n) => {
            if let Some(measures) = handshake.measures_mut() {
                measures.add_received(n);
            }
            Continue(Stage::Handshake(handshake))
        }
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
