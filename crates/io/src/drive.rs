//! Driving a handshake over a transport to its end, whatever end it is.

use std::io;
use std::time::Instant;

use lastword_acceptor::{
    Acceptor, ClientHello, Config, ErrorAndAlert, Handshake, Progress, Rejection, Step,
};
use rustls::ServerConnection;

use crate::deadline::{Deadline, Stopped};
use crate::input::Input;
use crate::outgoing::write_all;
use crate::undelivered::Rest;
use crate::{Options, TlsStream, Transport, Undelivered};

/// A transport under a deadline, and what has been read from it.
pub(crate) struct Drive<S> {
    transport: S,
    options: Options,
    started: Instant,
    deadline: Deadline,
    input: Input,
}

/// Why a handshake failed, and the transport's error if it was that.
struct Failed(ErrorAndAlert, Option<io::Error>);

impl From<ErrorAndAlert> for Failed {
    fn from(error: ErrorAndAlert) -> Self {
        Self(error, None)
    }
}

/// A state that more bytes were awaited for.
trait Unfinished {
    fn end_of_stream(self) -> ErrorAndAlert;
    fn expire(self) -> ErrorAndAlert;
}

impl Unfinished for Acceptor {
    fn end_of_stream(self) -> ErrorAndAlert {
        self.end_of_stream()
    }

    fn expire(self) -> ErrorAndAlert {
        self.expire()
    }
}

impl Unfinished for Handshake {
    fn end_of_stream(self) -> ErrorAndAlert {
        self.end_of_stream()
    }

    fn expire(self) -> ErrorAndAlert {
        self.expire()
    }
}

impl<S: Transport> Drive<S> {
    pub(crate) fn new(transport: S, options: &Options) -> Self {
        Self {
            started: transport.now(),
            deadline: Deadline::after(options.deadline, &transport),
            transport,
            options: *options,
            input: Input::new(),
        }
    }

    /// From the first byte to the end, with a configuration by the chooser.
    pub(crate) fn choose(
        mut self,
        chooser: impl FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
    ) -> Result<TlsStream<S>, Undelivered<S>> {
        let outcome = self
            .hello(chooser)
            .and_then(|handshake| self.handshake(handshake));
        self.end(outcome)
    }

    /// From the first byte to the end, with this configuration.
    pub(crate) fn direct(mut self, config: &Config) -> Result<TlsStream<S>, Undelivered<S>> {
        let handshake = Handshake::new(config.clone(), self.options.limits);
        let outcome = self.handshake(handshake);
        self.end(outcome)
    }

    fn hello(
        &mut self,
        chooser: impl FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
    ) -> Result<Handshake, Failed> {
        let mut acceptor = Acceptor::new(self.options.limits);
        let accepted = loop {
            acceptor = self.read(acceptor)?;
            let mut bytes = self.input.unused();
            let step = acceptor.receive(&mut bytes);
            let left = bytes.len();
            self.input.keep(left);
            match step? {
                Step::NeedsInput(next) => acceptor = next,
                Step::ClientHello(accepted) => break accepted,
            }
        };
        match chooser(&accepted.client_hello()) {
            Ok(config) => Ok(accepted.into_handshake(&config)?),
            Err(rejection) => Err(accepted.reject(rejection).into()),
        }
    }

    fn handshake(&mut self, mut handshake: Handshake) -> Result<ServerConnection, Failed> {
        loop {
            // at first, what came behind the ClientHello in the same read
            let mut bytes = self.input.unused();
            let progress = handshake.receive(&mut bytes);
            let left = bytes.len();
            self.input.keep(left);
            handshake = match progress? {
                Progress::Continue(next) => self.read_answer(next)?,
                Progress::Complete(connection) => return Ok(*connection),
            };
        }
    }

    /// Writes what there is to write and reads what the client says to it.
    fn read_answer(&mut self, mut handshake: Handshake) -> Result<Handshake, Failed> {
        match write_all(&mut self.transport, &mut handshake, &mut self.deadline) {
            Ok(()) => self.read(handshake),
            Err(stopped) => Err(stop(stopped, handshake)),
        }
    }

    fn read<U: Unfinished>(&mut self, unfinished: U) -> Result<U, Failed> {
        match self.input.read(&mut self.transport, &mut self.deadline) {
            Ok(true) => Ok(unfinished),
            Ok(false) => Err(unfinished.end_of_stream().into()),
            Err(stopped) => Err(stop(stopped, unfinished)),
        }
    }

    fn end(
        self,
        outcome: Result<ServerConnection, Failed>,
    ) -> Result<TlsStream<S>, Undelivered<S>> {
        match outcome {
            Ok(connection) => Ok(self.established(connection)),
            Err(Failed(error, io)) => {
                let elapsed = self.transport.now().saturating_duration_since(self.started);
                let unused = self.input.unused().to_vec();
                let rest = Rest {
                    io,
                    unused,
                    elapsed,
                    deadline: self.deadline,
                    drain: self.options.drain,
                };
                Err(Undelivered::new(error, self.transport, rest))
            }
        }
    }

    /// The stream of a complete handshake. What the connection still has to write is written,
    /// tickets for one, and what came behind the handshake is fed to it.
    ///
    /// An error here is none of the handshake's: the stream meets it again and returns it.
    fn established(mut self, mut connection: ServerConnection) -> TlsStream<S> {
        let _ = write_all(&mut self.transport, &mut connection, &mut self.deadline);
        let mut bytes = self.input.unused();
        while !bytes.is_empty() && connection.read_tls(&mut bytes).is_ok_and(|n| n > 0) {
            let _ = connection.process_new_packets();
        }
        let _ = self.transport.set_timeout(None);
        TlsStream::new(connection, self.transport, self.options.drain)
    }
}

fn stop(stopped: Stopped, unfinished: impl Unfinished) -> Failed {
    match stopped {
        Stopped::Expired => unfinished.expire().into(),
        Stopped::Io(error) => Failed(unfinished.end_of_stream(), Some(error)),
    }
}
