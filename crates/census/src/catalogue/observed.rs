//! What a client observed: the alerts, the end and the reply.

use std::time::Duration;

use lastword_alert::Alert;
use lastword_record::{ContentType, LengthLimit, Records};

use crate::end::End;

/// What a client observed of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The alerts that it could read, in order. A client of rustls reports the level that each must be
    /// sent with, because rustls does not return the level received.
    pub alerts: Vec<Alert>,
    /// The number of further alert records that it could not read: encrypted, or not of two bytes.
    pub unreadable: usize,
    /// The time from the start of the connection until the first alert was read, if the client could
    /// read one.
    pub told_after: Option<Duration>,
    /// All bytes received, if the client is a raw one.
    pub plaintext: Vec<u8>,
    /// How the connection ended.
    pub end: End,
    /// The application protocol that was negotiated.
    pub alpn: Option<Vec<u8>>,
    /// The application data that a served client received.
    pub reply: Option<Vec<u8>>,
}

/// What is in the bytes that a client received, told without any key.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The alerts in plaintext.
    pub(super) alerts: Vec<Alert>,
    /// How many records are alerts, these included.
    pub(super) alert_records: usize,
    /// How many bytes stand behind the last whole record.
    pub(super) remainder: usize,
}

impl Reading {
    /// The length of a record in which TLS 1.3 encrypts an alert without padding: the alert, its
    /// content type, and an authentication tag. Nothing else in a handshake is as short.
    const SEALED_ALERT: u16 = 2 + 1 + 16;

    pub(super) fn of(received: &[u8]) -> Self {
        let mut records = Records::new(received, LengthLimit::TLS12_CIPHERTEXT);
        let mut reading = Self::default();
        for record in records.by_ref() {
            match record.header.content_type {
                ContentType::ALERT => {
                    reading.alert_records += 1;
                    reading.alerts.extend(Alert::parse(record.payload));
                }
                ContentType::APPLICATION_DATA if record.header.length == Self::SEALED_ALERT => {
                    reading.alert_records += 1;
                }
                _ => {}
            }
        }
        reading.remainder = records.remainder().len();
        reading
    }
}

#[cfg(test)]
mod tests {
    use lastword_alert::AlertDescription;

    use super::*;

    #[test]
    fn reads_the_alerts_and_counts_those_it_cannot_read() {
        let sealed = [&[23, 3, 3, 0, 19][..], &[0; 19]].concat();
        let other = [23, 3, 3, 0, 2, 0, 0];
        let bytes = [
            &[21, 3, 3, 0, 2, 2, 40][..],
            &sealed,
            &other,
            &[21, 3, 3, 0, 3, 2, 40, 40],
            &[21, 3, 3],
        ];
        assert_eq!(
            Reading::of(&bytes.concat()),
            Reading {
                alerts: vec![Alert::new(AlertDescription::HANDSHAKE_FAILURE)],
                alert_records: 3,
                remainder: 3,
            }
        );
    }
}
