//! What becomes of a client whose chooser panics, or what rustls calls, in every style.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lastword_io::acceptor::{Config, ErrorKind, Hello, Reason, Rejection};
use lastword_io::{Accept, Options, Report, Step, Transport, accept, accept_direct, begin};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::ScriptedStream;
use rustls::server::{ClientHello as Asked, ResolvesServerCert};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{SignatureAlgorithm, SignatureScheme};

use crate::{PKI, Scripted, client, hello};

/// The alert `internal_error`, as it stands on the wire.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

const WORDS: &str = "this server's own code panicked: a planted panic; \
                     alert internal_error (80) delivered";

fn panics(_: &Hello) -> Result<Config, Rejection> {
    panic!("a planted panic")
}

fn stream() -> Scripted {
    Scripted::new(ScriptedStream::new(&hello()).closes_when_told()).without_timeouts()
}

#[test]
fn accept_sends_internal_error_and_then_resumes_the_panic() {
    let mut stream = stream();
    let accepted = || drop(accept(&mut stream, &Options::default(), panics));
    let payload = catch_unwind(AssertUnwindSafe(accepted)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn begin_holds_the_alert_of_a_panic_back_and_delivers_it() {
    let undelivered = begin(stream(), &Options::default(), panics).unwrap_err();
    let kind = undelivered.error().error().kind();
    assert!(matches!(kind, ErrorKind::Panicked(_)), "{kind:?}");
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
    let failure = undelivered.deliver();
    assert_eq!(failure.to_string(), WORDS);
    assert_eq!(failure.error().reason(), Reason::Internal);
    let resumed = catch_unwind(AssertUnwindSafe(|| failure.resume_panic()));
    let payload = resumed.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    failure.resume_panic(); // once is enough
    assert_eq!(failure.into_stream().shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn a_stepped_handshake_reports_the_panic_and_does_not_resume_it() {
    let mut stream = stream();
    let accept = Accept::choosing(&Options::default(), stream.now(), panics);
    let Step::Over(Err(report)) = accept.step(&mut stream) else {
        panic!("the client has closed");
    };
    assert_eq!(report.to_string(), WORDS);
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}

/// A certificate resolver that panics, and a key that does.
#[derive(Debug)]
struct Panicking;

impl ResolvesServerCert for Panicking {
    fn resolve(&self, _: Asked<'_>) -> Option<Arc<CertifiedKey>> {
        panic!("a planted panic")
    }
}

impl SigningKey for Panicking {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        panic!("a planted panic")
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

fn config(resolver: Arc<dyn ResolvesServerCert>) -> Config {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    config.cert_resolver = resolver;
    config.try_into().unwrap()
}

fn resolver_panics() -> Config {
    config(Arc::new(Panicking))
}

/// In TLS 1.3 it signs after the ServerHello.
fn key_panics() -> Config {
    let key = CertifiedKey::new(PKI.server_chain(), Arc::new(Panicking));
    config(Arc::new(SingleCertAndKey::from(key)))
}

fn of_tls13() -> Scripted {
    let client = client(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    });
    Scripted::new(ScriptedStream::new(&[]).with_client(client)).without_timeouts()
}

/// Accepts a client in both blocking styles: what each wrote before the panic went on.
fn resumed(config: &Config, stream: fn() -> Scripted) -> [Scripted; 2] {
    let options = Options::default();
    let (mut chosen, mut direct) = (stream(), stream());
    let choosing = || drop(accept(&mut chosen, &options, |_| Ok(config.clone())));
    let payload = catch_unwind(AssertUnwindSafe(choosing)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    let accepting = || drop(accept_direct(&mut direct, &options, config));
    let payload = catch_unwind(AssertUnwindSafe(accepting)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    [chosen, direct]
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
fn reports(config: &Config, stream: fn() -> Scripted) -> [(Report, Scripted); 2] {
    let options = Options::default();
    let (mut chosen, mut direct) = (stream(), stream());
    let choosing = Accept::choosing(&options, chosen.now(), |_: &_| Ok(config.clone()));
    let Step::Over(Err(first)) = choosing.step(&mut chosen) else {
        panic!("the client has closed");
    };
    let accept = Accept::direct(&options, direct.now(), config);
    let Step::Over(Err(second)) = accept.step(&mut direct) else {
        panic!("the client has closed");
    };
    [(first, chosen), (second, direct)]
}

#[test]
fn a_stepped_handshake_reports_a_panic_of_what_rustls_calls() {
    for (report, stream) in reports(&resolver_panics(), stream) {
        let end = "alert internal_error (80) delivered";
        let words = format!("this server's own code panicked: a planted panic; {end}");
        assert_eq!(report.to_string(), words);
        assert_eq!(report.error().reason(), Reason::Internal);
        assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
    }
    for (report, _) in reports(&key_panics(), of_tls13) {
        let end = "alert close_notify (0) delivered";
        let words = format!("this server's own code panicked: a planted panic; {end}");
        assert_eq!(report.to_string(), words);
        assert_eq!(report.error().reason(), Reason::Internal);
    }
}

#[test]
fn begin_holds_the_alert_of_a_panic_of_what_rustls_calls_back() {
    let config = resolver_panics();
    let undelivered = begin(stream(), &Options::default(), |_| Ok(config)).unwrap_err();
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
    let failure = undelivered.deliver();
    let resumed = catch_unwind(AssertUnwindSafe(|| failure.resume_panic()));
    let payload = resumed.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    assert_eq!(failure.into_stream().shut(), Some(&INTERNAL_ERROR[..]));
}
