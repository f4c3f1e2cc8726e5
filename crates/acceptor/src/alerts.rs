//! Decides the alert for a failure, and whether to replace the alert that rustls queued.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, LengthLimit, Records};

use crate::backend::alerts::Told;
use crate::backend::connection::Connection;
use crate::backend::drive::Failure;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::error_and_alert::{ErrorAndAlert, Silence};
use crate::gate::RecordError;
use crate::phase::Phase;

/// A failure of a connection whose alert is not decided yet.
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) phase: Phase,
    pub(crate) client: Client,
}

impl Failed {
    /// Decides which alert the client gets.
    ///
    /// All that rustls has queued is sent, with two exceptions. If it ends in an alert other than the
    /// required one, and this crate can replace that alert, the required alert replaces it. After a
    /// panic the records that this crate has not encrypted yet are dropped. If rustls has queued no
    /// alert, one is added at the end.
    pub(crate) fn decide(self, connection: &mut Connection) -> ErrorAndAlert {
        let Self {
            failure,
            phase,
            client,
        } = self;
        let told = failure.told(client.is_named());
        let error = match failure {
            Failure::Rustls(error) => {
                let kind = error.kind();
                if let ErrorKind::PeerAlert(_) | ErrorKind::Closed(_) = kind {
                    return silent(Error::new(kind, phase, client));
                }
                let mut new = Error::new(kind, phase, client).with_rustls(error);
                new.set_served(connection.served());
                new
            }
            Failure::Panicked(panic) => {
                // rustls may have queued its Finished and not have the keys that follow it
                connection.drop_deferred();
                Error::new(ErrorKind::Panicked(panic), phase, client)
            }
            Failure::Full => Error::new(ErrorKind::Record(TOO_LONG), phase, client),
        };
        decide(told, error, connection)
    }
}

impl Failure {
    /// Returns the alert for this failure. `is_named`: whether the client sent a server name, or an IP
    /// address instead of one.
    pub(crate) fn told(&self, is_named: bool) -> Told {
        match self {
            Self::Rustls(error) => Told::new(error, is_named),
            // RFC 8446 6.2: an error unrelated to the peer -> internal_error
            Self::Panicked(_) => Told::of_ours(AlertDescription::INTERNAL_ERROR),
            Self::Full => Told::of_ours(TOO_LONG.alert()),
        }
    }
}

/// A ClientHello that is longer than rustls's buffer.
pub(crate) const TOO_LONG: RecordError = RecordError::MessageTooLong { limit: 65_535 };

/// Queues the required alert, encrypted. Returns it, or `None` if only rustls can encrypt it.
pub(crate) fn seal(told: Told, connection: &mut Connection) -> Option<AlertDescription> {
    let alert = told.sealed.or_else(|| connection.deferred_alert());
    connection.seal_alert(alert.unwrap_or(told.missing))
}

fn decide(told: Told, error: Error, connection: &mut Connection) -> ErrorAndAlert {
    if let Some(alert) = seal(told, connection) {
        return ErrorAndAlert::queue(error, alert, connection.drain());
    }
    let mut queue = connection.drain();
    let alert = match last_alert(&queue) {
        Some(Queued::Plaintext { at, alert }) => {
            queue.truncate(at);
            told.corrected.unwrap_or(alert)
        }
        // an encrypted alert cannot be read or replaced
        Some(Queued::Encrypted) => {
            let error = error.requiring(told.required(), told.encrypted);
            return ErrorAndAlert::queue(error, told.encrypted, queue);
        }
        None if connection.is_encrypting() => {
            // in rustls's public API only this method encrypts an alert
            connection.send_close_notify();
            queue.append(&mut connection.drain());
            // without keys rustls did not encrypt it: the application panicked before rustls had them
            let Some(Queued::Plaintext { at, .. }) = last_alert(&queue) else {
                let alert = AlertDescription::CLOSE_NOTIFY;
                let error = error.requiring(told.required(), alert);
                return ErrorAndAlert::queue(error, alert, queue);
            };
            queue.truncate(at);
            told.corrected.unwrap_or(told.missing)
        }
        None => told.corrected.unwrap_or(told.missing),
    };
    queue.extend(Alert::new(alert).to_record());
    ErrorAndAlert::queue(error, alert, queue)
}

/// Returns the alert for a failure that is found before rustls gets the bytes.
pub(crate) fn of_kind(kind: &ErrorKind) -> AlertDescription {
    match kind {
        ErrorKind::Hello(error) => error.alert().unwrap_or(AlertDescription::CLOSE_NOTIFY),
        ErrorKind::NoVersionInCommon => AlertDescription::PROTOCOL_VERSION,
        ErrorKind::InappropriateFallback => AlertDescription::INAPPROPRIATE_FALLBACK,
        ErrorKind::NoCipherSuiteInCommon(_)
        | ErrorKind::NoGroupInCommon
        | ErrorKind::Incompatible => AlertDescription::HANDSHAKE_FAILURE,
        ErrorKind::MissingExtension(_) => AlertDescription::MISSING_EXTENSION,
        ErrorKind::KeyShareNotOffered(_)
        | ErrorKind::HelloDiffers(_)
        | ErrorKind::MoreThanOneKeyShare => AlertDescription::ILLEGAL_PARAMETER,
        ErrorKind::NoApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
        ErrorKind::Record(error) => error.alert(),
        ErrorKind::Rejected(rejection) => rejection.alert(),
        _ => AlertDescription::INTERNAL_ERROR,
    }
}

/// Refuses a record that rustls has not seen.
pub(crate) fn refuse_record(connection: &mut Connection, refused: RecordError) -> ErrorAndAlert {
    let required = refused.alert();
    let (alert, tls) = if let Some(alert) = connection.seal_alert(required) {
        (alert, connection.drain())
    } else if connection.is_encrypting() {
        let mut tls = connection.drain();
        let alert = connection.provoke(required);
        tls.append(&mut connection.drain());
        (alert, tls)
    } else {
        let mut tls = connection.drain();
        tls.extend(Alert::new(required).to_record());
        (required, tls)
    };
    let client = Client::agreed(connection);
    let error = Error::new(ErrorKind::Record(refused), connection.phase(), client);
    ErrorAndAlert::queue(error.requiring(required, alert), alert, tls)
}

/// Refuses the client while its second ClientHello is expected. Nothing is encrypted yet.
pub(crate) fn refuse_retry(connection: &mut Connection, kind: ErrorKind) -> ErrorAndAlert {
    let client = Client::agreed(connection);
    let alert = of_kind(&kind);
    let error = Error::new(kind, Phase::ServerHello, client);
    if let ErrorKind::PeerAlert(_) | ErrorKind::Closed(_) = error.kind() {
        return silent(error);
    }
    let mut tls = connection.drain();
    tls.extend(Alert::new(alert).to_record());
    ErrorAndAlert::queue(error, alert, tls)
}

/// RFC 8446 6: an alert is never answered, and neither is a close. Bytes that rustls has queued are
/// dropped.
pub(crate) fn silent(error: Error) -> ErrorAndAlert {
    let silence = match error.kind() {
        ErrorKind::Closed(_) => Silence::PeerClosed,
        _ => Silence::PeerAlert,
    };
    ErrorAndAlert::silent(error, silence)
}

/// An alert at the end of what rustls has queued.
enum Queued {
    Plaintext { at: usize, alert: AlertDescription },
    Encrypted,
}

/// Returns the alert at the end of the queue, if there is one.
fn last_alert(queue: &[u8]) -> Option<Queued> {
    /// The length in bytes of an encrypted alert in TLS 1.3: two bytes, the content type and a tag of
    /// 16 bytes. Every handshake message is longer.
    const ENCRYPTED_ALERT: u16 = 2 + 1 + 16;

    let last = Records::new(queue, LengthLimit::TLS12_CIPHERTEXT).last()?;
    match last.header.content_type {
        ContentType::ALERT => match Alert::parse(last.payload) {
            Ok(alert) => Some(Queued::Plaintext {
                at: queue.len() - Alert::RECORD_LEN,
                alert: alert.description,
            }),
            Err(_) => Some(Queued::Encrypted), // an encrypted alert of TLS 1.2
        },
        ContentType::APPLICATION_DATA if last.header.length == ENCRYPTED_ALERT => {
            Some(Queued::Encrypted)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the place and the code of the last alert; `Some(None)` if it is encrypted.
    fn end_of(queue: &[u8]) -> Option<Option<(usize, u8)>> {
        last_alert(queue).map(|alert| match alert {
            Queued::Plaintext { at, alert } => Some((at, alert.0)),
            Queued::Encrypted => None,
        })
    }

    #[test]
    fn finds_the_alert_at_the_end_of_a_queue() {
        let server_hello = [22, 3, 3, 0, 1, 2];
        let plain = [21, 3, 3, 0, 2, 2, 40];
        let encrypted = [&[23, 3, 3, 0, 19][..], &[7; 19]].concat();
        let encrypted_by_tls12 = [&[21, 3, 3, 0, 26][..], &[7; 26]].concat();
        let longer = [&[23, 3, 3, 0, 20][..], &[7; 20]].concat();

        assert_eq!(end_of(&plain), Some(Some((0, 40))));
        let behind = |alert: &[u8]| [&server_hello, alert].concat();
        assert_eq!(end_of(&behind(&plain)), Some(Some((6, 40))));
        assert_eq!(end_of(&behind(&encrypted)), Some(None));
        assert_eq!(end_of(&behind(&encrypted_by_tls12)), Some(None));
        assert_eq!(end_of(&behind(&longer)), None);
        assert_eq!(end_of(&server_hello), None);
        assert_eq!(end_of(&[]), None);
    }
}
