//! Clients whose last flight has a message that is wrong, out of place, or not of one piece.

use std::io;

use lastword_alert::AlertDescription;
use lastword_record::{ContentType, HandshakeType};

use super::alter::Alter;
use super::keyed::{Flight, KeyedClient};
use super::tls::TlsClient;
use super::{
    Allowed, CERTIFICATE_REQUIRED, CLOSED, Case, DECODE_ERROR, DECRYPT_ERROR, ILLEGAL_PARAMETER,
    UNEXPECTED_MESSAGE, because, told,
};
use crate::wire::{self, prefixed_u8};

pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "a client that does not know the session's secret must not resume it",
            binder(),
        ),
        because(
            "an attacker would send a wrong signature or a wrong Finished",
            wrong(),
        ),
        because(
            "if a server accepts messages in another order, an attacker can avoid authentication",
            out_of_place(),
        ),
        because(
            "a message that begins before the keys change could come from an attacker",
            across_keys(),
        ),
        because(
            "a server that accepts such a record can be made to read messages that nobody sent",
            interleaved(),
        ),
        because(
            "a server that believes the length keeps 16 MiB for each client",
            endless(),
        ),
        because(
            "a share that is not checked can make the keys known to an attacker",
            key_exchanges(),
        ),
    ]
    .concat()
}

/// The `ClientHello` is good, and what it resumes is another's.
fn binder() -> Vec<Case> {
    vec![Case::tls(
        "wrong-binder",
        "resumes a session with one bit of its binder wrong",
        DECRYPT_ERROR,
        "RFC 8446 §4.2.11.2",
        TlsClient {
            alters: Alter::Binder,
            ..TlsClient::DEFAULT
        },
    )]
}

/// All is in its place, and one bit is wrong.
fn wrong() -> Vec<Case> {
    let finished = |flight: &mut Flight| flipped(flight, HandshakeType::FINISHED);
    let verify = |flight: &mut Flight| flipped(flight, HandshakeType::CERTIFICATE_VERIFY);
    let case =
        |name, does, reference, client| Case::keyed(name, does, DECRYPT_ERROR, reference, client);
    vec![
        case(
            "wrong-finished",
            "has one bit of its Finished wrong, in TLS 1.3",
            "RFC 8446 §4.4.4",
            KeyedClient::tls13(finished),
        ),
        case(
            "wrong-finished-tls12",
            "has one bit of its Finished wrong, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(finished),
        ),
        case(
            "wrong-certificate-verify",
            "has one bit of its signature wrong, in TLS 1.3",
            "RFC 8446 §4.4.3",
            KeyedClient::tls13(verify).certified(),
        )
        .on(CERTIFICATE_REQUIRED),
        case(
            "wrong-certificate-verify-tls12",
            "has one bit of its signature wrong, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(verify).certified(),
        )
        .on(CERTIFICATE_REQUIRED),
    ]
}

fn flipped(flight: &mut Flight, which: HandshakeType) -> io::Result<()> {
    flight.flip(which)?;
    flight.whole()
}

/// A message comes where another is due.
fn out_of_place() -> Vec<Case> {
    vec![
        unexpected(
            "finished-before-certificate",
            "sends Finished instead of its certificate, in TLS 1.3",
            "RFC 8446 §4",
            KeyedClient::tls13(|flight| only(flight, HandshakeType::FINISHED)).certified(),
        )
        .on(CERTIFICATE_REQUIRED),
        unexpected(
            "key-exchange-before-certificate-tls12",
            "sends its key exchange instead of its certificate, in TLS 1.2",
            "RFC 5246 §7.4",
            KeyedClient::tls12(|flight| only(flight, HandshakeType::CLIENT_KEY_EXCHANGE))
                .certified(),
        )
        .on(CERTIFICATE_REQUIRED),
        unexpected(
            "cipher-change-before-key-exchange-tls12",
            "sends change_cipher_spec instead of its key exchange, in TLS 1.2",
            "RFC 5246 §7.4",
            KeyedClient::tls12(|flight| {
                flight.change_cipher_spec();
                Ok(())
            }),
        ),
        unexpected(
            "key-update-before-finished",
            "sends KeyUpdate instead of its Finished, in TLS 1.3",
            "RFC 8446 §4.6.3",
            KeyedClient::tls13(|flight| {
                flight.until(HandshakeType::FINISHED)?;
                flight.send(ContentType::HANDSHAKE, &key_update())
            }),
        ),
    ]
}

/// Handshake messages stand on both sides of a change of keys.
fn across_keys() -> Vec<Case> {
    vec![
        unexpected(
            "more-after-finished",
            "has a KeyUpdate in the record of its Finished, in TLS 1.3",
            "RFC 8446 §5.1",
            KeyedClient::tls13(|flight| {
                let finished = flight.message(HandshakeType::FINISHED)?;
                flight.until(HandshakeType::FINISHED)?;
                let both = [finished, key_update()].concat();
                flight.send(ContentType::HANDSHAKE, &both)
            }),
        ),
        unexpected(
            "cipher-change-in-a-message-tls12",
            "sends change_cipher_spec within its key exchange, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(|flight| {
                half(flight, HandshakeType::CLIENT_KEY_EXCHANGE)?;
                flight.change_cipher_spec();
                Ok(())
            }),
        ),
    ]
}

/// A record of another type stands between two parts of a message.
fn interleaved() -> Vec<Case> {
    const WHY: &str = "rustls queues no alert for a record between two parts of a message";
    vec![
        unexpected(
            "data-within-finished",
            "sends application data within its Finished, in TLS 1.3",
            "RFC 8446 §5.1",
            KeyedClient::tls13(data_within_finished),
        )
        .unmet(CLOSED, WHY),
        unexpected(
            "data-within-finished-tls12",
            "sends application data within its Finished, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(data_within_finished),
        ),
        unexpected(
            "alert-within-finished",
            "sends user_canceled within its Finished, in TLS 1.3",
            "RFC 8446 §5.1",
            KeyedClient::tls13(|flight| {
                half(flight, HandshakeType::FINISHED)?;
                flight.send(ContentType::ALERT, &[1, AlertDescription::USER_CANCELED.0])
            }),
        )
        .unmet(CLOSED, WHY),
        unexpected(
            "unknown-type-within-finished",
            "sends a record of type 99 within its Finished, in TLS 1.3",
            "RFC 8446 §5",
            KeyedClient::tls13(|flight| {
                half(flight, HandshakeType::FINISHED)?;
                flight.send_in_plaintext(ContentType(99), &[0x5a; 32]);
                Ok(())
            }),
        )
        .unmet(
            told(&[AlertDescription::BAD_RECORD_MAC]),
            "rustls takes any record there for one that is encrypted",
        ),
    ]
}

/// A message of 16 MiB is announced, and nothing of it follows.
fn endless() -> Vec<Case> {
    let script = |flight: &mut Flight| {
        let header = [HandshakeType::CERTIFICATE.0, 0xff, 0xff, 0xff];
        flight.send(ContentType::HANDSHAKE, &header)
    };
    let case = |name, does, reference, client| {
        // no RFC says how long a message may be
        Case::keyed(name, does, DECODE_ERROR, reference, client)
            .on(CERTIFICATE_REQUIRED)
            .allowing(Allowed::ANY_ALERT)
    };
    vec![
        case(
            "endless-certificate",
            "announces a certificate of 16,777,215 bytes, in TLS 1.3",
            "RFC 8446 §6",
            KeyedClient::tls13(script),
        )
        .unmet(
            CLOSED,
            "rustls queues no alert for a message that is too long",
        ),
        case(
            "endless-certificate-tls12",
            "announces a certificate of 16,777,215 bytes, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(script),
        ),
    ]
}

/// TLS 1.2's `ClientKeyExchange` has no share that the server can work with.
fn key_exchanges() -> Vec<Case> {
    let case = |name, does, required, reference, script| {
        Case::keyed(name, does, required, reference, KeyedClient::tls12(script))
    };
    vec![
        case(
            "key-exchange-without-share-tls12",
            "has an empty share in its key exchange, in TLS 1.2",
            DECODE_ERROR,
            "RFC 8422 §5.7", // ECPoint is of 1 byte at least
            |flight| key_exchange(flight, &prefixed_u8(&[])),
        ),
        case(
            "key-exchange-cut-short-tls12",
            "has one byte less in its key exchange than the length says, in TLS 1.2",
            DECODE_ERROR,
            "RFC 5246 §7.2.2",
            |flight| key_exchange(flight, &[&[32][..], &[9; 31]].concat()),
        ),
        case(
            "key-exchange-of-wrong-length-tls12",
            "has an X25519 share of 31 bytes, in TLS 1.2",
            ILLEGAL_PARAMETER,
            "RFC 5246 §7.2.2",
            |flight| key_exchange(flight, &prefixed_u8(&[9; 31])),
        ),
        case(
            "key-exchange-of-zeros-tls12",
            "has an X25519 share of zeros, in TLS 1.2",
            ILLEGAL_PARAMETER,
            "RFC 8422 §5.11", // the secret is all zeros -> abort
            |flight| key_exchange(flight, &prefixed_u8(&[0; 32])),
        ),
    ]
}

fn key_exchange(flight: &mut Flight, body: &[u8]) -> io::Result<()> {
    let message = wire::handshake(HandshakeType::CLIENT_KEY_EXCHANGE, body);
    flight.replace(HandshakeType::CLIENT_KEY_EXCHANGE, &message)?;
    flight.whole()
}

fn unexpected(
    name: &'static str,
    does: &'static str,
    reference: &'static str,
    client: KeyedClient,
) -> Case {
    Case::keyed(name, does, UNEXPECTED_MESSAGE, reference, client)
}

/// One message alone.
fn only(flight: &mut Flight, which: HandshakeType) -> io::Result<()> {
    let message = flight.message(which)?;
    flight.send(ContentType::HANDSHAKE, &message)
}

/// All in front of a message, and its first half.
fn half(flight: &mut Flight, which: HandshakeType) -> io::Result<()> {
    let message = flight.message(which)?;
    let (half, _) = message.split_at(message.len() / 2);
    flight.until(which)?;
    flight.send(ContentType::HANDSHAKE, half)
}

fn data_within_finished(flight: &mut Flight) -> io::Result<()> {
    half(flight, HandshakeType::FINISHED)?;
    flight.send(ContentType::APPLICATION_DATA, b"x")
}

/// One that asks for none in return.
fn key_update() -> Vec<u8> {
    wire::handshake(HandshakeType::KEY_UPDATE, &[0])
}
