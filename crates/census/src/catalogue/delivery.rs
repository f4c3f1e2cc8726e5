//! Clients that make it hard to be told: they write on, write late, write slowly, or read little.

use lastword_alert::AlertDescription;
use lastword_record::{ContentType, ProtocolVersion};

use super::raw::{Action, RawClient};
use super::tls::TlsClient;
use super::{
    CERTIFICATE_REQUIRED, Case, LOCALHOST_ONLY, UNEXPECTED_MESSAGE, UNRECOGNIZED_NAME, Versions,
    told,
};
use crate::pki::ClientProfile;
use crate::wire::{self, HelloBuilder};

const SECTION_6_1: &str = "RFC 8446 §6.1";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = unknown_names();
    cases.extend([
        Case::raw(
            "http-upload",
            "has 64 KiB more in flight behind its HTTP request",
            UNEXPECTED_MESSAGE,
            SECTION_6_1,
            RawClient::new(|| {
                vec![
                    Action::Send(b"POST / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n".to_vec()),
                    Action::Send(vec![b'x'; 65_536]),
                ]
            }),
        ),
        Case::raw(
            "http-half-close",
            "sends an HTTP request and FIN at once",
            UNEXPECTED_MESSAGE,
            SECTION_6_1,
            RawClient::departing(|| {
                vec![
                    Action::Send(b"GET / HTTP/1.0\r\n\r\n".to_vec()),
                    Action::Finish,
                ]
            }),
        ),
        narrow_window(),
    ]);
    cases
}

fn narrow_window() -> Case {
    Case::tls(
        "narrow-window",
        "has the smallest receive window there is, and no certificate",
        told(&[AlertDescription::CERTIFICATE_REQUIRED]),
        SECTION_6_1,
        TlsClient {
            profile: ClientProfile {
                versions: Versions::Tls13,
                ..ClientProfile::DEFAULT
            },
            narrow: true,
            ..TlsClient::DEFAULT
        },
    )
    .on(CERTIFICATE_REQUIRED)
}

/// They all ask for a server that is not here.
fn unknown_names() -> Vec<Case> {
    let case = |name, does, client| {
        Case::raw(name, does, UNRECOGNIZED_NAME, SECTION_6_1, client).on(LOCALHOST_ONLY)
    };
    vec![
        case(
            "writes-on",
            "asks for an unknown name and has 32 KiB more in flight",
            RawClient::new(|| {
                let more = std::iter::repeat_n(Action::Send(more()), 8);
                [Action::Send(hello())].into_iter().chain(more).collect()
            }),
        ),
        case(
            "writes-late",
            "asks for an unknown name and writes 32 KiB more once it is told",
            RawClient::new(|| {
                let told = [Action::Send(hello()), Action::Await(ContentType::ALERT)];
                let more = std::iter::repeat_n(Action::Send(more()), 8);
                told.into_iter().chain(more).collect()
            }),
        ),
        case(
            "writes-bytewise",
            "asks for an unknown name one byte a write",
            RawClient::new(|| vec![Action::SendBytewise(hello())]),
        ),
        case(
            "half-close",
            "asks for an unknown name and sends FIN at once",
            RawClient::departing(|| vec![Action::Send(hello()), Action::Finish]),
        ),
    ]
}

fn hello() -> Vec<u8> {
    HelloBuilder::default()
        .server_name("elsewhere.example.test")
        .record()
}

/// 4 KiB that could be early data.
fn more() -> Vec<u8> {
    wire::record(
        ContentType::APPLICATION_DATA,
        ProtocolVersion::TLS_1_2,
        &[0x5a; 4091],
    )
}
