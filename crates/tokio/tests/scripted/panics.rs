//! What becomes of a client whose chooser panics, when it is called, polled or dropped, or what rustls
//! calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_tokio::acceptor::{Config, ErrorKind, Hello, Panic, Reason, Rejection};
use lastword_tokio::{Accepting, Deliveries, Options, accept, accept_direct, begin};
use rustls::server::{ClientHello as Asked, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::task::{JoinError, yield_now};

use crate::{PKI, Scripted, hello, soon};

/// The alert `internal_error`, as it stands on the wire.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

fn stream() -> (Scripted, Scripted) {
    let stream = Scripted::new(ScriptedStream::new(&hello()).closes_when_told());
    (stream.clone(), stream)
}

type Chosen = Result<Config, Rejection>;

/// Panics at its second poll.
async fn panics_late(_: &Hello) -> Chosen {
    yield_now().await;
    panic!("a planted panic")
}

/// Panics before there is a future.
fn panics_when_called(_: &Hello) -> DropPanics {
    panic!("a planted panic")
}

/// Panics when it is dropped.
struct DropPanics;

impl Future for DropPanics {
    type Output = Chosen;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Chosen> {
        Poll::Pending
    }
}

impl Drop for DropPanics {
    fn drop(&mut self) {
        panic!("a planted panic")
    }
}

fn payload(error: JoinError) -> &'static str {
    *error.into_panic().downcast().unwrap()
}

#[tokio::test(start_paused = true)]
async fn accept_sends_internal_error_and_then_resumes_the_panic() {
    for guarded in [false, true] {
        let (stream, remote) = stream();
        let deliveries = Deliveries::new(1);
        let options = Options::default();
        let task = match guarded {
            false => tokio::spawn(accept(stream, &options, panics_late)),
            true => tokio::spawn(deliveries.accept(stream, &options, panics_late)),
        };
        assert_eq!(payload(task.await.unwrap_err()), "a planted panic");
        assert_eq!(remote.shut().as_deref(), Some(&INTERNAL_ERROR[..]));
        assert!(remote.is_closed());
        assert_eq!(deliveries.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn begin_holds_the_alert_of_a_panic_back_and_delivers_it() {
    let (stream, remote) = stream();
    let begun = soon(begin(stream, &Options::default(), panics_late)).await;
    let undelivered = begun.unwrap_err();
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
    let failure = undelivered.deliver().await;
    assert_eq!(
        failure.to_string(),
        "this server's own code panicked: a planted panic; \
         alert internal_error (80) delivered"
    );
    assert_eq!(failure.error().reason(), Reason::Internal);
    assert_eq!(remote.shut().as_deref(), Some(&INTERNAL_ERROR[..]));
}

#[tokio::test(start_paused = true)]
async fn a_chooser_that_panics_when_it_is_called_is_no_different() {
    let (stream, _remote) = stream();
    let accepted = Accepting::new(stream, &Options::default()).await.unwrap();
    let undelivered = accepted.choose(panics_when_called).await.unwrap_err();
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_chooser_that_panics_when_its_time_is_over_is_no_different() {
    let (stream, _remote) = stream();
    let options = Options::default().with_deadline(Duration::from_secs(3));
    let begun = soon(begin(stream, &options, |_: &Hello| DropPanics)).await;
    let undelivered = begun.unwrap_err();
    let kind = undelivered.error().error().kind();
    assert!(matches!(kind, ErrorKind::Panicked(_)), "{kind:?}");
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_choice_made_without_us_may_panic_too() {
    let (stream, _remote) = stream();
    let accepted = Accepting::new(stream, &Options::default()).await.unwrap();
    let panic = Panic::catch(|| -> () { panic!("a planted panic") }).unwrap_err();
    assert_eq!(accepted.panicked(panic).error().tls(), INTERNAL_ERROR);
}

#[derive(Debug)]
struct Resolver;

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: Asked<'_>) -> Option<Arc<CertifiedKey>> {
        panic!("a planted panic")
    }
}

/// A configuration whose certificate resolver panics.
fn resolver_panics() -> Config {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    config.cert_resolver = Arc::new(Resolver);
    config.try_into().unwrap()
}

#[tokio::test(start_paused = true)]
async fn accept_resumes_a_panic_of_what_rustls_calls_after_the_client_is_told() {
    for style in 0..4 {
        let (stream, remote) = stream();
        let deliveries = Deliveries::new(1);
        let (options, config) = (Options::default(), resolver_panics());
        let chosen = config.clone();
        let choose = async move |_: &Hello| Ok(chosen);
        let task = match style {
            0 => tokio::spawn(accept(stream, &options, choose)),
            1 => tokio::spawn(accept_direct(stream, &options, &config)),
            2 => tokio::spawn(deliveries.accept(stream, &options, choose)),
            _ => tokio::spawn(deliveries.accept_direct(stream, &options, &config)),
        };
        assert_eq!(payload(soon(task).await.unwrap_err()), "a planted panic");
        assert_eq!(remote.shut().as_deref(), Some(&INTERNAL_ERROR[..]));
        assert!(remote.is_closed());
        assert_eq!(deliveries.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn begin_holds_the_alert_of_a_panic_of_what_rustls_calls_back() {
    let (stream, remote) = stream();
    let config = resolver_panics();
    let choose = async |_: &Hello| Ok(config);
    let undelivered = soon(begin(stream, &Options::default(), choose)).await;
    let undelivered = undelivered.unwrap_err();
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
    let failure = undelivered.deliver().await;
    assert_eq!(
        failure.to_string(),
        "this server's own code panicked: a planted panic; \
         alert internal_error (80) delivered"
    );
    assert_eq!(failure.error().reason(), Reason::Internal);
    assert_eq!(remote.shut().as_deref(), Some(&INTERNAL_ERROR[..]));
}
