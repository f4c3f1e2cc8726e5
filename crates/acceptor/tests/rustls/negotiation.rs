//! The rows of a hello that can be parsed and is refused.

use lastword_testkit::wire::{ExtensionType, HelloBuilder};

use crate::rustls::row::{Row, row};
use crate::rustls::server::Server;
use crate::rustls::told::Told::{Alert, Answer, AnswerAndError};

pub(crate) fn rows() -> Vec<Row> {
    [versions(), missing(), protocols(), certificates()].concat()
}

fn versions() -> Vec<Row> {
    let tls12 = HelloBuilder::tls12;
    let tls10 = HelloBuilder {
        legacy_version: 0x0301,
        ..tls12()
    }
    .without(ExtensionType::SIGNATURE_ALGORITHMS);
    let ssl3 = HelloBuilder {
        legacy_version: 0x0300,
        extensions: None,
        ..tls12()
    };
    let listed = tls12()
        .supported_versions(&[0x0302, 0x0301])
        .without(ExtensionType::SIGNATURE_ALGORITHMS);
    let mut fallback = tls12();
    fallback.suites.push(0x5600);
    let version = [Alert(40), Alert(40), Alert(70)];
    vec![
        row("a hello of TLS 1.0", tls10.record(), version),
        row("a hello of SSL 3.0", ssl3.record(), version),
        row(
            "a hello that lists TLS 1.1 and 1.0",
            listed.record(),
            version,
        ),
        row(
            "a fallback to TLS 1.2",
            fallback.record(),
            [Answer, Answer, Alert(86)],
        ),
    ]
}

fn missing() -> Vec<Row> {
    let row = |condition, extension| {
        let hello = HelloBuilder::default().without(extension);
        row(
            condition,
            hello.record(),
            [Alert(40), Alert(40), Alert(109)],
        )
    };
    vec![
        row(
            "no signature_algorithms",
            ExtensionType::SIGNATURE_ALGORITHMS,
        ),
        row("no supported_groups", ExtensionType::SUPPORTED_GROUPS),
        row("no key_share", ExtensionType::KEY_SHARE),
    ]
}

/// The alert comes behind a ServerHello, in TLS 1.3; behind a HelloRetryRequest only once the
/// second hello has been answered.
fn protocols() -> Vec<Row> {
    let hello = HelloBuilder::default().alpn(&["spdy/1"]);
    let retry = hello.clone().key_shares(&[]);
    let answer_and_error = [AnswerAndError, AnswerAndError, Alert(120)];
    vec![
        row("no common protocol", hello.record(), answer_and_error).on(Server::Alpn),
        row(
            "no common protocol and no share",
            retry.record(),
            [Answer, Answer, Alert(120)],
        )
        .on(Server::Alpn),
    ]
}

fn certificates() -> Vec<Row> {
    let hello = HelloBuilder::default();
    let nameless = hello.clone().without(ExtensionType::SERVER_NAME);
    let denied = |required| [Alert(49), Alert(49), required];
    vec![
        row(
            "a name without a certificate",
            hello.record(),
            denied(Alert(112)),
        )
        .on(Server::NoCertificate),
        row(
            "no name and no certificate",
            nameless.record(),
            denied(Alert(109)),
        )
        .on(Server::NoCertificate),
    ]
}
