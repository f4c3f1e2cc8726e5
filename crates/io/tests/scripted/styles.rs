//! The styles of this crate, under one name: what holds for one holds for all.

use std::io::Write;

use lastword_io::acceptor::{Config, Connection, Rejection};
use lastword_io::step::{Accept, Close, Options, Step};
use lastword_io::{AcceptError, Delivery, Incoming, TlsAcceptor, TlsStream, Transport};

use super::{Call, Scripted, acceptor, within};

/// How a client is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Blocking,
    BlockingDirect,
    Nonblocking,
    NonblockingDirect,
}

pub(crate) const STYLES: [Style; 4] = [
    Style::Blocking,
    Style::BlockingDirect,
    Style::Nonblocking,
    Style::NonblockingDirect,
];

/// A connection that is established, and its stream.
#[derive(Debug)]
pub(crate) enum Established {
    Blocking(Box<TlsStream<Scripted>>),
    Nonblocking(Connection, Scripted),
}

type Accepted = Result<Established, (AcceptError, Scripted)>;

impl Style {
    pub(crate) const fn blocks(self) -> bool {
        matches!(self, Self::Blocking | Self::BlockingDirect)
    }

    pub(crate) const fn chooses(self) -> bool {
        matches!(self, Self::Blocking | Self::Nonblocking)
    }

    /// Accepts a client, with a configuration at hand on the paths that are direct.
    pub(crate) fn accept(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
        choose: impl Fn(&Incoming) -> Result<Config, Rejection> + Send + Sync + 'static,
    ) -> Accepted {
        let acceptor = match self.chooses() {
            true => within(options, TlsAcceptor::choosing(choose)),
            false => acceptor(options, config),
        };
        match self.blocks() {
            true => blocked(acceptor.accept(stream)),
            false => stepped(&acceptor, stream),
        }
    }

    /// The same, whatever the client says, on whatever path.
    pub(crate) fn accept_any(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
    ) -> Accepted {
        let chosen = config.clone();
        self.accept(stream, options, config, move |_| Ok(chosen.clone()))
    }
}

pub(crate) fn blocked(accepted: Result<TlsStream<Scripted>, AcceptError<Scripted>>) -> Accepted {
    match accepted {
        Ok(stream) => Ok(Established::Blocking(Box::new(stream))),
        Err(error) => Err(error.split_stream()),
    }
}

pub(crate) fn stepped(acceptor: &TlsAcceptor, mut stream: Scripted) -> Accepted {
    let accept = acceptor.start(stream.now());
    match poll(accept, Accept::step, &mut stream) {
        Ok((connection, ())) => Ok(Established::Nonblocking(connection, stream)),
        Err(error) => Err((error, stream)),
    }
}

impl Established {
    pub(crate) fn into_parts(self) -> (Connection, Scripted) {
        match self {
            Self::Blocking(stream) => {
                let (stream, connection) = stream.into_inner();
                (connection, stream)
            }
            Self::Nonblocking(connection, stream) => (connection, stream),
        }
    }

    /// Whether bytes of the handshake, for example tickets, have not been written.
    pub(crate) fn wants_write(&self) -> bool {
        match self {
            Self::Blocking(stream) => stream.get_ref().1.wants_write(),
            Self::Nonblocking(connection, _) => connection.wants_write(),
        }
    }

    /// Writes these words and closes in order.
    pub(crate) fn close(self, words: &[u8]) -> (Delivery, Scripted) {
        match self {
            Self::Blocking(mut stream) => {
                stream.write_all(words).unwrap();
                stream.close()
            }
            Self::Nonblocking(mut connection, mut stream) => {
                connection.write(words).unwrap();
                let drain = Options::default().drain;
                let delivery = poll(
                    Close::new(connection, drain, stream.now()),
                    Close::step,
                    &mut stream,
                );
                (delivery, stream)
            }
        }
    }
}

/// Steps a state whose stream is ready whenever it is asked. A step goes on until the stream
/// blocks, and waits for the call that blocked: edge-triggered readiness would not come otherwise.
fn poll<M, T>(mut state: M, step: fn(M, &mut Scripted) -> Step<M, T>, stream: &mut Scripted) -> T {
    loop {
        state = match step(state, stream) {
            Step::Reading(next) => {
                assert_eq!(stream.blocked.take(), Some(Call::Reading));
                next
            }
            Step::Writing(next) => {
                assert_eq!(stream.blocked.take(), Some(Call::Writing));
                next
            }
            Step::Over(over) => return over,
        };
    }
}
