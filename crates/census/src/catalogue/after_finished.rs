//! Clients that fail right after their Finished, in the same segment.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::ContentType;

use super::keyed::{Flight, KeyedClient};
use super::{Allowed, Case, Required, UNEXPECTED_MESSAGE, because, told};
use crate::wire::HelloBuilder;

pub(super) fn cases() -> Vec<Case> {
    let case = |name, does, alert, client| Case::keyed(name, does, alert, "RFC 8446 §5", client);
    let bad_record_mac = told(&[AlertDescription::BAD_RECORD_MAC]);
    let garbage = |flight: &mut Flight| {
        flight.whole()?;
        flight.send_bytes(&[&[23, 3, 3, 0, 30][..], &[7; 30]].concat());
        Ok(())
    };
    let http = |flight: &mut Flight| {
        flight.whole()?;
        flight.send_bytes(b"GET / HTTP/1.1\r\n\r\n");
        Ok(())
    };
    let cases = vec![
        case(
            "garbage-after-finished",
            "sends a record that cannot be decrypted, right after its Finished, in TLS 1.3",
            bad_record_mac,
            KeyedClient::tls13(garbage),
        ),
        case(
            "garbage-after-finished-tls12",
            "sends a record that cannot be decrypted, right after its Finished, in TLS 1.2",
            bad_record_mac,
            KeyedClient::tls12(garbage),
        ),
        case(
            "http-after-finished",
            "sends plain HTTP right after its Finished, in TLS 1.3",
            UNEXPECTED_MESSAGE,
            KeyedClient::tls13(http),
        )
        // it has a wrong type, and it does not decrypt
        .allowing(Allowed::alerts(&[AlertDescription::BAD_RECORD_MAC])),
        case(
            "hello-after-finished",
            "sends another ClientHello in plaintext right after its Finished, in TLS 1.3",
            UNEXPECTED_MESSAGE,
            KeyedClient::tls13(|flight| {
                flight.whole()?;
                flight.send_bytes(&HelloBuilder::default().record());
                Ok(())
            }),
        ),
        case(
            "alert-after-finished-tls12",
            "gives up right after its Finished, in TLS 1.2",
            Required::Silent,
            KeyedClient::tls12(|flight| {
                flight.whole()?;
                let alert = Alert::new(AlertDescription::INTERNAL_ERROR).to_bytes();
                flight.send(ContentType::ALERT, &alert)
            })
            .departing(),
        ),
    ];
    because(
        "a failure right after the handshake must not be taken for a success",
        cases,
    )
}
