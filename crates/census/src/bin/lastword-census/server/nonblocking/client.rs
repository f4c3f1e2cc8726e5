//! What a client waits for: to be accepted, for its reply, or for the end.

use std::net::SocketAddr;
use std::time::Instant;

use lastword::io::step::{Accept, Close, Step};
use lastword::io::{Drain, TlsAcceptor, Transport};

use super::super::Line;
use served::{Served, Serving};

mod served;

/// A client between two steps.
pub(super) struct Client {
    peer: SocketAddr,
    state: State,
}

enum State {
    Accepting(Accept),
    Serving(Served),
    Closing(Box<Close>),
}

/// How a step ended.
pub(super) enum Next {
    /// The stream would block.
    Waits(Client),
    /// There is nothing left but to close the stream; if the handshake failed, what there is to
    /// say of that.
    Over(Option<Line>),
}

impl Client {
    pub(super) fn new(acceptor: &TlsAcceptor, peer: SocketAddr) -> Self {
        let state = State::Accepting(acceptor.start(Instant::now()));
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
    pub(super) fn step(self, echo: bool, stream: &mut impl Transport) -> Next {
        let Self { peer, mut state } = self;
        loop {
            state = match state {
                State::Accepting(accept) => match accept.step(stream) {
                    Step::Reading(accept) | Step::Writing(accept) => {
                        let state = State::Accepting(accept);
                        return Next::Waits(Self { peer, state });
                    }
                    Step::Over(Ok((connection, ()))) => {
                        State::Serving(Served::new(connection, echo, stream.now()))
                    }
                    Step::Over(Err(error)) => return Next::Over(Some(Line::new(peer, &error))),
                },
                State::Serving(served) => match served.step(stream) {
                    Serving::Waits(served) => {
                        let state = State::Serving(served);
                        return Next::Waits(Self { peer, state });
                    }
                    Serving::Over(connection) => {
                        let close = Close::new(connection, Drain::default(), stream.now());
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
