//! The handshake once the ClientHello is answered: the client's records through the gate to rustls.

use lastword_alert::{Alert, AlertDescription};
use rustls::{ProtocolVersion, ServerConnection};

use crate::error::Client;
use crate::error_and_alert::Silence;
use crate::gate::{Admitted, Gate, RecordError, Stop};
use crate::{Error, ErrorAndAlert, ErrorKind, Phase};
use crate::{alerts, driver};

/// A connection that has answered the ClientHello.
#[derive(Debug)]
pub(crate) struct Driving {
    pub(crate) connection: Box<ServerConnection>,
    gate: Gate,
    /// The begin of a header, or of an alert, that was cut.
    held: Vec<u8>,
}

/// Not to the end, or to it.
pub(crate) enum Driven {
    Continue(Driving),
    Complete(Box<ServerConnection>),
}

impl Driving {
    /// `limit`: how many bytes the client may send to the end of its handshake.
    pub(crate) fn new(connection: Box<ServerConnection>, limit: u64) -> Self {
        let gate = Gate::new(connection.protocol_version(), limit);
        Self {
            connection,
            gate,
            held: Vec::new(),
        }
    }

    pub(crate) fn receive(mut self, bytes: &mut &[u8]) -> Result<Driven, ErrorAndAlert> {
        if self.held.is_empty() {
            return self.receive_joined(bytes);
        }
        let joined = [&std::mem::take(&mut self.held)[..], bytes].concat();
        let mut rest = &joined[..];
        let driven = self.receive_joined(&mut rest);
        *bytes = bytes
            .get(bytes.len().saturating_sub(rest.len())..)
            .unwrap_or_default();
        driven
    }

    /// Record by record, lest rustls see what is behind the one that ends the handshake.
    fn receive_joined(mut self, bytes: &mut &[u8]) -> Result<Driven, ErrorAndAlert> {
        loop {
            let Admitted { len, stop } = self.gate.admit(bytes);
            if let Some((stop, shown)) = stop {
                *bytes = bytes.get(shown..).unwrap_or_default();
                return Err(match stop {
                    Stop::Closed => self.end_of_stream(),
                    Stop::Refused(error) => self.refuse(error),
                });
            }
            if len == 0 {
                self.held.extend_from_slice(std::mem::take(bytes));
                return Ok(Driven::Continue(self));
            }
            let (mut admitted, behind) = bytes.split_at(len);
            let outcome = driver::feed(&mut self.connection, &mut admitted);
            let unread = admitted.len() + behind.len();
            *bytes = bytes.get(bytes.len() - unread..).unwrap_or_default();
            if let Err(error) = outcome {
                let client = Client::agreed(&self.connection);
                let phase = self.phase();
                let failed = alerts::Failed {
                    error,
                    phase,
                    client,
                };
                return Err(failed.decide(*self.connection));
            }
            if !self.connection.is_handshaking() {
                return Ok(Driven::Complete(self.connection));
            }
        }
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
        self.connection.send_close_notify();
        let tls = driver::drain(&mut self.connection);
        ErrorAndAlert::queue(self.error(kind), AlertDescription::CLOSE_NOTIFY, tls)
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
    /// Amid a message that is encrypted it is `bad_record_mac`: there rustls takes any record for
    /// one that is encrypted too. Amid one in plaintext, in TLS 1.2, rustls queues none.
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
        match driver::feed(&mut self.connection, &mut records) {
            Err(error) if self.connection.wants_write() => alerts::encrypted(&error),
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
