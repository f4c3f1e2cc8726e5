//! Records right after a handshake, in the same read as its last record.

use lastword_alert::AlertDescription;

use crate::alerts::{self, Failed, TOO_LONG};
use crate::backend::connection::Connection;
use crate::backend::drive::{Failure, Reads};
use crate::client::Client;
use crate::connection_error::ConnectionError;
use crate::error::{Error, ErrorKind};
use crate::error_and_alert::ErrorAndAlert;
use crate::gate::RecordError;
use crate::phase::Phase;

/// Why a connection stops.
enum Stopped {
    /// rustls found an error.
    Failed(Failure),
    /// The client sent a record for which rustls sends another alert than required. The required
    /// alert is queued.
    Refused(RecordError, AlertDescription),
}

/// Processes `bytes` on a connection whose handshake is complete, as many as rustls takes.
///
/// The connection's next use would read the socket first. It would wait there for a client that
/// itself waits for the alert.
///
/// # Errors
///
/// If the bytes fail and there is no plaintext to read before the error. If there is plaintext, the
/// connection keeps the error and queues the alert, and [`Connection::kept_error`] returns the error.
pub(crate) fn receive(
    mut connection: Connection,
    bytes: &mut &[u8],
) -> Result<Connection, ErrorAndAlert> {
    match process(&mut connection, bytes) {
        Ok(()) => Ok(connection),
        Err(stopped) => {
            *bytes = &[]; // nothing is read after an error
            fail(connection, stopped)
        }
    }
}

/// Handles an error that rustls found in a connection whose handshake is complete.
pub(crate) fn failed(
    connection: Connection,
    failure: Failure,
) -> Result<Connection, ErrorAndAlert> {
    fail(connection, Stopped::Failed(failure))
}

fn fail(mut connection: Connection, stopped: Stopped) -> Result<Connection, ErrorAndAlert> {
    if connection.has_plaintext() {
        match &stopped {
            // RFC 8446 6: an alert is never answered
            Stopped::Failed(Failure::Rustls(error)) if error.is_alert() => {}
            Stopped::Failed(failure) => {
                if alerts::seal(failure.told(true), &mut connection).is_none() {
                    // does nothing if rustls has queued an alert
                    connection.send_close_notify();
                }
            }
            Stopped::Refused(..) => {} // it is queued
        }
        let kept = kept(stopped, &connection);
        connection.keep(kept);
        return Ok(connection);
    }
    let (phase, client) = (Phase::Established, Client::agreed(&connection));
    Err(match stopped {
        Stopped::Failed(failure) => Failed {
            failure,
            phase,
            client,
        }
        .decide(&mut connection),
        Stopped::Refused(error, alert) => {
            let required = error.alert();
            let error = Error::new(ErrorKind::Record(error), phase, client);
            ErrorAndAlert::queue(error.requiring(required, alert), alert, connection.drain())
        }
    })
}

/// Returns the error that the connection keeps.
fn kept(stopped: Stopped, connection: &Connection) -> ConnectionError {
    let kind = match stopped {
        Stopped::Failed(Failure::Rustls(error)) => {
            return ConnectionError::of_rustls(error, connection);
        }
        Stopped::Failed(Failure::Full) => ErrorKind::Record(TOO_LONG),
        Stopped::Failed(Failure::Panicked(panic)) => ErrorKind::Panicked(panic),
        Stopped::Refused(error, _) => ErrorKind::Record(error),
    };
    ConnectionError::new(kind, connection)
}

fn process(connection: &mut Connection, bytes: &mut &[u8]) -> Result<(), Stopped> {
    while !bytes.is_empty() {
        match connection.reads() {
            Reads::More => {}
            Reads::Full => return Ok(()), // the rest comes once plaintext is read
            // RFC 8446 6.1: what comes after close_notify is ignored, whatever it is
            Reads::Closed => {
                *bytes = &[];
                return Ok(());
            }
        }
        let Ok(1..) = connection.read_tls(bytes) else {
            return Ok(()); // full
        };
        if let Err(failure) = connection.drive() {
            let refused = match &failure {
                Failure::Rustls(error) => connection.refused(error),
                Failure::Full | Failure::Panicked(_) => None,
            };
            return Err(match refused {
                Some(error) => self::refused(error, &failure, connection),
                None => Stopped::Failed(failure),
            });
        }
    }
    Ok(())
}

/// Decides the alert for a record that is refused, and for which rustls has queued one.
fn refused(error: RecordError, failure: &Failure, connection: &mut Connection) -> Stopped {
    let sealed = connection.seal_alert(error.alert());
    let alert = sealed.unwrap_or(failure.told(true).encrypted);
    Stopped::Refused(error, alert)
}
