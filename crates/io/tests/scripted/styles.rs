//! The styles of this crate, under one name: what holds for one holds for all.

use std::io::Write;

use lastword_io::acceptor::{Config, Hello, Rejection};
use lastword_io::{
    Accept, Close, Delivery, Failure, Options, Report, Step, TlsStream, Transport, accept,
    accept_direct,
};
use rustls::ServerConnection;

use crate::{Call, Scripted};

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

/// What a client is asked, or not.
pub(crate) type Chooser<'a> = &'a dyn Fn(&Hello) -> Result<Config, Rejection>;

/// A connection that is established, and its stream.
#[derive(Debug)]
pub(crate) enum Established {
    Blocking(Box<TlsStream<Scripted>>),
    Nonblocking(Box<ServerConnection>, Scripted),
}

type Accepted = Result<Established, (Report, Scripted)>;

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
        mut stream: Scripted,
        options: &Options,
        config: &Config,
        choose: Chooser<'_>,
    ) -> Accepted {
        let now = stream.now();
        let polled = match self {
            Self::Blocking => return blocked(accept(stream, options, choose)),
            Self::BlockingDirect => return blocked(accept_direct(stream, options, config)),
            Self::Nonblocking => poll(
                Accept::choosing(options, now, choose),
                Accept::step,
                &mut stream,
            ),
            Self::NonblockingDirect => poll(
                Accept::direct(options, now, config),
                Accept::step,
                &mut stream,
            ),
        };
        match polled {
            Ok(connection) => Ok(Established::Nonblocking(connection, stream)),
            Err(report) => Err((report, stream)),
        }
    }

    /// The same, whatever the client says, on whatever path.
    pub(crate) fn accept_any(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
    ) -> Accepted {
        self.accept(stream, options, config, &|_| Ok(config.clone()))
    }
}

fn blocked(accepted: Result<TlsStream<Scripted>, Failure<Scripted>>) -> Accepted {
    match accepted {
        Ok(stream) => Ok(Established::Blocking(Box::new(stream))),
        Err(failure) => Err(failure.into_parts()),
    }
}

impl Established {
    pub(crate) fn into_parts(self) -> (Box<ServerConnection>, Scripted) {
        match self {
            Self::Blocking(stream) => {
                let (connection, stream) = stream.into_parts();
                (Box::new(connection), stream)
            }
            Self::Nonblocking(connection, stream) => (connection, stream),
        }
    }

    /// Whether bytes of the handshake, tickets for one, have not been written.
    pub(crate) fn wants_write(&self) -> bool {
        match self {
            Self::Blocking(stream) => stream.connection().wants_write(),
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
                connection.writer().write_all(words).unwrap();
                let drain = Options::default().drain;
                let delivery = poll(
                    Close::new(*connection, drain, stream.now()),
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
