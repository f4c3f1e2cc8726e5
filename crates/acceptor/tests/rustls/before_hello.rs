//! The rows up to a whole hello that can be parsed: what the record layer shows, and the message.

use lastword_acceptor::record::{ContentType, HandshakeType, ProtocolVersion};
use lastword_testkit::wire::{self, ExtensionType, HelloBuilder};

use crate::rustls::row::{Row, row};
use crate::rustls::told::Told::{Alert, Answer, Nothing, Waits};

pub(crate) fn rows() -> Vec<Row> {
    [
        first_records(),
        not_tls(),
        records(),
        interleaved(),
        alerts(),
        messages(),
        extensions(),
    ]
    .concat()
}

fn first_records() -> Vec<Row> {
    vec![
        row(
            "application data first",
            record(23, &[0x5a; 64]),
            [Alert(10), Nothing, Alert(10)],
        ),
        row(
            "change_cipher_spec first",
            record(20, &[1]),
            [Alert(10), Nothing, Alert(10)],
        ),
        row(
            "content type 99",
            record(99, &[0; 16]),
            [Alert(50), Alert(50), Alert(10)],
        ),
        row(
            "a heartbeat",
            record(24, &[1, 0, 0]),
            [Alert(50), Alert(50), Alert(10)],
        ),
    ]
}

fn not_tls() -> Vec<Row> {
    let row = |condition, bytes: &[u8], required| {
        row(condition, bytes.to_vec(), [Alert(50), Alert(50), required])
    };
    let sslv2 = [&[0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16][..], &[0x5a; 37]].concat();
    vec![
        row("an HTTP request", b"GET / HTTP/1.1\r\n\r\n", Alert(10)),
        row("an SSH banner", b"SSH-2.0-OpenSSH_9.6\r\n", Alert(10)),
        row(
            "a PROXY header",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n",
            Alert(10),
        ),
        row("bytes without meaning", &[0x5b; 64], Alert(10)),
        row("an SSL 2.0 hello", &sslv2, Alert(70)),
    ]
}

fn records() -> Vec<Row> {
    let mut odd_version = hello().record();
    odd_version[1] = 2;
    vec![
        row(
            "the header of a record of 2^14 + 2049 bytes",
            vec![22, 3, 1, 0x48, 0x01],
            [Alert(50), Alert(50), Alert(22)],
        ),
        row(
            "the header of a record of 2^14 + 1 bytes",
            vec![22, 3, 1, 0x40, 0x01],
            [Waits, Waits, Alert(22)],
        ),
        row(
            "a record of 2^14 + 1 bytes",
            hello_of(16_385).record(),
            [Answer, Answer, Alert(22)],
        ),
        row(
            "a record of version 2.1",
            odd_version,
            [Alert(50), Alert(50), Answer],
        ),
        row(
            "a handshake record without content",
            record(22, &[]),
            [Alert(50), Alert(50), Alert(10)],
        ),
    ]
}

/// Between the two halves of a hello.
fn interleaved() -> Vec<Row> {
    let silence = [Nothing, Nothing, Alert(10)];
    vec![
        row(
            "application data in a hello",
            around(&record(23, &[0; 16])),
            silence,
        ),
        row(
            "change_cipher_spec in a hello",
            around(&record(20, &[1])),
            silence,
        ),
        row("an alert in a hello", around(&wire::alert(1, 90)), silence),
        row(
            "an empty record in a hello",
            around(&record(22, &[])),
            [Alert(50), Alert(50), Alert(10)],
        ),
    ]
}

fn alerts() -> Vec<Row> {
    vec![
        row(
            "close_notify first",
            wire::alert(1, 0),
            [Waits, Nothing, Nothing],
        ),
        row(
            "a warning that no RFC knows",
            wire::alert(1, 200),
            [Waits, Nothing, Nothing],
        ),
        row(
            "an alert of level 7",
            wire::alert(7, 40),
            [Alert(47), Nothing, Nothing],
        ),
        row(
            "an alert without content",
            record(21, &[]),
            [Alert(50), Alert(50), Alert(10)],
        ),
        row(
            "64 warnings",
            wire::alert(1, 90).repeat(64),
            [Nothing, Nothing, Alert(10)],
        ),
    ]
}

fn messages() -> Vec<Row> {
    let finished = wire::handshake(HandshakeType::FINISHED, &[0x5a; 32]);
    let long = wire::handshake(HandshakeType::CLIENT_HELLO, &[3; 70_000]);
    let long = wire::split_into_records(&long, &[1 << 14; 4]);
    let silence = [Nothing, Nothing, Alert(50)];
    vec![
        row(
            "a Finished first",
            record(22, &finished),
            [Alert(10), Nothing, Alert(10)],
        ),
        row(
            "a hello said to have 2^24 - 1 bytes",
            record(22, &[1, 255, 255, 255, 3, 3]),
            silence,
        ),
        row(
            "a hello said to have 2^16 bytes",
            record(22, &[1, 1, 0, 0, 3, 3]),
            silence,
        ),
        row("a hello of 70,000 bytes", long, silence),
    ]
}

fn extensions() -> Vec<Row> {
    let twice = hello().another(ExtensionType::EXTENDED_MASTER_SECRET, &[]);
    let unknown_twice = hello()
        .another(ExtensionType(0x1234), &[])
        .another(ExtensionType(0x1234), &[]);
    let identity = [&[0, 7, 0, 1, 7, 0, 0, 0, 0][..], &[0, 33, 32], &[0; 32]].concat();
    let not_last = hello()
        .another(ExtensionType::PSK_KEY_EXCHANGE_MODES, &[1, 1])
        .another(ExtensionType::PRE_SHARED_KEY, &identity)
        .another(ExtensionType(0x1234), &[]);
    let two_names = hello().server_names(&["localhost", "example.test"]);
    let acceptor_differs = [Alert(47), Alert(50), Alert(47)];
    vec![
        row(
            "an extension that is there twice",
            twice.record(),
            acceptor_differs,
        ),
        row(
            "an unknown extension that is there twice",
            unknown_twice.record(),
            acceptor_differs,
        ),
        row(
            "a pre_shared_key that is not last",
            not_last.record(),
            acceptor_differs,
        ),
        row(
            "two server names",
            two_names.record(),
            [Alert(50), Alert(50), Alert(47)],
        ),
    ]
}

fn record(content_type: u8, payload: &[u8]) -> Vec<u8> {
    wire::record(ContentType(content_type), ProtocolVersion::TLS_1_0, payload)
}

fn hello() -> HelloBuilder {
    HelloBuilder::default()
}

/// A hello of so many bytes.
fn hello_of(len: usize) -> HelloBuilder {
    const PADDING: ExtensionType = ExtensionType(21);
    let without = hello().extension(PADDING, &[]).message().len();
    hello().extension(PADDING, &vec![0; len - without])
}

/// A hello in two records, with something between them.
fn around(between: &[u8]) -> Vec<u8> {
    let message = hello().message();
    let (first, second) = message.split_at(60);
    [&record(22, first), between, &record(22, second)].concat()
}
