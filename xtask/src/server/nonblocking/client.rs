//! What a client waits for: to be accepted, for its reply, or for the end.

use std::net::SocketAddr;
use std::time::Instant;

use lastword::io::{Accept, Close, Step, Transport};
use lastword::{Config, Hello, Rejection};

use super::super::{Line, Server};
use served::{Served, Serving};

mod served;

/// Whoever picks the configuration of a client.
pub(super) type Chooser<'a> = &'a dyn Fn(&Hello) -> Result<Config, Rejection>;

/// A client between two steps.
pub(super) struct Client<'a> {
    peer: SocketAddr,
    state: State<'a>,
}

enum State<'a> {
    Accepting(Accept<Chooser<'a>>),
    Serving(Served),
    Closing(Box<Close>),
}

/// How a step ended.
pub(super) enum Next<'a> {
    /// The stream would block.
    Waits(Client<'a>),
    /// There is nothing left but to close the stream; if the handshake failed, what there is to
    /// say of that.
    Over(Option<Line>),
}

impl<'a> Client<'a> {
    pub(super) fn new(server: &Server, chooser: Chooser<'a>, peer: SocketAddr) -> Self {
        let accept = Accept::choosing(&server.options, Instant::now(), chooser);
        let state = State::Accepting(accept);
        Self { peer, state }
    }

    /// When it must be stepped at the latest, if ever.
    pub(super) fn until(&self) -> Option<Instant> {
        match &self.state {
            State::Accepting(accept) => Some(accept.deadline()),
            State::Serving(served) => served.until(),
            State::Closing(close) => Some(close.deadline()),
        }
    }

    /// Goes on for as long as the stream does not block.
    pub(super) fn step(self, server: &Server, stream: &mut impl Transport) -> Next<'a> {
        let Self { peer, mut state } = self;
        loop {
            state = match state {
                State::Accepting(accept) => match accept.step(stream) {
                    Step::Reading(accept) | Step::Writing(accept) => {
                        let state = State::Accepting(accept);
                        return Next::Waits(Self { peer, state });
                    }
                    Step::Over(Ok(connection)) => {
                        State::Serving(Served::new(connection, server.echo, stream.now()))
                    }
                    Step::Over(Err(report)) => return Next::Over(Some(Line::new(peer, &report))),
                },
                State::Serving(served) => match served.step(stream) {
                    Serving::Waits(served) => {
                        let state = State::Serving(served);
                        return Next::Waits(Self { peer, state });
                    }
                    Serving::Over(connection) => {
                        let close = Close::new(*connection, server.options.drain, stream.now());
                        State::Closing(Box::new(close))
                    }
                },
                State::Closing(close) => match close.step(stream) {
                    Step::Reading(close) | Step::Writing(close) => {
                        let state = State::Closing(Box::new(close));
                        return Next::Waits(Self { peer, state });
                    }
                    Step::Over(_) => return Next::Over(None),
                },
            };
        }
    }
}
