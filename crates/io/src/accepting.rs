//! A handshake over a stream, from its first byte to its end, whatever end it is.

use std::io;
use std::time::Instant;

use lastword_acceptor::{
    Accepted, Acceptor, ClientHello, Config, ErrorAndAlert, Handshake, Limits, Progress, Rejection,
    Step,
};
use rustls::ServerConnection;

use crate::Transport;
use crate::input::Input;
use crate::machine::{Machine, Moved, Next, is_reset};
use crate::outgoing::{Flushed, Outgoing, Wrote};

/// A handshake that is under way.
#[derive(Debug)]
pub(crate) struct Accepting<C> {
    stage: Stage<C>,
    flushed: Flushed,
    until: Instant,
}

#[derive(Debug)]
enum Stage<C> {
    /// The ClientHello is not whole; then the chooser is asked.
    Hello(Acceptor, C),
    Handshake(Handshake),
    /// It succeeded and the connection has something to write, tickets for one.
    Established(Box<ServerConnection>),
}

/// Why a handshake failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: ErrorAndAlert,
    /// The stream's error, if it was that.
    pub(crate) io: Option<io::Error>,
    /// What was read behind what shows the error.
    pub(crate) unused: Vec<u8>,
}

/// What is left to say to the client.
impl Outgoing for Failed {
    fn wants_write(&self) -> bool {
        !self.error.tls().is_empty()
    }

    fn write_tls(&mut self, wr: &mut dyn io::Write) -> io::Result<usize> {
        let written = wr.write(self.error.tls())?;
        self.error.advance(written);
        Ok(written)
    }
}

/// Where a stage leads to.
enum Turn<C> {
    To(Stage<C>),
    Reading(Stage<C>),
    Writing(Stage<C>),
    Established(Box<ServerConnection>),
    Failed(ErrorAndAlert, Option<io::Error>),
}

impl<C> Accepting<C> {
    /// A client whose configuration is chosen by its ClientHello.
    pub(crate) fn choosing(limits: Limits, until: Instant, chooser: C) -> Self {
        Self::new(Stage::Hello(Acceptor::new(limits), chooser), until)
    }

    /// A client that is served with this configuration.
    pub(crate) fn direct(limits: Limits, until: Instant, config: &Config) -> Self {
        Self::new(Stage::Handshake(Handshake::new(config, limits)), until)
    }

    fn new(stage: Stage<C>, until: Instant) -> Self {
        Self {
            stage,
            flushed: Flushed::default(),
            until,
        }
    }
}

impl<C> Machine for Accepting<C>
where
    C: FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
{
    type Over = Result<Box<ServerConnection>, Failed>;

    fn until(&self) -> Instant {
        self.until
    }

    fn step(self, stream: &mut impl Transport) -> Next<Self, Self::Over> {
        let Self {
            mut stage,
            mut flushed,
            until,
        } = self;
        let mut input = Input::new();
        let again = |stage, flushed| Self {
            stage,
            flushed,
            until,
        };
        loop {
            // what has been read is used first
            let turn = if input.unused().is_empty() && stream.now() >= until {
                stage.expire()
            } else {
                stage.advance(stream, &mut input, &mut flushed)
            };
            stage = match turn {
                Turn::To(next) => next,
                Turn::Reading(stage) => return Next::Reading(again(stage, flushed)),
                Turn::Writing(stage) => return Next::Writing(again(stage, flushed)),
                Turn::Established(connection) => return Next::Over(Ok(connection)),
                Turn::Failed(error, io) => {
                    let unused = input.unused().to_vec();
                    return Next::Over(Err(Failed { error, io, unused }));
                }
            };
        }
    }
}

impl<C> Stage<C>
where
    C: FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
{
    fn expire(self) -> Turn<C> {
        match self {
            Self::Hello(acceptor, _) => Turn::Failed(acceptor.expire(), None),
            Self::Handshake(handshake) => Turn::Failed(handshake.expire(), None),
            Self::Established(connection) => Turn::Established(connection),
        }
    }

    fn advance(
        self,
        stream: &mut impl Transport,
        input: &mut Input,
        flushed: &mut Flushed,
    ) -> Turn<C> {
        match self {
            Self::Hello(acceptor, chooser) => hello(acceptor, chooser, stream, input),
            Self::Handshake(handshake) if !input.unused().is_empty() => receive(handshake, input),
            Self::Handshake(mut handshake) => match flushed.write_all(stream, &mut handshake) {
                Wrote::All => read(handshake, stream, input),
                Wrote::Blocked => Turn::Writing(Self::Handshake(handshake)),
                Wrote::Failed(io) => broken(handshake, io),
            },
            Self::Established(mut connection) => {
                match flushed.write_all(stream, &mut *connection) {
                    Wrote::Blocked => Turn::Writing(Self::Established(connection)),
                    // an error is none of the handshake's: the connection's next use meets it again
                    Wrote::All | Wrote::Failed(_) => Turn::Established(connection),
                }
            }
        }
    }
}

fn hello<C>(
    acceptor: Acceptor,
    chooser: C,
    stream: &mut impl Transport,
    input: &mut Input,
) -> Turn<C>
where
    C: FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
{
    match input.read(stream) {
        Moved::Bytes(0) => return Turn::Failed(acceptor.end_of_stream(), None),
        Moved::Bytes(_) => {}
        Moved::Blocked => return Turn::Reading(Stage::Hello(acceptor, chooser)),
        Moved::Failed(io) if is_reset(&io) => {
            return Turn::Failed(acceptor.end_of_stream(), Some(io));
        }
        Moved::Failed(io) => return Turn::Failed(acceptor.stream_failed(), Some(io)),
    }
    let mut bytes = input.unused();
    let step = acceptor.receive(&mut bytes);
    let left = bytes.len();
    input.keep(left);
    match step {
        Ok(Step::NeedsInput(acceptor)) => Turn::To(Stage::Hello(acceptor, chooser)),
        Ok(Step::ClientHello(accepted)) => match choose(accepted, chooser) {
            Ok(handshake) => Turn::To(Stage::Handshake(handshake)),
            Err(error) => Turn::Failed(error, None),
        },
        Err(error) => Turn::Failed(error, None),
    }
}

fn choose(
    accepted: Accepted,
    chooser: impl FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
) -> Result<Handshake, ErrorAndAlert> {
    match chooser(&accepted.client_hello()) {
        Ok(config) => accepted.into_handshake(&config),
        Err(rejection) => Err(accepted.reject(rejection)),
    }
}

fn read<C>(handshake: Handshake, stream: &mut impl Transport, input: &mut Input) -> Turn<C> {
    match input.read(stream) {
        Moved::Bytes(0) => Turn::Failed(handshake.end_of_stream(), None),
        Moved::Bytes(_) => Turn::To(Stage::Handshake(handshake)),
        Moved::Blocked => Turn::Reading(Stage::Handshake(handshake)),
        Moved::Failed(io) => broken(handshake, io),
    }
}

/// A reset is the client's way to close; anything else is no doing of its.
fn broken<C>(handshake: Handshake, io: io::Error) -> Turn<C> {
    let error = match is_reset(&io) {
        true => handshake.end_of_stream(),
        false => handshake.stream_failed(),
    };
    Turn::Failed(error, Some(io))
}

fn receive<C>(handshake: Handshake, input: &mut Input) -> Turn<C> {
    let mut bytes = input.unused();
    let progress = handshake.receive(&mut bytes);
    let turn = match progress {
        Ok(Progress::Continue(handshake)) => Turn::To(Stage::Handshake(handshake)),
        Ok(Progress::Complete(mut connection)) => {
            feed(&mut connection, &mut bytes);
            Turn::To(Stage::Established(connection))
        }
        Err(error) => Turn::Failed(error, None),
    };
    let left = bytes.len();
    input.keep(left);
    turn
}

/// Has the connection take what came behind the handshake in the same read. It is less than rustls
/// holds; an error is met again by the connection's next use.
fn feed(connection: &mut ServerConnection, bytes: &mut &[u8]) {
    while !bytes.is_empty() && connection.read_tls(bytes).is_ok_and(|n| n > 0) {
        let _ = connection.process_new_packets();
    }
}
