//! Accepting a client over a nonblocking stream, step by step.

use std::time::Instant;

use lastword_acceptor::{Config, Hello, Rejection};
use rustls::ServerConnection;

use crate::failure::Report;
use crate::step::{Awaiting, Handshaking, Step, Telling};
use crate::{Options, Transport};

/// A client that is being accepted over a nonblocking stream, for mio, polling, epoll and the like.
///
/// Call [`step`](Self::step) when the stream is there, again whenever it is ready for what the last
/// [`Step`] waits for, and when the [`deadline`](Self::deadline) passes. The alert of a
/// handshake that fails, the shutting of the write side and the drain are among its states: step it
/// until it is over, then close the stream. Where a configuration is not chosen at once, or an
/// alert is to be held back, there are [its states](crate::step) instead.
///
/// It does not hold the stream. Each step goes on until the stream would block, as
/// edge-triggered readiness wants it. The configuration is that of [`accept`](crate::accept) or of
/// [`accept_direct`](crate::accept_direct), and so is what a client is told.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accept<C>(State<C>);

/// The chooser of a server that has no choice.
pub type Direct = fn(&Hello) -> Result<Config, Rejection>;

#[derive(Debug)]
enum State<C> {
    Awaiting(Awaiting, C),
    Handshaking(Handshaking),
    Telling(Telling),
}

impl Accept<Direct> {
    /// A client that is served with a configuration at hand. `now` is by the clock of the stream:
    /// [`Transport::now`].
    pub fn direct(options: &Options, now: Instant, config: &Config) -> Self {
        Self(State::Handshaking(Handshaking::direct(
            options, now, config,
        )))
    }
}

impl<C> Accept<C>
where
    C: FnOnce(&Hello) -> Result<Config, Rejection>,
{
    /// A client whose configuration `chooser` picks by its ClientHello, or whom it refuses. `now`
    /// is by the clock of the stream: [`Transport::now`].
    pub fn choosing(options: &Options, now: Instant, chooser: C) -> Self {
        Self(State::Awaiting(Awaiting::new(options, now), chooser))
    }

    /// Goes on for as long as the stream does not block: to a connection, or to the report of a
    /// handshake that failed. The connection may hold plaintext to read already, and an error that
    /// [`kept_error`](crate::acceptor::kept_error) returns. After a report nothing is left but to close the stream: what
    /// became of the alert is [in it](Report::delivery).
    ///
    /// A panic of the chooser, or of other code of the application that takes part in the handshake,
    /// ends this handshake alone, with `internal_error`. It is not resumed, because an event loop
    /// serves other clients too: [`Report::resume_panic`] does so.
    pub fn step(
        self,
        stream: &mut impl Transport,
    ) -> Step<Self, Result<Box<ServerConnection>, Report>> {
        let mut state = self.0;
        loop {
            state = match state.step(stream) {
                Step::Reading(state) => return Step::Reading(Self(state)),
                Step::Writing(state) => return Step::Writing(Self(state)),
                Step::Over(Turn::To(next)) => next,
                Step::Over(Turn::Over(over)) => return Step::Over(over),
            };
        }
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        match &self.0 {
            State::Awaiting(awaiting, _) => awaiting.deadline(),
            State::Handshaking(handshaking) => handshaking.deadline(),
            State::Telling(telling) => telling.deadline(),
        }
    }
}

/// Where a state leads to.
enum Turn<C> {
    To(State<C>),
    Over(Result<Box<ServerConnection>, Report>),
}

impl<C> State<C>
where
    C: FnOnce(&Hello) -> Result<Config, Rejection>,
{
    fn step(self, stream: &mut impl Transport) -> Step<Self, Turn<C>> {
        let next = match self {
            Self::Awaiting(awaiting, chooser) => match awaiting.step(stream) {
                Step::Reading(next) => return Step::Reading(Self::Awaiting(next, chooser)),
                Step::Writing(next) => return Step::Writing(Self::Awaiting(next, chooser)),
                Step::Over(over) => over.and_then(|accepted| accepted.choose(chooser, &*stream)),
            },
            Self::Handshaking(handshaking) => match handshaking.step(stream) {
                Step::Reading(next) => return Step::Reading(Self::Handshaking(next)),
                Step::Writing(next) => return Step::Writing(Self::Handshaking(next)),
                Step::Over(Ok(connection)) => return Step::Over(Turn::Over(Ok(connection))),
                Step::Over(Err(untold)) => Err(untold),
            },
            Self::Telling(telling) => match telling.step(stream) {
                Step::Reading(next) => return Step::Reading(Self::Telling(next)),
                Step::Writing(next) => return Step::Writing(Self::Telling(next)),
                Step::Over(report) => return Step::Over(Turn::Over(Err(report))),
            },
        };
        Step::Over(Turn::To(match next {
            Ok(handshaking) => Self::Handshaking(handshaking),
            Err(untold) => Self::Telling(untold.tell(stream.now())),
        }))
    }
}
