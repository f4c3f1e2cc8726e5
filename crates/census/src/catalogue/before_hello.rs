//! Clients that speak TLS and never come to a whole `ClientHello`.

use lastword_alert::AlertDescription;
use lastword_record::{ContentType, HandshakeType, ProtocolVersion};

use super::raw::{Action, RawClient};
use super::{Allowed, Case, DECODE_ERROR, IMPATIENT, Required, UNEXPECTED_MESSAGE, because, told};
use crate::wire::{self, HelloBuilder};

pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "this alert shows the fault of a proxy or a client that mixes up its records",
            records(),
        ),
        because(
            "a server that waits for the rest of such a record keeps a connection for each client",
            handshake_records(),
        ),
        because(
            "the client has given up, and an answer to an alert can start a loop of alerts",
            silencing_alerts(),
        ),
        because(
            "a server that continues to read here can be kept busy with cheap records",
            malformed_alerts(),
        ),
        because(
            "a server that believes such a message keeps memory for a client without a hello",
            messages(),
        ),
        because(
            "a client that stalls holds a connection until the server ends it",
            deadlines(),
        ),
    ]
    .concat()
}

/// The first record is not what a client begins with.
fn records() -> Vec<Case> {
    vec![
        case(
            "application-data-first",
            "begins with application data",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §5",
            || send(record(ContentType::APPLICATION_DATA, &[0x5a; 64])),
        ),
        case(
            "change-cipher-spec-first",
            "begins with change_cipher_spec",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §5",
            || send(record(ContentType::CHANGE_CIPHER_SPEC, &[1])),
        ),
        case(
            "unknown-content-type",
            "begins with a record of content type 99",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §5",
            || send(record(ContentType(99), &[0; 16])),
        ),
    ]
}

/// The records of a handshake are not what they must be.
fn handshake_records() -> Vec<Case> {
    vec![
        case(
            "oversized-record",
            "announces a record of 16,385 bytes and sends only its header",
            told(&[AlertDescription::RECORD_OVERFLOW]),
            "RFC 8446 §5.1",
            || send(vec![22, 3, 1, 0x40, 0x01]),
        )
        .allowing(Allowed::SILENCE),
        case(
            "empty-handshake-record",
            "sends a handshake record without content",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §5.1",
            || send(record(ContentType::HANDSHAKE, &[])),
        ),
        case(
            "interleaved-hello",
            "puts application data between the halves of its hello",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §5.1",
            || send(interleaved()),
        ),
    ]
}

/// The first record is an alert, which must not be answered.
fn silencing_alerts() -> Vec<Case> {
    let silent = |name, does, reference, script| {
        let client = RawClient::departing(script);
        // RFC 8446 5: unexpected_message, where a record of this type comes too early
        let early = Allowed::alerts(&[AlertDescription::UNEXPECTED_MESSAGE]);
        Case::raw(name, does, Required::Silent, reference, client).allowing(early)
    };
    vec![
        silent(
            "fatal-alert-first",
            "begins with a fatal alert",
            "RFC 8446 §6.2",
            || send(wire::alert(2, 40)),
        ),
        silent(
            "unknown-alert-first",
            "begins with an alert that no RFC knows",
            "RFC 8446 §6",
            || send(wire::alert(2, 200)),
        ),
        silent(
            "unknown-level-alert-first",
            "begins with an alert of a level that no RFC knows",
            "RFC 8446 §6",
            || send(wire::alert(7, 40)),
        ),
        silent(
            "close-notify-first",
            "begins with close_notify",
            "RFC 8446 §6.1",
            || send(wire::alert(1, 0)),
        ),
    ]
}

/// The first record is an alert that is malformed, or one of too many.
fn malformed_alerts() -> Vec<Case> {
    let malformed = Allowed::alerts(&[
        AlertDescription::UNEXPECTED_MESSAGE,
        AlertDescription::DECODE_ERROR,
        AlertDescription::ILLEGAL_PARAMETER,
    ]);
    vec![
        case(
            "overlong-alert",
            "sends an alert of three bytes",
            DECODE_ERROR,
            "RFC 8446 §6",
            || send(record(ContentType::ALERT, &[2, 40, 0])),
        )
        .allowing(malformed),
        case(
            "empty-alert",
            "sends an alert record without content",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §5.1",
            || send(record(ContentType::ALERT, &[])),
        )
        .allowing(malformed),
        case(
            "warning-flood",
            "sends user_canceled 64 times",
            UNEXPECTED_MESSAGE,
            "CVE-2016-8610",
            || send(wire::alert(1, 90).repeat(64)),
        )
        .allowing(Allowed::ANYTHING),
    ]
}

/// The first handshake message is no hello, or too long for one.
fn messages() -> Vec<Case> {
    vec![
        case(
            "finished-first",
            "begins with a handshake message that is not a ClientHello",
            UNEXPECTED_MESSAGE,
            "RFC 8446 §4",
            || {
                let message = wire::handshake(HandshakeType::FINISHED, &[0x5a; 32]);
                send(record(ContentType::HANDSHAKE, &message))
            },
        ),
        case(
            "hello-declared-too-long",
            "announces a hello of 16,777,215 bytes",
            DECODE_ERROR,
            "RFC 8446 §6",
            || {
                let mut message = vec![HandshakeType::CLIENT_HELLO.0, 0xff, 0xff, 0xff];
                message.extend([3, 3]);
                send(record(ContentType::HANDSHAKE, &message))
            },
        )
        .allowing(Allowed::ANY_ALERT),
    ]
}

/// Nothing more comes, and the server's patience ends.
fn deadlines() -> Vec<Case> {
    vec![
        Case::raw(
            "half-a-hello",
            "sends half a hello and waits",
            Required::Alerts(&[
                AlertDescription::USER_CANCELED,
                AlertDescription::CLOSE_NOTIFY,
            ]),
            "RFC 8446 §6.1",
            RawClient::new(|| {
                let hello = HelloBuilder::default().record();
                let (half, _) = hello.split_at(hello.len() / 2);
                send(half.to_vec())
            }),
        )
        .allowing(Allowed::ANYTHING)
        .on(IMPATIENT),
        Case::raw(
            "nothing",
            "connects and says nothing",
            Required::Silent,
            "RFC 8446 §6.1",
            RawClient::departing(Vec::new),
        )
        .allowing(Allowed::ANYTHING)
        .on(IMPATIENT),
    ]
}

fn case(
    name: &'static str,
    does: &'static str,
    required: Required,
    reference: &'static str,
    script: fn() -> Vec<Action>,
) -> Case {
    Case::raw(name, does, required, reference, RawClient::new(script))
}

/// A hello in two records, and application data between them.
fn interleaved() -> Vec<u8> {
    let message = HelloBuilder::default().message();
    let (first, second) = message.split_at(message.len() / 2);
    [
        record(ContentType::HANDSHAKE, first),
        record(ContentType::APPLICATION_DATA, &[0x5a; 16]),
        record(ContentType::HANDSHAKE, second),
    ]
    .concat()
}

fn record(content_type: ContentType, payload: &[u8]) -> Vec<u8> {
    wire::record(content_type, ProtocolVersion::TLS_1_0, payload)
}

fn send(bytes: Vec<u8>) -> Vec<Action> {
    vec![Action::Send(bytes)]
}
