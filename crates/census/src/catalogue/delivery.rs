//! Clients to which an alert is difficult to deliver: they write on, write late, write slowly, read late,
//! read slowly, or have a small window.
//!
//! They fail in a way that every server must refuse, so that they need nothing but an address.

use std::time::Duration;

use lastword_alert::AlertDescription;
use lastword_record::{ContentType, ProtocolVersion};

use super::alter::Alter;
use super::raw::{Action, RawClient};
use super::tls::TlsClient;
use super::{Allowed, Case, HANDSHAKE_FAILURE, UNEXPECTED_MESSAGE, Versions, because, told};
use crate::pki::ClientProfile;
use crate::wire::{self, HelloBuilder};

const SECTION_6_1: &str = "RFC 8446 §6.1";

/// How long a client that reads late waits before its first read.
const LATE: Duration = Duration::from_millis(200);

/// How long a client that reads slowly waits before each byte.
const SLOW: Duration = Duration::from_millis(20);

pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "a server that closes with bytes unread resets the connection, and the alert can be lost",
            [http(), writes()].concat(),
        ),
        because(
            "a client on a slow machine or network reads the alert long after it was sent",
            reads(),
        ),
    ]
    .concat()
}

/// They speak no TLS.
fn http() -> Vec<Case> {
    let case = |name, does, client| {
        Case::raw(name, does, UNEXPECTED_MESSAGE, SECTION_6_1, client).allowing(Allowed::ANY_ANSWER)
    };
    vec![
        case(
            "http-upload",
            "has 64 KiB more in flight after its HTTP request",
            RawClient::new(|| {
                vec![
                    Action::Send(b"POST / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n".to_vec()),
                    Action::Send(vec![b'x'; 65_536]),
                ]
            }),
        ),
        case(
            "http-half-close",
            "sends an HTTP request and FIN at once",
            RawClient::departing(|| {
                vec![
                    Action::Send(b"GET / HTTP/1.0\r\n\r\n".to_vec()),
                    Action::Finish,
                ]
            }),
        ),
    ]
}

/// They offer no suite that a server can have, and write more than their hello.
fn writes() -> Vec<Case> {
    vec![
        refused(
            "writes-on",
            "offers no known suite and has 32 KiB more in flight",
            RawClient::new(|| [vec![Action::Send(hello())], more()].concat()),
        ),
        refused(
            "writes-late",
            "offers no known suite and writes 32 KiB more after the alert",
            RawClient::new(|| {
                let told = vec![Action::Send(hello()), Action::Await(ContentType::ALERT)];
                [told, more()].concat()
            }),
        ),
        refused(
            "writes-bytewise",
            "offers no known suite and writes one byte at a time",
            RawClient::new(|| vec![Action::SendBytewise(hello())]),
        ),
        refused(
            "half-close",
            "offers no known suite and sends FIN at once",
            RawClient::departing(|| vec![Action::Send(hello()), Action::Finish]),
        ),
    ]
}

/// They are slow to read what they are told.
fn reads() -> Vec<Case> {
    vec![
        refused(
            "reads-late",
            "offers no known suite, has 32 KiB in flight, reads after 200 ms",
            RawClient::new(|| {
                let wait = vec![Action::Wait(LATE)];
                [vec![Action::Send(hello())], more(), wait].concat()
            }),
        ),
        refused(
            "reads-slowly",
            "offers no known suite and reads one byte in 20 ms",
            RawClient::new(|| vec![Action::Send(hello()), Action::ReadSlowly(SLOW)]),
        ),
        Case::tls(
            "narrow-window",
            "has the smallest possible receive window, and a flipped bit in its Finished",
            told(&[AlertDescription::BAD_RECORD_MAC]),
            SECTION_6_1,
            TlsClient {
                profile: ClientProfile {
                    versions: Versions::Tls13,
                    ..ClientProfile::DEFAULT
                },
                alters: Alter::FirstSealedRecord,
                narrow: true,
                ..TlsClient::DEFAULT
            },
        ),
    ]
}

fn refused(name: &'static str, does: &'static str, client: RawClient) -> Case {
    Case::raw(name, does, HANDSHAKE_FAILURE, SECTION_6_1, client)
}

/// A hello whose only suite is one that is not assigned.
fn hello() -> Vec<u8> {
    HelloBuilder {
        suites: vec![0x13f0],
        ..HelloBuilder::default()
    }
    .record()
}

/// 32 KiB that could be early data, 4 KiB a write.
fn more() -> Vec<Action> {
    let record = wire::record(
        ContentType::APPLICATION_DATA,
        ProtocolVersion::TLS_1_2,
        &[0x5a; 4091],
    );
    vec![Action::Send(record); 8]
}
