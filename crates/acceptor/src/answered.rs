//! A handshake that has answered the ClientHello.

use std::io::{self, Write};

use lastword_hello::ClientHello;

use crate::alerts::{self, Failed};
use crate::authenticated::Authenticated;
use crate::backend::config::Config;
use crate::backend::connection::Connection;
use crate::backend::drive::Failure;
use crate::client::Client;
use crate::early_data;
use crate::end::End;
use crate::error::{CloseKind, Error, ErrorKind};
use crate::error_and_alert::ErrorAndAlert;
use crate::gate::Gate;
use crate::handshake_info::Measures;
use crate::limits::Limits;
use crate::phase::Phase;
use crate::records::{self, Records, Stopped};
use crate::second_hello::{Retried, SecondHello};

/// A connection that has answered a ClientHello.
#[derive(Debug)]
pub(crate) struct Answered {
    connection: Connection,
    stage: Stage,
    /// The number of bytes that the client may send, without its early data.
    handshake_len: u32,
}

#[derive(Debug)]
enum Stage {
    /// The answer was a HelloRetryRequest.
    SecondHello(Box<SecondHello>),
    /// The answer was a ServerHello.
    Records(Records),
}

/// The progress of an answered handshake.
pub(crate) enum Driven {
    Continue(Answered),
    /// The client's Finished was processed.
    Complete(Authenticated),
}

impl Answered {
    /// Continues with a connection that has answered this ClientHello with `config`.
    pub(crate) fn new(
        mut connection: Connection,
        hello: &ClientHello<'_>,
        config: &Config,
        limits: Limits,
    ) -> Self {
        let handshake_len = limits.handshake_len;
        let stage = if connection.phase() == Phase::ServerHello {
            Stage::SecondHello(Box::new(SecondHello::new(hello, config, limits)))
        } else {
            let early_data = hello.early_data().then(|| early_data::limit(config));
            let on_the_wire = early_data.map_or(0, early_data::most_on_the_wire);
            let limit = u64::from(handshake_len) + on_the_wire;
            let gate = Gate::new(&connection, 0, limit);
            Stage::Records(Records::new(gate, &mut connection, early_data))
        };
        Self {
            connection,
            stage,
            handshake_len,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.connection.phase()
    }

    pub(crate) fn wants_write(&self) -> bool {
        self.connection.wants_write()
    }

    pub(crate) fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        self.connection.write_tls(wr)
    }

    pub(crate) fn measures_mut(&mut self) -> &mut Measures {
        self.connection.measures_mut()
    }

    pub(crate) fn records(&self) -> Option<&Records> {
        match &self.stage {
            Stage::Records(records) => Some(records),
            Stage::SecondHello(_) => None,
        }
    }

    pub(crate) fn end(mut self, end: End) -> ErrorAndAlert {
        let held = self.records().map_or(0, Records::held_len);
        self.connection.count_received(held);
        self.connection.end(end)
    }

    pub(crate) fn receive(mut self, bytes: &mut &[u8]) -> Result<Driven, ErrorAndAlert> {
        let before = bytes.len();
        match self.stage {
            Stage::Records(ref mut records) => {
                // held bytes count once they are complete: a record before them may still fail
                let held = records.held_len();
                let progress = records.receive(&mut self.connection, bytes);
                let received = before - bytes.len() + held - records.held_len();
                self.connection.count_received(received);
                self.go_on(progress)
            }
            Stage::SecondHello(second) => match second.receive(bytes) {
                Ok(Retried::NeedsInput(second)) => {
                    self.connection.count_received(before - bytes.len());
                    self.stage = Stage::SecondHello(second);
                    Ok(Driven::Continue(self))
                }
                Ok(Retried::Hello(second)) => {
                    let records = second.answer(&mut self.connection, self.handshake_len)?;
                    self.stage = Stage::Records(records);
                    self.connection.reset_received();
                    self.receive(bytes)
                }
                Err(kind) => {
                    self.connection.count_received(before - bytes.len());
                    Err(alerts::refuse_retry(&mut self.connection, kind))
                }
            },
        }
    }

    /// Processes the records that wait: all of them if it is `at_the_end` of the stream.
    pub(crate) fn process_waiting(mut self, at_the_end: bool) -> Result<Driven, ErrorAndAlert> {
        let progress = match &mut self.stage {
            Stage::Records(records) => records.process_waiting(&mut self.connection, at_the_end),
            Stage::SecondHello(_) => Ok(records::Progress::NeedsInput),
        };
        self.go_on(progress)
    }

    fn go_on(
        mut self,
        progress: Result<records::Progress, Stopped>,
    ) -> Result<Driven, ErrorAndAlert> {
        match progress {
            Ok(records::Progress::NeedsInput) => Ok(Driven::Continue(self)),
            Ok(records::Progress::Complete) => Ok(self.complete_with_the_rest(None)),
            Err(Stopped::Closed) => {
                let client = Client::agreed(&self.connection);
                let kind = ErrorKind::Closed(CloseKind::CloseNotify);
                let error = Error::new(kind, self.connection.phase(), client);
                Err(alerts::silent(error))
            }
            Err(Stopped::Refused(error)) => Err(alerts::refuse_record(&mut self.connection, error)),
            // a record after the Finished failed: both were processed at once
            Err(Stopped::Failed(failure)) if !self.connection.is_handshaking() => {
                Ok(self.complete_with_the_rest(Some(failure)))
            }
            Err(Stopped::Failed(failure)) => {
                let failed = Failed {
                    failure,
                    phase: self.connection.phase(),
                    client: Client::agreed(&self.connection),
                };
                Err(failed.decide(&mut self.connection))
            }
        }
    }

    fn complete_with_the_rest(mut self, failure: Option<Failure>) -> Driven {
        let held = match self.stage {
            Stage::Records(records) => records.complete(&mut self.connection),
            Stage::SecondHello(_) => Vec::new(),
        };
        Driven::Complete(Authenticated::new(self.connection, held, failure))
    }
}
