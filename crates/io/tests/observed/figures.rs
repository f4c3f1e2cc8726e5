//! The figures of handshakes, as Prometheus reads them.

use std::time::Instant;

use lastword_io::acceptor::{Config, Rejection};
use lastword_io::step::{Accepting, Options, Step};
use lastword_io::{Plain, TlsAcceptor};
use lastword_testkit::observed::figures;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::{self, HelloBuilder};

use crate::observed::{ACCEPTOR, established, refused};

#[test]
fn a_client_that_is_told_an_alert() {
    let lines = figures(|| drop(refused(b"SSH-2.0-x\r\n")));
    assert_eq!(
        lines,
        [
            "lastword_alerts_sent_total{alert=\"unexpected_message\"} 1",
            "lastword_deliveries_total{delivery=\"written\"} 1",
            "lastword_handshake_duration_seconds_count{outcome=\"failed\"} 1",
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"failed\",reason=\"not_tls\"} 1",
        ]
    );
}

#[test]
fn an_alert_that_is_not_written_is_not_sent() {
    use lastword_testkit::script::Outcome::Fail;
    let lines = figures(|| {
        let stream =
            ScriptedStream::new(b"SSH-2.0-x\r\n").writes([Fail(std::io::ErrorKind::Other)]);
        let stream = Plain(stream);
        drop(ACCEPTOR.accept(stream).unwrap_err());
    });
    assert_eq!(
        lines,
        [
            "lastword_deliveries_total{delivery=\"failed\"} 1",
            "lastword_handshake_duration_seconds_count{outcome=\"failed\"} 1",
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"failed\",reason=\"not_tls\"} 1",
        ]
    );
}

#[test]
fn an_alert_that_a_reset_cuts_is_not_sent() {
    use lastword_testkit::script::Outcome::{Fail, UpTo};
    let reset = Fail(std::io::ErrorKind::ConnectionReset);
    let lines = figures(|| {
        let stream = ScriptedStream::new(b"SSH-2.0-x\r\n").writes([UpTo(6), reset]);
        let stream = Plain(stream);
        drop(ACCEPTOR.accept(stream).unwrap_err());
    });
    assert_eq!(
        lines,
        [
            "lastword_deliveries_total{delivery=\"peer_reset\"} 1",
            "lastword_handshake_duration_seconds_count{outcome=\"failed\"} 1",
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"failed\",reason=\"not_tls\"} 1",
        ]
    );
}

#[test]
fn clients_that_send_alerts_of_any_code() {
    let lines = figures(|| {
        for code in [40, 200, 201] {
            drop(refused(&wire::alert(2, code)));
        }
    });
    assert_eq!(
        lines,
        [
            "lastword_alerts_received_total{alert=\"handshake_failure\"} 1",
            "lastword_alerts_received_total{alert=\"unknown\"} 2",
            "lastword_deliveries_total{delivery=\"nothing_to_send\"} 3",
            "lastword_handshake_duration_seconds_count{outcome=\"failed\"} 3",
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"failed\",reason=\"peer_alert\"} 3",
        ]
    );
}

#[test]
fn an_alert_that_is_handed_to_the_application() {
    let lines = figures(|| {
        let stream = Plain(ScriptedStream::new(b"SSH-2.0-x\r\n"));
        let held = ACCEPTOR.accept_undelivered(stream).unwrap_err();
        drop(held.into_parts());
    });
    assert_eq!(
        lines,
        [
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"failed\",reason=\"not_tls\"} 1",
        ]
    );
}

#[test]
fn a_handshake_that_succeeds() {
    let lines = figures(|| drop(established()));
    assert_eq!(
        lines,
        [
            "lastword_handshake_duration_seconds_count{outcome=\"established\"} 1",
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"established\",reason=\"none\"} 1",
            "lastword_negotiated_total{version=\"TLS 1.3\",group=\"x25519\",\
             cipher_suite=\"TLS_AES_256_GCM_SHA384\",handshake_kind=\"full\"} 1",
        ]
    );
}

#[test]
fn a_handshake_that_is_dropped_and_one_that_is_in_flight() {
    let mut in_flight = None;
    let lines = figures(|| {
        drop(Accepting::new(&Options::default(), Instant::now()));
        in_flight = Some(Accepting::new(&Options::default(), Instant::now()));
    });
    assert_eq!(
        lines,
        [
            "lastword_handshakes_in_flight 1",
            "lastword_handshakes_total{outcome=\"dropped\",reason=\"none\"} 1",
        ]
    );
}

#[test]
fn a_client_that_is_passed_through() {
    let hello = HelloBuilder::default().record();
    let lines = figures(|| {
        let accepting = Accepting::new(&Options::default(), Instant::now());
        let Step::Over(Ok(accepted)) = accepting.step(&mut Plain(ScriptedStream::new(&hello)))
        else {
            panic!("no ClientHello");
        };
        assert_eq!(accepted.into_passthrough(), hello);
    });
    assert_eq!(
        lines,
        [
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"passed_through\",reason=\"none\"} 1",
        ]
    );
}

#[test]
fn a_client_that_is_refused_is_counted_under_rejected() {
    let hello = HelloBuilder::default().record();
    let lines = figures(|| {
        let stream = Plain(ScriptedStream::new(&hello));
        let refuse = |_: &_| Err::<Config, _>(Rejection::access_denied("by policy"));
        drop(TlsAcceptor::choosing(refuse).accept(stream).unwrap_err());
    });
    let counted = "lastword_handshakes_total{outcome=\"failed\",reason=\"rejected\"} 1";
    assert!(lines.iter().any(|line| line == counted), "{lines:?}");
}
