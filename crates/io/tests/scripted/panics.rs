//! What becomes of a client whose chooser panics, or what rustls calls, in every style.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lastword_io::acceptor::{Config, ErrorKind, Reason, Rejection, ServerConfig};
use lastword_io::step::Step;
use lastword_io::{AcceptError, Incoming, TlsAcceptor, Transport};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::server::{before_resolving, cannot_sign};
use lastword_testkit::untimed;

use crate::scripted::{PKI, Scripted, client, hello};

/// The alert `internal_error`, as it stands on the wire.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

const WORDS: &str = "this server's own code panicked: a planted panic; \
                     alert internal_error (80) sent, delivered; name localhost";

fn panics(_: &Incoming) -> Result<Config, Rejection> {
    panic!("a planted panic")
}

fn stream() -> Scripted {
    Scripted::new(ScriptedStream::new(&hello()).closes_when_told()).without_timeouts()
}

#[test]
fn accept_sends_internal_error_and_then_resumes_the_panic() {
    let mut stream = stream();
    let accepted = || drop(TlsAcceptor::choosing(panics).accept(&mut stream));
    let payload = catch_unwind(AssertUnwindSafe(accepted)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn accept_undelivered_holds_the_alert_of_a_panic_back_and_delivers_it() {
    let undelivered = TlsAcceptor::choosing(panics)
        .accept_undelivered(stream())
        .unwrap_err();
    let kind = undelivered.kind();
    assert!(matches!(kind, ErrorKind::Panicked(_)), "{kind:?}");
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
    let error = undelivered.deliver();
    assert_eq!(untimed(&error), WORDS);
    assert_eq!(error.reason(), Reason::Internal);
    let resumed = catch_unwind(AssertUnwindSafe(|| error.resume_panic()));
    let payload = resumed.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    error.resume_panic(); // once is enough
    assert_eq!(error.into_stream().shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn a_stepped_handshake_reports_the_panic_and_does_not_resume_it() {
    let mut stream = stream();
    let accept = TlsAcceptor::choosing(panics).start(stream.now());
    let Step::Over(Err(error)) = accept.step(&mut stream) else {
        panic!("the client has closed");
    };
    assert_eq!(untimed(&error), WORDS);
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}

fn config(change: impl FnOnce(&mut ServerConfig)) -> Config {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    change(&mut config);
    config.into()
}

fn resolver_panics() -> Config {
    config(|config| before_resolving(config, |_| panic!("a planted panic")))
}

/// In TLS 1.3 it signs after the ServerHello.
fn key_panics() -> Config {
    config(|config| cannot_sign(config, &PKI, || panic!("a planted panic")))
}

fn of_tls13() -> Scripted {
    let client = client(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    });
    Scripted::new(ScriptedStream::new(&[]).with_client(client)).without_timeouts()
}

/// The acceptors with this configuration: one that chooses it, and one that has it at hand.
fn acceptors(config: &Config) -> [TlsAcceptor; 2] {
    let chosen = config.clone();
    let choosing = TlsAcceptor::choosing(move |_| Ok(chosen.clone()));
    [choosing, TlsAcceptor::new(config.clone())]
}

/// Accepts a client in both blocking styles: what each wrote before the panic went on.
fn resumed(config: &Config, stream: fn() -> Scripted) -> [Scripted; 2] {
    acceptors(config).map(|acceptor| {
        let mut stream = stream();
        let accepting = || drop(acceptor.accept(&mut stream));
        let payload = catch_unwind(AssertUnwindSafe(accepting)).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
        stream
    })
}

#[test]
fn accept_resumes_a_panic_of_what_rustls_calls_after_the_client_is_told() {
    for stream in resumed(&resolver_panics(), stream) {
        assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
    }
    for stream in resumed(&key_panics(), of_tls13) {
        let shut = stream.shut().unwrap();
        // a ServerHello, a change_cipher_spec and a close_notify, encrypted
        assert_eq!(shut[..3], [22, 3, 3]);
        assert_eq!(shut[shut.len() - 24..][..5], [23, 3, 3, 0, 19]);
    }
}

/// Steps a handshake to its end, in both nonblocking styles: what is said.
fn errors(config: &Config, stream: fn() -> Scripted) -> [(AcceptError, Scripted); 2] {
    acceptors(config).map(|acceptor| {
        let mut stream = stream();
        let Step::Over(Err(error)) = acceptor.start(stream.now()).step(&mut stream) else {
            panic!("the client has closed");
        };
        (error, stream)
    })
}

#[test]
fn a_stepped_handshake_reports_a_panic_of_what_rustls_calls() {
    for (error, stream) in errors(&resolver_panics(), stream) {
        let end = "alert internal_error (80) sent, delivered; name localhost";
        let words = format!("this server's own code panicked: a planted panic; {end}");
        assert_eq!(untimed(&error), words);
        assert_eq!(error.reason(), Reason::Internal);
        assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
    }
    for (error, _) in errors(&key_panics(), of_tls13) {
        let end = "alert internal_error (80) sent, delivered; name localhost";
        let words = format!("this server's own code panicked: a planted panic; {end}");
        assert_eq!(untimed(&error), words);
        assert_eq!(error.reason(), Reason::Internal);
    }
}

#[test]
fn accept_undelivered_holds_the_alert_of_a_panic_of_what_rustls_calls_back() {
    for acceptor in acceptors(&resolver_panics()) {
        let undelivered = acceptor.accept_undelivered(stream()).unwrap_err();
        assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
        let error = undelivered.deliver();
        let resumed = catch_unwind(AssertUnwindSafe(|| error.resume_panic()));
        let payload = resumed.unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
        assert_eq!(error.into_stream().shut(), Some(&INTERNAL_ERROR[..]));
    }
}
