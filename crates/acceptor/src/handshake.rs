//! The handshake from a configuration to its end: the one driver of every path.

use std::io::{self, Write};
use std::time::Duration;

use rustls::ServerConnection;

use crate::driving::{Driven, Driving};
use crate::{Acceptor, Config, ErrorAndAlert, Limits, Phase, Step, after};

/// A handshake with a configuration at hand.
///
/// Two ways lead here: [`new`](Self::new), the direct path, for a server that has one
/// configuration for all clients; and [`Accepted::into_handshake`](crate::Accepted::into_handshake),
/// for one that chose. From here on they are one.
///
/// Write what [`wants_write`](Self::wants_write), then feed it what the client sends with
/// [`receive`](Self::receive), until it is [`Progress::Complete`].
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Handshake {
    state: State,
}

#[derive(Debug)]
enum State {
    /// The ClientHello is not whole.
    Hello { acceptor: Acceptor, config: Config },
    /// rustls has answered the ClientHello.
    Driving(Driving),
}

/// How far a [`Handshake`] has come.
#[derive(Debug)]
pub enum Progress {
    /// Not to its end: write what it wants written, then feed it more.
    Continue(Handshake),
    /// To its end. The connection may still have something to write, for example tickets, and
    /// something to read: what came right after the handshake. If that failed,
    /// [`kept_error`](crate::kept_error) returns the error, and its alert is among what is to be written.
    Complete(Box<ServerConnection>),
}

impl Handshake {
    /// A client of which nothing has arrived and that is to be served with `config`.
    pub fn new(config: &Config, limits: Limits) -> Self {
        let config = config.clone();
        Self {
            state: State::Hello {
                acceptor: Acceptor::new(limits),
                config,
            },
        }
    }

    pub(crate) fn driving(driving: Driving) -> Self {
        Self {
            state: State::Driving(driving),
        }
    }

    /// A handshake that is complete but for the last flight, which the connection still has to
    /// write: to be ended by an error if that cannot be written.
    pub fn unwritten(connection: Box<ServerConnection>) -> Self {
        Self {
            state: State::Driving(Driving::complete(connection)),
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Hello { .. } => Phase::ClientHello,
            State::Driving(driving) => driving.phase(),
        }
    }

    /// Whether there is something to write to the client.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        match &self.state {
            State::Hello { .. } => false,
            State::Driving(driving) => driving.connection.wants_write(),
        }
    }

    /// Writes what there is to write, as much as `wr` takes at once: the number of bytes.
    ///
    /// # Errors
    ///
    /// Those of `wr`, and nothing is lost by them.
    pub fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        match &mut self.state {
            State::Hello { .. } => Ok(0),
            State::Driving(driving) => driving.connection.write_tls(wr),
        }
    }

    /// Takes bytes off the front of `bytes`: all of them. When the handshake is complete, what
    /// comes after it is the connection's; bytes are left only where rustls has no room for more
    /// plaintext.
    ///
    /// Before you call it, write all that it [wants written](Self::wants_write), or nothing. If a record
    /// is written in part and the handshake fails, the error may name another alert than the client is
    /// told.
    ///
    /// How the client's bytes are cut makes no difference to the outcome. An empty slice is no
    /// end of the stream.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind). What was still to be written is in the error, before the alert.
    pub fn receive(self, bytes: &mut &[u8]) -> Result<Progress, ErrorAndAlert> {
        match self.state {
            State::Driving(driving) => Progress::of(driving.receive(bytes)?, bytes),
            State::Hello { acceptor, config } => match acceptor.receive(bytes) {
                Ok(Step::NeedsInput(acceptor)) => {
                    let state = State::Hello { acceptor, config };
                    Ok(Progress::Continue(Self { state }))
                }
                Ok(Step::ClientHello(accepted)) => accepted.into_handshake(&config)?.receive(bytes),
                Err(error) => Err(error),
            },
        }
    }

    /// Whether whole records of the client's wait to be processed if no other comes.
    ///
    /// They do only where the server has rejected early data, which looks like the client's next
    /// message until it is processed. Process them with [`process_waiting`](Self::process_waiting)
    /// if nothing more comes within [`WAIT`](Self::WAIT).
    #[must_use]
    pub fn has_waiting_records(&self) -> bool {
        match &self.state {
            State::Hello { .. } => false,
            State::Driving(driving) => driving.has_waiting_records(),
        }
    }

    /// How many bytes to read from the client at once at the most.
    ///
    /// While records [wait](Self::has_waiting_records) these are the bytes of a record header, or of
    /// the rest of its record: plaintext may come with the end of the handshake, and rustls has room for
    /// 16 KiB of it. What comes after that is best left in the stream.
    #[must_use]
    pub fn most_to_read(&self) -> usize {
        match &self.state {
            State::Hello { .. } => usize::MAX,
            State::Driving(driving) => driving.most_to_read(),
        }
    }

    /// How long records should [wait](Self::has_waiting_records) for the next: 100 milliseconds.
    pub const WAIT: Duration = Duration::from_millis(100);

    /// Processes the records that [wait](Self::has_waiting_records), if any do. They may wait on, and be
    /// processed the next time or, after a second in which no record came, the tenth.
    ///
    /// # Errors
    ///
    /// See [`receive`](Self::receive).
    pub fn process_waiting(self) -> Result<Progress, ErrorAndAlert> {
        match self.state {
            State::Driving(driving) => Progress::of(driving.process_waiting(false)?, &mut &[][..]),
            state @ State::Hello { .. } => Ok(Progress::Continue(Self { state })),
        }
    }

    /// Processes all records that [wait](Self::has_waiting_records), since no more will come: at the
    /// end of the stream, before [`end_of_stream`](Self::end_of_stream).
    ///
    /// # Errors
    ///
    /// See [`receive`](Self::receive).
    pub fn process_all(self) -> Result<Progress, ErrorAndAlert> {
        match self.state {
            State::Driving(driving) => Progress::of(driving.process_waiting(true)?, &mut &[][..]),
            state @ State::Hello { .. } => Ok(Progress::Continue(Self { state })),
        }
    }

    /// The client closed before the handshake was complete.
    pub fn end_of_stream(self) -> ErrorAndAlert {
        match self.state {
            State::Hello { acceptor, .. } => acceptor.end_of_stream(),
            State::Driving(driving) => driving.end_of_stream(),
        }
    }

    /// The stream failed before the handshake was complete, because of a transport error.
    pub fn stream_failed(self) -> ErrorAndAlert {
        match self.state {
            State::Hello { acceptor, .. } => acceptor.stream_failed(),
            State::Driving(driving) => driving.stream_failed(),
        }
    }

    /// The deadline passed before the handshake was complete.
    ///
    /// After the ServerHello the client is told `close_notify`, encrypted as rustls has it, after
    /// what was still to be written; before it, see [`Acceptor::expire`].
    pub fn expire(self) -> ErrorAndAlert {
        match self.state {
            State::Hello { acceptor, .. } => acceptor.expire(),
            State::Driving(driving) => driving.expire(),
        }
    }

    /// The server aborts the handshake, for example at shutdown. The client is told what
    /// [`expire`](Self::expire) tells it.
    pub fn cancel(self) -> ErrorAndAlert {
        match self.state {
            State::Hello { acceptor, .. } => acceptor.cancel(),
            State::Driving(driving) => driving.cancel(),
        }
    }
}

impl Progress {
    fn of(driven: Driven, bytes: &mut &[u8]) -> Result<Self, ErrorAndAlert> {
        Ok(match driven {
            Driven::Continue(driving) => Self::Continue(Handshake::driving(driving)),
            Driven::Complete(connection, held) if held.is_empty() => {
                Self::Complete(after::receive(connection, bytes)?)
            }
            Driven::Complete(connection, held) => {
                let joined = [&held[..], bytes].concat();
                let mut rest = &joined[..];
                let connection = after::receive(connection, &mut rest)?;
                let taken = bytes.len().saturating_sub(rest.len());
                *bytes = bytes.get(taken..).unwrap_or_default();
                Self::Complete(connection)
            }
        })
    }
}
