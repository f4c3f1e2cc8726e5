//! Accepting a client over a nonblocking stream, step by step.

use std::time::Instant;

use lastword_acceptor::{ClientHello, Config, Rejection};
use rustls::ServerConnection;

use crate::accepting::{Accepting, Failed};
use crate::failure::Report;
use crate::machine::{Machine, Next};
use crate::telling::Telling;
use crate::undelivered::Times;
use crate::{Delivery, Drain, Options, Transport};

/// A client that is being accepted over a nonblocking stream, for mio, polling, epoll and the like.
///
/// Call [`step`](Self::step) when the stream is there, again whenever it is ready for what the last
/// step [waits for](Progress), and when the [`deadline`](Self::deadline) passes. The alert of a
/// handshake that fails, the shutting of the write side and the drain are among its states: step it
/// until it is over, then close the stream.
///
/// It holds neither the stream nor a buffer. Each step goes on until the stream would block, as
/// edge-triggered readiness wants it. The configuration is that of [`accept`](crate::accept) or of
/// [`accept_direct`](crate::accept_direct), and so is what a client is told.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accept<C> {
    state: State<C>,
    started: Instant,
    drain: Drain,
}

/// What a client that is being accepted waits for.
#[derive(Debug)]
pub enum Progress<C> {
    /// For the stream to be readable.
    Reading(Accept<C>),
    /// For the stream to be writable.
    Writing(Accept<C>),
    /// For nothing: the handshake is complete. There may be plaintext to read in the connection
    /// already, and bytes to write if the stream failed.
    Done(Box<ServerConnection>),
}

/// The chooser of a server that has no choice.
pub type Direct = fn(&ClientHello<'_>) -> Result<Config, Rejection>;

#[derive(Debug)]
enum State<C> {
    Accepting(Accepting<C>),
    /// It failed, and the client is being told.
    Telling(Telling<Box<Failed>>, Times),
}

impl Accept<Direct> {
    /// A client that is served with a configuration at hand. `now` is by the clock of the stream:
    /// [`Transport::now`].
    pub fn direct(options: &Options, now: Instant, config: &Config) -> Self {
        Self::new(
            Accepting::direct(options.limits, options.until(now), config),
            now,
            options,
        )
    }
}

impl<C> Accept<C>
where
    C: FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
{
    /// A client whose configuration `chooser` picks by its ClientHello, or whom it refuses. `now`
    /// is by the clock of the stream: [`Transport::now`].
    pub fn choosing(options: &Options, now: Instant, chooser: C) -> Self {
        Self::new(
            Accepting::choosing(options.limits, options.until(now), chooser),
            now,
            options,
        )
    }

    /// Goes on for as long as the stream does not block.
    ///
    /// # Errors
    ///
    /// If the handshake failed. The client has then been told, as far as it let itself be, and
    /// there is nothing left but to close the stream.
    pub fn step(self, stream: &mut impl Transport) -> Result<Progress<C>, Report> {
        let Self {
            mut state,
            started,
            drain,
        } = self;
        let again = |state| Self {
            state,
            started,
            drain,
        };
        loop {
            state = match state.step(started, drain, stream) {
                Next::Again(next) => next,
                Next::Reading(next) => return Ok(Progress::Reading(again(next))),
                Next::Writing(next) => return Ok(Progress::Writing(again(next))),
                Next::Over(over) => return over.map(Progress::Done),
            };
        }
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        match &self.state {
            State::Accepting(accepting) => accepting.until(),
            State::Telling(telling, _) => telling.until(),
        }
    }
}

impl<C> Accept<C> {
    fn new(accepting: Accepting<C>, started: Instant, options: &Options) -> Self {
        Self {
            state: State::Accepting(accepting),
            started,
            drain: options.drain,
        }
    }
}

impl<C> State<C>
where
    C: FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
{
    fn step(
        self,
        started: Instant,
        drain: Drain,
        stream: &mut impl Transport,
    ) -> Next<Self, Result<Box<ServerConnection>, Report>> {
        match self {
            Self::Accepting(accepting) => {
                let until = accepting.until();
                let next = accepting.step(stream);
                let now = stream.now();
                next.within(Self::Accepting, |over| match over {
                    Ok(connection) => Next::Over(Ok(connection)),
                    Err(failed) => {
                        let times = Times {
                            elapsed: now.saturating_duration_since(started),
                            until,
                            drain,
                        };
                        let telling = Telling::new(Box::new(failed), drain, until, now);
                        Next::Again(Self::Telling(telling, times))
                    }
                })
            }
            Self::Telling(telling, times) => telling.step(stream).within(
                |telling| Self::Telling(telling, times),
                |(failed, delivery)| {
                    let report = Report::new(*failed, delivery, times.elapsed);
                    Next::Over(Err(report))
                },
            ),
        }
    }
}

/// An orderly close over a nonblocking stream: what is left to write and `close_notify` behind it,
/// the write side shut, and what the client still sends read, within the bounds of [`Drain`].
#[derive(Debug)]
#[must_use = "the client waits for the end"]
pub struct Close {
    telling: Telling<Box<ServerConnection>>,
}

/// What an orderly close waits for.
#[derive(Debug)]
pub enum Closing {
    /// For the stream to be readable.
    Reading(Close),
    /// For the stream to be writable.
    Writing(Close),
    /// For nothing: what became of it. Close the stream.
    Done(Delivery),
}

impl Close {
    /// Begins to close. `now` is by the clock of the stream: [`Transport::now`].
    pub fn new(connection: impl Into<Box<ServerConnection>>, drain: Drain, now: Instant) -> Self {
        let mut connection = connection.into();
        connection.send_close_notify();
        Self {
            telling: Telling::new(connection, drain, now, now),
        }
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.telling.until()
    }

    /// Goes on for as long as the stream does not block.
    #[must_use]
    pub fn step(self, stream: &mut impl Transport) -> Closing {
        let mut telling = self.telling;
        loop {
            telling = match telling.step(stream) {
                Next::Again(next) => next,
                Next::Reading(telling) => return Closing::Reading(Self { telling }),
                Next::Writing(telling) => return Closing::Writing(Self { telling }),
                Next::Over((_, delivery)) => return Closing::Done(delivery),
            };
        }
    }
}
