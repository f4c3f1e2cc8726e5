//! Clients that would be refused under a shadow configuration: they are served and counted.

use lastword_io::acceptor::{Config, Rejection};
use lastword_io::{Plain, TlsAcceptor};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::observed::{events, figures};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::HelloBuilder;

use crate::observed::{CONFIG, PKI};

fn config(profile: &ServerProfile) -> Config {
    Config::new(PKI.server_config(profile)).unwrap()
}

const TLS13: ServerProfile = ServerProfile {
    versions: Versions::Tls13,
    ..ServerProfile::DEFAULT
};

const H2: ServerProfile = ServerProfile {
    alpn: &["h2"],
    ..ServerProfile::DEFAULT
};

/// An acceptor for all clients, with two policies in its shadow.
fn acceptor() -> TlsAcceptor {
    TlsAcceptor::new(CONFIG.clone())
        .with_shadow("without_tls12", config(&TLS13))
        .with_shadow("h2", config(&H2))
}

/// A client that says this and closes, once it is answered or refused.
fn try_with(acceptor: &TlsAcceptor, hello: &HelloBuilder) {
    let stream = Plain(ScriptedStream::new(&hello.record()));
    drop(acceptor.accept(stream).unwrap_err());
}

/// The counts of clients that would be refused.
fn would_refuse(action: impl FnOnce()) -> Vec<String> {
    let lines = figures(action).into_iter();
    lines
        .filter(|line| line.starts_with("lastword_would_refuse_total"))
        .collect()
}

#[test]
fn they_are_counted_by_policy_and_reason() {
    let lines = would_refuse(|| {
        let acceptor = acceptor();
        try_with(&acceptor, &HelloBuilder::tls12());
        try_with(&acceptor, &HelloBuilder::tls12().alpn(&["http/1.1"]));
        try_with(&acceptor, &HelloBuilder::default().alpn(&["h2"]));
    });
    assert_eq!(
        lines,
        [
            "lastword_would_refuse_total{policy=\"h2\",reason=\"application_protocol\"} 1",
            "lastword_would_refuse_total{policy=\"without_tls12\",reason=\"version\"} 2",
        ]
    );
}

#[test]
fn clients_that_are_refused_anyway_are_not_counted() {
    let lines = would_refuse(|| {
        // by the configuration
        let mut unknown = HelloBuilder::tls12();
        unknown.suites = vec![0x1234];
        try_with(&acceptor(), &unknown);
        // by the chooser
        let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
        let acceptor = acceptor.with_shadow("without_tls12", config(&TLS13));
        try_with(&acceptor, &HelloBuilder::tls12());
    });
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn clients_of_a_chooser_are_counted() {
    let lines = would_refuse(|| {
        let acceptor = TlsAcceptor::choosing(|_| Ok(CONFIG.clone()));
        let acceptor = acceptor.with_shadow("without_tls12", config(&TLS13));
        try_with(&acceptor, &HelloBuilder::tls12());
    });
    let line = "lastword_would_refuse_total{policy=\"without_tls12\",reason=\"version\"} 1";
    assert_eq!(lines, [line]);
}

#[test]
fn there_is_an_event_for_each_in_the_words_of_the_refusal() {
    let lines = events(|| try_with(&acceptor(), &HelloBuilder::tls12()));
    assert_eq!(
        lines[0],
        "INFO handshake: lastword: would be refused: no protocol version in common: client offers \
         TLS 1.2 or older, server has TLS 1.3 policy=\"without_tls12\" reason=\"version\" \
         server_name=\"localhost\""
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn the_policies_are_in_the_debug_output() {
    let shown = format!("{:?}", acceptor());
    assert!(shown.contains("[\"without_tls12\", \"h2\"]"), "{shown}");
}
