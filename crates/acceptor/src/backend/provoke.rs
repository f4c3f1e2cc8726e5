//! Having rustls send an alert of another's choice, where the alert must be encrypted.

use lastword_alert::AlertDescription;
use rustls::ProtocolVersion;

use super::alerts::Told;
use super::connection::Connection;
use super::drive::Failure;

/// RFC 8446 5: a change_cipher_spec of another value than 1 -> unexpected_message
const ILLEGAL_CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 2];

/// RFC 5246 7.1: after the first comes Finished, at the latest -> unexpected_message
const TWO_CHANGE_CIPHER_SPECS: &[u8] = &[20, 3, 3, 0, 1, 1, 20, 3, 3, 0, 1, 1];

/// RFC 8446 5, RFC 5246 7.1: a change_cipher_spec after the handshake -> unexpected_message
const CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 1];

/// a content type that is none -> decode_error, in rustls 0.23.46
const NO_RECORD: &[u8] = &[0xff, 3, 3, 0, 1];

impl Connection {
    /// Has rustls queue an alert, this one if it can be: which it was.
    ///
    /// Where the alert must be encrypted only rustls can do it, and its public API has no word for
    /// that; so it is given a record for which it sends the alert itself. It knows none for
    /// `record_overflow`: `decode_error` it is then, for a length out of range.
    ///
    /// Within a message that is encrypted it is `bad_record_mac`: there rustls takes any record for
    /// one that is encrypted too. Within one in plaintext, in TLS 1.2, rustls queues none, and if its
    /// buffer is full it takes no record: then it is `close_notify`.
    pub(crate) fn provoke(&mut self, alert: AlertDescription) -> AlertDescription {
        let tls12 = self.inner.protocol_version() == Some(ProtocolVersion::TLSv1_2);
        let mut records = match alert {
            AlertDescription::UNEXPECTED_MESSAGE if !self.is_handshaking() => CHANGE_CIPHER_SPEC,
            AlertDescription::UNEXPECTED_MESSAGE if tls12 => TWO_CHANGE_CIPHER_SPECS,
            AlertDescription::UNEXPECTED_MESSAGE => ILLEGAL_CHANGE_CIPHER_SPEC,
            _ => NO_RECORD,
        };
        match self.buffer(&mut records).and_then(|()| self.drive()) {
            Err(Failure::Rustls(error)) if self.wants_write() => Told::new(&error, true).encrypted,
            _ => {
                self.send_close_notify();
                AlertDescription::CLOSE_NOTIFY
            }
        }
    }
}
