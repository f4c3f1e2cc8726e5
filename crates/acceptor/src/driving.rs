//! A handshake whose ClientHello is answered: which of the client's bytes go where, and how it ends.

use lastword_alert::{Alert, AlertDescription};
use lastword_hello::ClientHello;
use rustls::{Error as RustlsError, ProtocolVersion, ServerConnection};

use crate::alerts::{self, Failed};
use crate::driver::Failure;
use crate::error::Client;
use crate::error_and_alert::Silence;
use crate::gate::{Gate, RecordError};
use crate::kept_error::kept_error;
use crate::records::{Progress, Records, Stopped};
use crate::second_hello::{Answerable, Retried, SecondHello};
use crate::{Config, Error, ErrorAndAlert, ErrorKind, Limits, Phase, after, driver, early_data};

/// A connection that has answered a ClientHello.
#[derive(Debug)]
pub(crate) struct Driving {
    pub(crate) connection: Box<ServerConnection>,
    stage: Stage,
    /// How many bytes the client may send, its early data not counted.
    handshake_len: u32,
}

#[derive(Debug)]
enum Stage {
    /// The answer was a HelloRetryRequest.
    SecondHello(Box<SecondHello>),
    /// The answer was a ServerHello.
    Records(Records),
}

/// Not to the end, or to it.
pub(crate) enum Driven {
    Continue(Driving),
    /// With the first bytes of what comes after it.
    Complete(Box<ServerConnection>, Vec<u8>),
}

impl Driving {
    /// `hello`: the ClientHello that the connection has answered.
    pub(crate) fn new(
        mut connection: Box<ServerConnection>,
        hello: &ClientHello<'_>,
        config: &Config,
        limits: Limits,
    ) -> Self {
        let handshake_len = limits.handshake_len;
        let stage = if alerts::phase(&connection) == Phase::ServerHello {
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

    /// A handshake that is complete and takes no more bytes.
    pub(crate) fn complete(mut connection: Box<ServerConnection>) -> Self {
        let gate = Gate::new(&connection, 0, 0);
        Self {
            stage: Stage::Records(Records::new(gate, &mut connection, None)),
            connection,
            handshake_len: 0,
        }
    }

    pub(crate) fn receive(mut self, bytes: &mut &[u8]) -> Result<Driven, ErrorAndAlert> {
        match self.stage {
            Stage::Records(ref mut records) => {
                let progress = records.receive(&mut self.connection, bytes);
                self.go_on(progress)
            }
            Stage::SecondHello(second) => match second.receive(bytes) {
                Ok(Retried::NeedsInput(second)) => {
                    self.stage = Stage::SecondHello(second);
                    Ok(Driven::Continue(self))
                }
                Ok(Retried::Hello(second)) => {
                    answer(self.connection, second, self.handshake_len)?.receive(bytes)
                }
                Err(kind) => Err(refuse_retry(&mut self.connection, kind)),
            },
        }
    }

    /// Whether whole records wait to be processed.
    pub(crate) fn has_waiting_records(&self) -> bool {
        matches!(&self.stage, Stage::Records(records) if records.are_waiting())
    }

    /// How many bytes to read at once at the most.
    pub(crate) fn most_to_read(&self) -> usize {
        match &self.stage {
            Stage::Records(records) => records.most_to_read(),
            Stage::SecondHello(_) => usize::MAX,
        }
    }

    /// Processes the records that wait; all of them, `at_the_end` of the stream.
    pub(crate) fn process_waiting(mut self, at_the_end: bool) -> Result<Driven, ErrorAndAlert> {
        let progress = match &mut self.stage {
            Stage::Records(records) => records.process_waiting(&mut self.connection, at_the_end),
            Stage::SecondHello(_) => Ok(Progress::NeedsInput),
        };
        self.go_on(progress)
    }

    fn go_on(mut self, progress: Result<Progress, Stopped>) -> Result<Driven, ErrorAndAlert> {
        match progress {
            Ok(Progress::NeedsInput) => Ok(Driven::Continue(self)),
            Ok(Progress::Complete) => Ok(self.complete_with_the_rest()),
            Err(Stopped::Closed) => Err(self.end_of_stream()),
            Err(Stopped::Refused(error)) => Err(self.refuse(error)),
            // what came after the Finished failed: it was processed with it
            Err(Stopped::Failed(failure)) if !self.connection.is_handshaking() => {
                after::failed(self.connection, failure)
                    .map(|connection| Driven::Complete(connection, Vec::new()))
            }
            Err(Stopped::Failed(failure)) => {
                let failed = Failed {
                    failure,
                    phase: self.phase(),
                    client: Client::agreed(&self.connection),
                };
                Err(failed.decide(&mut self.connection))
            }
        }
    }

    fn complete_with_the_rest(self) -> Driven {
        let held = match self.stage {
            Stage::Records(records) => records.into_held(),
            Stage::SecondHello(_) => Vec::new(),
        };
        Driven::Complete(self.connection, held)
    }

    /// How far it has come: after a HelloRetryRequest the ServerHello is still to be made.
    pub(crate) fn phase(&self) -> Phase {
        alerts::phase(&self.connection)
    }

    pub(crate) fn stream_failed(self) -> ErrorAndAlert {
        ErrorAndAlert::silent(self.error(ErrorKind::StreamFailed), Silence::StreamFailed)
    }

    pub(crate) fn end_of_stream(self) -> ErrorAndAlert {
        ErrorAndAlert::silent(self.error(ErrorKind::Closed), Silence::PeerClosed)
    }

    /// Behind whatever was still to be written, `close_notify`, encrypted as rustls has it; and
    /// `user_canceled` in front of it if no ServerHello was made.
    pub(crate) fn expire(self) -> ErrorAndAlert {
        self.give_up(ErrorKind::Expired)
    }

    /// The same for a server that gives up.
    pub(crate) fn cancel(self) -> ErrorAndAlert {
        self.give_up(ErrorKind::Canceled)
    }

    fn give_up(mut self, kind: ErrorKind) -> ErrorAndAlert {
        if self.phase() == Phase::ServerHello {
            let tls = driver::drain(&mut self.connection);
            return ErrorAndAlert::cancel(self.error(kind), tls);
        }
        let alert = match self.kept_error() {
            // RFC 8446 6: an alert is never answered
            Some(RustlsError::AlertReceived(_)) => {
                return ErrorAndAlert::silent(self.error(kind), Silence::PeerAlert);
            }
            Some(error) => alerts::encrypted(&error), // it is queued
            None => {
                self.connection.send_close_notify();
                AlertDescription::CLOSE_NOTIFY
            }
        };
        let tls = driver::drain(&mut self.connection);
        ErrorAndAlert::queue(self.error(kind), alert, tls)
    }

    /// The error of what came right after the handshake, if that is complete.
    fn kept_error(&mut self) -> Option<RustlsError> {
        match self.connection.is_handshaking() {
            true => None,
            false => kept_error(&mut self.connection),
        }
    }

    /// Tells the client of a record that rustls has not seen.
    ///
    /// Where the alert must be encrypted only rustls can do it, and its public API has no word for
    /// that; so it is given a record for which it sends the alert itself. It knows none for
    /// `record_overflow`: `decode_error` it is then, for a length out of range.
    fn refuse(mut self, refused: RecordError) -> ErrorAndAlert {
        let mut alert = refused.alert();
        let mut tls = driver::drain(&mut self.connection);
        if alerts::is_encrypting(&self.connection) {
            alert = self.provoke(alert);
            tls.append(&mut driver::drain(&mut self.connection));
        } else {
            tls.extend(Alert::new(alert).to_record());
        }
        ErrorAndAlert::queue(self.error(ErrorKind::Record(refused)), alert, tls)
    }

    /// Has rustls queue an alert, this one if it can be: which it was.
    ///
    /// Within a message that is encrypted it is `bad_record_mac`: there rustls takes any record for
    /// one that is encrypted too. Within one in plaintext, in TLS 1.2, rustls queues none, and if its
    /// buffer is full it takes no record: then it is `close_notify`.
    fn provoke(&mut self, alert: AlertDescription) -> AlertDescription {
        /// RFC 8446 5: a change_cipher_spec of another value than 1 -> unexpected_message
        const ILLEGAL_CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 2];
        /// RFC 5246 7.1: behind the first comes Finished, at the latest -> unexpected_message
        const TWO_CHANGE_CIPHER_SPECS: &[u8] = &[20, 3, 3, 0, 1, 1, 20, 3, 3, 0, 1, 1];
        /// a content type that is none -> decode_error, in rustls 0.23.46
        const NO_RECORD: &[u8] = &[0xff, 3, 3, 0, 1];

        let tls12 = self.connection.protocol_version() == Some(ProtocolVersion::TLSv1_2);
        let mut records = match alert {
            AlertDescription::UNEXPECTED_MESSAGE if tls12 => TWO_CHANGE_CIPHER_SPECS,
            AlertDescription::UNEXPECTED_MESSAGE => ILLEGAL_CHANGE_CIPHER_SPEC,
            _ => NO_RECORD,
        };
        let fed = driver::buffer(&mut self.connection, &mut records)
            .and_then(|()| driver::process(&mut self.connection));
        match fed {
            Err(Failure::Rustls(error)) if self.connection.wants_write() => {
                alerts::encrypted(&error)
            }
            _ => {
                self.connection.send_close_notify();
                AlertDescription::CLOSE_NOTIFY
            }
        }
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.phase(), Client::agreed(&self.connection))
    }
}

/// Answers the second ClientHello.
fn answer(
    mut connection: Box<ServerConnection>,
    second: Answerable,
    handshake_len: u32,
) -> Result<Driving, ErrorAndAlert> {
    let Answerable {
        hello,
        config,
        change_cipher_specs,
    } = second;
    if let Err(failure) = driver::feed_hello(&mut connection, hello.message()) {
        let failed = Failed {
            failure,
            phase: Phase::ServerHello,
            client: Client::Hello(hello),
        };
        return Err(failed.decide(&mut connection).with_server(&config));
    }
    let gate = Gate::new(&connection, change_cipher_specs, handshake_len.into());
    // RFC 8446 4.2.10: after a HelloRetryRequest no early data comes any more
    let records = Records::new(gate, &mut connection, None);
    Ok(Driving {
        connection,
        stage: Stage::Records(records),
        handshake_len,
    })
}

/// Refuses what came instead of a second ClientHello that may be answered. Nothing is encrypted yet.
fn refuse_retry(connection: &mut ServerConnection, kind: ErrorKind) -> ErrorAndAlert {
    let client = Client::agreed(connection);
    if let ErrorKind::PeerAlert(alert) = kind {
        return alerts::peer_alert(alert.description, Phase::ServerHello, client);
    }
    let alert = alerts::of_kind(&kind);
    let mut tls = driver::drain(connection);
    tls.extend(Alert::new(alert).to_record());
    ErrorAndAlert::queue(Error::new(kind, Phase::ServerHello, client), alert, tls)
}
