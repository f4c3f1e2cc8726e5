//! One span a handshake, and one event at its end.

use std::sync::Arc;

use lastword_io::acceptor::{Config, Rejection};
use lastword_io::choose::Choice;
use lastword_io::step::{Accepting, Options, Step};
use lastword_io::{Plain, TlsAcceptor, Transport as _};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::observed::events;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::server::before_resolving;
use lastword_testkit::wire::{self, HelloBuilder};

use crate::observed::{ACCEPTOR, HERE, PKI, established, refused};

#[test]
fn a_client_that_is_told_an_alert() {
    let lines = events(|| drop(refused(b"SSH-2.0-x\r\n")));
    assert_eq!(
        lines,
        [
            "DEBUG handshake: lastword: client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\" reason=\"not_tls\" phase=\"client_hello\" \
             alert=\"unexpected_message\" direction=\"sent\" delivery=\"written\""
        ]
    );
}

#[test]
fn a_client_that_sends_an_alert() {
    let lines = events(|| drop(refused(&wire::alert(2, 40))));
    assert_eq!(
        lines,
        [
            "INFO handshake: lastword: client sent the alert handshake_failure (40) before the \
             ClientHello was complete: it accepts none of the parameters that this server chose \
             or offers reason=\"peer_alert\" phase=\"client_hello\" alert=\"handshake_failure\" \
             direction=\"received\" delivery=\"nothing_to_send\""
        ]
    );
}

#[test]
fn a_client_that_asked_for_a_name() {
    let hello = HelloBuilder::default().server_name("other.test").record();
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(&hello));
        let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
        drop(acceptor.accept(stream).unwrap_err());
    });
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].ends_with(
            "reason=\"rejected\" phase=\"server_hello\" alert=\"unrecognized_name\" \
             direction=\"sent\" delivery=\"written\" server_name=\"other.test\""
        ),
        "{lines:?}"
    );
}

#[test]
fn a_client_that_says_nothing_is_not_worth_a_line_in_a_log() {
    let lines = events(|| drop(refused(b"")));
    assert_eq!(
        lines,
        [
            "DEBUG handshake: lastword: client closed the connection before any part of \
             a ClientHello arrived reason=\"closed\" phase=\"client_hello\" delivery=\"nothing_to_send\""
        ]
    );
}

#[test]
fn a_client_that_leaves_after_bytes_of_another_protocol_is_worth_a_line() {
    let lines = events(|| {
        let mut stream = Plain(ScriptedStream::new(b""));
        let accepting = Accepting::new(&Options::default(), stream.now());
        let undelivered = accepting.with_received(b"PROXY".to_vec()).closed();
        let Step::Over(error) = undelivered.deliver(stream.now()).step(&mut stream) else {
            panic!("there is nothing to wait for");
        };
        assert!(!error.is_probe());
    });
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("INFO handshake: "), "{lines:?}");
}

#[test]
fn a_fault_of_the_servers_is_an_error() {
    let hello = HelloBuilder::default().record();
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(&hello));
        let acceptor = TlsAcceptor::choosing(|_| -> Result<Config, Rejection> {
            Err(std::io::Error::other("no disk"))?
        });
        drop(acceptor.accept(stream).unwrap_err());
    });
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("ERROR handshake: "), "{lines:?}");
    assert!(lines[0].contains(" alert=\"internal_error\" "), "{lines:?}");
}

#[test]
fn an_alert_that_is_handed_to_the_application_is_held_and_not_sent() {
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(b"SSH-2.0-x\r\n"));
        let held = ACCEPTOR.accept_undelivered(stream).unwrap_err();
        drop(held.into_parts());
    });
    assert_eq!(
        lines,
        [
            "DEBUG handshake: lastword: client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\" reason=\"not_tls\" phase=\"client_hello\" \
             alert=\"unexpected_message\" direction=\"held\""
        ]
    );
}

#[test]
fn an_alert_that_is_not_written_whole_is_not_sent() {
    use lastword_testkit::script::Outcome::{Fail, UpTo};
    use std::io::ErrorKind::{ConnectionReset, Other};
    for (end, delivery) in [(Other, "failed"), (ConnectionReset, "peer_reset")] {
        let lines = events(|| {
            let stream = ScriptedStream::new(b"SSH-2.0-x\r\n").writes([UpTo(6), Fail(end)]);
            let stream = Plain(stream);
            drop(ACCEPTOR.accept(stream).unwrap_err());
        });
        assert_eq!(
            lines,
            [format!(
                "DEBUG handshake: lastword: client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\" reason=\"not_tls\" \
                 phase=\"client_hello\" alert=\"unexpected_message\" delivery=\"{delivery}\""
            )]
        );
    }
}

#[test]
fn a_handshake_that_succeeds_and_what_the_chooser_says_in_its_span() {
    let lines = events(|| drop(established()));
    let chosen = lines.iter().filter(|line| line.starts_with("INFO"));
    let chosen: Vec<_> = chosen.collect();
    assert_eq!(chosen, [&format!("INFO handshake: {HERE}: choosing")]);
    // with the feature `ja4` there is one more field
    let end = lines.last().unwrap().split(" ja4=").next();
    assert_eq!(
        end.unwrap(),
        "DEBUG handshake: lastword: established version=\"TLS 1.3\" \
         cipher_suite=\"TLS_AES_256_GCM_SHA384\" group=\"x25519\" signature_scheme=\"ecdsa_secp256r1_sha256\" post_quantum=false \
         handshake_kind=\"full\" server_name=\"localhost\" client_certificate=false \
         offered_version=\"TLS 1.3\" offered_cipher_suites=10 offered_groups=3 \
         offered_key_shares=1 offered_alpn=0 \
         offered_post_quantum=false offered_early_data=false"
    );
}

/// A certificate resolver that logs.
#[test]
fn what_rustls_calls_runs_in_the_span_with_a_choice_and_without() {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    before_resolving(&mut config, |_| tracing::info!("resolving"));
    let config = Config::from(config);
    let chosen = config.clone();
    let choosing = TlsAcceptor::choosing(move |_| Ok(chosen.clone()));
    for acceptor in [choosing, TlsAcceptor::new(config)] {
        let hello = HelloBuilder::default().record();
        let stream = Plain(ScriptedStream::new(&hello));
        let lines = events(|| drop(acceptor.accept(stream).unwrap_err()));
        assert_eq!(
            lines[0],
            concat!("INFO handshake: ", module_path!(), ": resolving")
        );
        assert_eq!(lines.len(), 2);
    }
}

#[test]
fn a_client_that_a_chooser_passes_through_is_no_failure() {
    let acceptor = TlsAcceptor::choosing(|_| Ok(Choice::pass_through(())));
    let hello = HelloBuilder::default().record();
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(&hello));
        let undelivered = acceptor.accept_undelivered(stream).unwrap_err();
        drop(undelivered.into_passed_through().unwrap());
    });
    assert_eq!(lines, ["DEBUG handshake: lastword: passed through"]);
}
