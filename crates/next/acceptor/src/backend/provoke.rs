//! Makes rustls send an encrypted alert that this crate chooses.

use lastword_alert::AlertDescription;
use rustls::enums::ProtocolVersion;

use super::alerts::Told;
use super::connection::Connection;
use super::drive::Failure;

/// RFC 8446 5: a change_cipher_spec with another value than 1 -> unexpected_message
const ILLEGAL_CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 2];

/// RFC 5246 7.1: after change_cipher_spec comes Finished, not another one -> unexpected_message
const TWO_CHANGE_CIPHER_SPECS: &[u8] = &[20, 3, 3, 0, 1, 1, 20, 3, 3, 0, 1, 1];

/// RFC 8446 5, RFC 5246 7.1: a change_cipher_spec after the handshake -> unexpected_message
const CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 1];

/// an unknown content type -> decode_error, in rustls 0.24
const NO_RECORD: &[u8] = &[0xff, 3, 3, 0, 1];

impl Connection {
    /// Makes rustls queue this alert if possible. Returns the alert that it queued.
    ///
    /// Only rustls can encrypt an alert, and its public API has no method for that. So rustls is
    /// given a record for which it sends the alert itself. No record makes it send `record_overflow`,
    /// so it sends `decode_error` instead.
    ///
    /// Inside an encrypted message rustls takes any record for an encrypted one and sends
    /// `bad_record_mac`. If rustls queues no alert, inside a plaintext message of TLS 1.2 or because
    /// its buffer is full, the alert is `close_notify`.
    pub(crate) fn provoke(&mut self, alert: AlertDescription) -> AlertDescription {
        let tls12 = self.as_rustls().protocol_version() == Some(ProtocolVersion::TLSv1_2);
        let mut records = match alert {
            AlertDescription::UNEXPECTED_MESSAGE if !self.is_handshaking() => CHANGE_CIPHER_SPEC,
            AlertDescription::UNEXPECTED_MESSAGE if tls12 => TWO_CHANGE_CIPHER_SPECS,
            AlertDescription::UNEXPECTED_MESSAGE => ILLEGAL_CHANGE_CIPHER_SPEC,
            _ => NO_RECORD,
        };
        let result = self.buffer(&mut records).and_then(|()| self.drive());
        // rustls then refuses to be used, and its alert is replaced
        if let Some(alert) = self.seal_alert(alert) {
            return alert;
        }
        match result {
            Err(Failure::Rustls(error)) if self.wants_write() => Told::new(&error, true).encrypted,
            _ => {
                self.send_close_notify();
                AlertDescription::CLOSE_NOTIFY
            }
        }
    }
}
