//! Clients whose last flight has a record that is too long, empty, of the wrong type, or one of too
//! many.

use std::io;

use lastword_alert::AlertDescription;
use lastword_record::{ContentType, HandshakeType, LengthLimit};

use super::keyed::{Flight, KeyedClient};
use super::{
    Allowed, CLOSED, Case, DECODE_ERROR, IMPATIENT, Required, UNEXPECTED_MESSAGE, because, told,
};

/// The tag at the end of a sealed record, in bytes.
const TAG_LEN: usize = 16;

const RECORD_OVERFLOW: Required = told(&[AlertDescription::RECORD_OVERFLOW]);

pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "a server that believes the length keeps more memory than the protocol allows",
            too_long(),
        ),
        because(
            "a record that is not encrypted here could come from an attacker",
            unknown(),
        ),
        because(
            "this alert helps the author of a TLS client to find the wrong type",
            unknown_within(),
        ),
        because(
            "a change of keys at another time could come from an attacker",
            changes(),
        ),
        because(
            "a server that ignores empty records can be kept busy for nothing",
            empty(),
        ),
        because(
            "a server that ignores empty records can be kept busy for nothing",
            data_floods(),
        ),
        because(
            "a server that reads such records without end can be kept busy for nothing",
            floods(),
        ),
    ]
    .concat()
}

fn too_long() -> Vec<Case> {
    let case = |name, does, reference, client| {
        Case::keyed(name, does, RECORD_OVERFLOW, reference, client).on(IMPATIENT)
    };
    vec![
        case(
            "overlong-record",
            "sends an encrypted Finished padded to a record of 16,641 bytes, in TLS 1.3",
            "RFC 8446 §5.2",
            KeyedClient::tls13(|flight| {
                let finished = flight.message(HandshakeType::FINISHED)?;
                flight.until(HandshakeType::FINISHED)?;
                let LengthLimit(most) = LengthLimit::TLS13_CIPHERTEXT;
                let mut inner = [&finished[..], &[ContentType::HANDSHAKE.0]].concat();
                inner.resize(usize::from(most) + 1 - TAG_LEN, 0);
                flight.send_inner(&inner)
            }),
        ),
        case(
            "overlong-header",
            "sends the header of a record of 18,433 bytes, in TLS 1.3",
            "RFC 8446 §5.2",
            KeyedClient::tls13(|flight| {
                let LengthLimit(most) = LengthLimit::TLS12_CIPHERTEXT;
                header(flight, ContentType::APPLICATION_DATA, most + 1)
            }),
        )
        .allowing(Allowed::SILENCE)
        .unmet(
            DECODE_ERROR,
            "rustls cannot be made to encrypt a record_overflow",
        ),
        case(
            "overlong-record-tls12",
            "sends the header of a record of 18,433 bytes, in TLS 1.2",
            "RFC 5246 §6.2.3",
            KeyedClient::tls12(|flight| {
                let LengthLimit(most) = LengthLimit::TLS12_CIPHERTEXT;
                header(flight, ContentType::HANDSHAKE, most + 1)
            }),
        ),
        case(
            "overlong-content",
            "sends an encrypted record of 16,385 bytes, in TLS 1.3",
            "RFC 8446 §5.4",
            KeyedClient::tls13(overlong_content),
        ),
        case(
            "overlong-content-tls12",
            "sends an encrypted record of 16,385 bytes, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(overlong_content),
        ),
    ]
}

/// In place of a Finished.
fn header(flight: &mut Flight, content_type: ContentType, length: u16) -> io::Result<()> {
    flight.until(HandshakeType::FINISHED)?;
    let [high, low] = length.to_be_bytes();
    flight.send_bytes(&[content_type.0, 3, 3, high, low]);
    Ok(())
}

fn overlong_content(flight: &mut Flight) -> io::Result<()> {
    flight.until(HandshakeType::FINISHED)?;
    let LengthLimit(most) = LengthLimit::PLAINTEXT;
    flight.send(ContentType::HANDSHAKE, &vec![0x5a; usize::from(most) + 1])
}

fn unknown() -> Vec<Case> {
    let script = |flight: &mut Flight| {
        flight.until(HandshakeType::FINISHED)?;
        flight.send_in_plaintext(ContentType(99), &[0x5a; 32]);
        Ok(())
    };
    vec![
        unexpected(
            "unknown-record-type",
            "sends a record of type 99, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(script),
        )
        // it has a wrong type, and it does not decrypt
        .allowing(Allowed::alerts(&[AlertDescription::BAD_RECORD_MAC])),
        unexpected(
            "plaintext-finished",
            "sends its Finished in plaintext, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(|flight| {
                let finished = flight.message(HandshakeType::FINISHED)?;
                flight.until(HandshakeType::FINISHED)?;
                flight.send_in_plaintext(ContentType::HANDSHAKE, &finished);
                Ok(())
            }),
        ),
        unexpected(
            "unknown-record-type-tls12",
            "sends a record of type 99, in TLS 1.2",
            "RFC 5246 §6",
            KeyedClient::tls12(script),
        )
        .allowing(Allowed::alerts(&[AlertDescription::BAD_RECORD_MAC])),
    ]
}

/// The type within the seal is none.
fn unknown_within() -> Vec<Case> {
    vec![
        unexpected(
            "unknown-sealed-type",
            "sends an encrypted record of type 99, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(|flight| {
                flight.until(HandshakeType::FINISHED)?;
                flight.send(ContentType(99), &[0x5a; 32])
            }),
        )
        .unmet(
            DECODE_ERROR,
            "rustls takes it for a message that is corrupt",
        ),
        unexpected(
            "no-sealed-type",
            "sends an encrypted record that is only padding, in TLS 1.3",
            "RFC 8446 §5.4",
            KeyedClient::tls13(|flight| {
                flight.until(HandshakeType::FINISHED)?;
                flight.send_inner(&[0; 32])
            }),
        )
        .unmet(CLOSED, "rustls queues no alert for a record without a type"),
    ]
}

/// `change_cipher_spec` is not what it may be.
fn changes() -> Vec<Case> {
    let other = |flight: &mut Flight| {
        flight.send_in_plaintext(ContentType::CHANGE_CIPHER_SPEC, &[2]);
        Ok(())
    };
    vec![
        unexpected(
            "cipher-change-of-two",
            "sends change_cipher_spec with a 2 in it, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(other),
        ),
        Case::keyed(
            "cipher-change-of-two-tls12",
            "sends change_cipher_spec with a 2 in it, in TLS 1.2",
            DECODE_ERROR,
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(|flight| {
                let key_exchange = flight.message(HandshakeType::CLIENT_KEY_EXCHANGE)?;
                flight.send(ContentType::HANDSHAKE, &key_exchange)?;
                flight.send_in_plaintext(ContentType::CHANGE_CIPHER_SPEC, &[2]);
                Ok(())
            }),
        )
        // RFC 5246 names no alert for this
        .allowing(Allowed::alerts(&[
            AlertDescription::UNEXPECTED_MESSAGE,
            AlertDescription::ILLEGAL_PARAMETER,
        ])),
        unexpected(
            "sealed-cipher-change",
            "sends an encrypted change_cipher_spec, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(|flight| flight.send(ContentType::CHANGE_CIPHER_SPEC, &[1])),
        ),
    ]
}

fn empty() -> Vec<Case> {
    vec![
        unexpected(
            "empty-sealed-handshake",
            "sends an encrypted handshake record without content, in TLS 1.3",
            "RFC 8446 §5.4",
            KeyedClient::tls13(|flight| {
                flight.until(HandshakeType::FINISHED)?;
                flight.send(ContentType::HANDSHAKE, &[])
            }),
        )
        .on(IMPATIENT)
        .unmet(
            CLOSED,
            "rustls ignores up to ten of them, and the deadline passes",
        ),
        unexpected(
            "empty-sealed-alert",
            "sends an encrypted alert without content, in TLS 1.3",
            "RFC 8446 §5.4",
            KeyedClient::tls13(|flight| {
                flight.until(HandshakeType::FINISHED)?;
                flight.send(ContentType::ALERT, &[])
            }),
        )
        .unmet(
            DECODE_ERROR,
            "rustls takes it for an alert that is cut short",
        ),
        unexpected(
            "empty-handshake-record-tls12",
            "sends a handshake record without content after the ServerHello, in TLS 1.2",
            "RFC 5246 §6.2.1",
            KeyedClient::tls12(|flight| flight.send(ContentType::HANDSHAKE, &[])),
        )
        .on(IMPATIENT),
    ]
}

fn data_floods() -> Vec<Case> {
    let data = |flight: &mut Flight| {
        flight.until(HandshakeType::FINISHED)?;
        flood(flight, ContentType::APPLICATION_DATA, &[])
    };
    vec![
        unexpected(
            "empty-data-flood",
            "sends 64 encrypted records without data instead of its Finished, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(data),
        )
        .allowing(Allowed::ANYTHING),
        unexpected(
            "empty-data-flood-tls12",
            "sends 64 encrypted records without data instead of its Finished, in TLS 1.2",
            "RFC 5246 §6",
            KeyedClient::tls12(data),
        )
        .allowing(Allowed::ANYTHING),
    ]
}

fn floods() -> Vec<Case> {
    let warnings = |flight: &mut Flight| {
        let warning = [1, AlertDescription::USER_CANCELED.0];
        flood(flight, ContentType::ALERT, &warning)
    };
    vec![
        unexpected(
            "cipher-change-flood",
            "sends change_cipher_spec 64 times, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(|flight| {
                for _ in 0..64 {
                    flight.change_cipher_spec();
                }
                Ok(())
            }),
        )
        .allowing(Allowed::ANYTHING),
        unexpected(
            "late-warning-flood",
            "sends user_canceled 64 times after the ServerHello, in TLS 1.3",
            "CVE-2016-8610",
            KeyedClient::tls13(warnings),
        )
        .allowing(Allowed::ANYTHING)
        .unmet(CLOSED, "rustls queues no alert for too many warnings"),
        unexpected(
            "late-warning-flood-tls12",
            "sends user_canceled 64 times after the ServerHello, in TLS 1.2",
            "CVE-2016-8610",
            KeyedClient::tls12(warnings),
        )
        .allowing(Allowed::ANYTHING),
    ]
}

fn flood(flight: &mut Flight, content_type: ContentType, content: &[u8]) -> io::Result<()> {
    for _ in 0..64 {
        flight.send(content_type, content)?;
    }
    Ok(())
}

fn unexpected(
    name: &'static str,
    does: &'static str,
    reference: &'static str,
    client: KeyedClient,
) -> Case {
    Case::keyed(name, does, UNEXPECTED_MESSAGE, reference, client)
}
