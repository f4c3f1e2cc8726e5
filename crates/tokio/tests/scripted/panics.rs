//! What becomes of a client if its chooser panics, when it is called, polled or dropped, or code that
//! rustls calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::server::before_resolving;
use lastword_testkit::untimed;
use lastword_tokio::acceptor::{Config, ErrorKind, Panic, Reason, Rejection};
use lastword_tokio::step::{Accepting, Options};
use lastword_tokio::{Deliveries, Incoming, TlsAcceptor, Undelivered};
use tokio::task::{JoinError, yield_now};

use crate::scripted::{PKI, Scripted, hello, soon};

/// The alert `internal_error`, as it stands on the wire.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

fn stream() -> (Scripted, Scripted) {
    let stream = Scripted::new(ScriptedStream::new(&hello()).closes_when_told());
    (stream.clone(), stream)
}

type Chosen = Result<Config, Rejection>;

/// Panics at its second poll.
async fn panics_late(_: Incoming) -> Chosen {
    yield_now().await;
    panic!("a planted panic")
}

/// Panics before there is a future.
fn panics_when_called(_: Incoming) -> DropPanics {
    panic!("a planted panic")
}

/// Panics, and has no future.
fn panics_at_once(_: Incoming) -> Chosen {
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

async fn held_back(acceptor: &TlsAcceptor) -> (Undelivered<Scripted>, Scripted) {
    let (stream, remote) = stream();
    let accepted = soon(acceptor.accept_undelivered(stream)).await;
    (accepted.unwrap_err(), remote)
}

#[tokio::test(start_paused = true)]
async fn accept_sends_internal_error_and_then_resumes_the_panic() {
    for acceptor in [
        TlsAcceptor::choosing(panics_late),
        TlsAcceptor::choosing(panics_when_called),
        TlsAcceptor::choosing(panics_at_once),
        TlsAcceptor::choosing(resolver_panics),
        TlsAcceptor::new(of_resolver_that_panics()),
    ] {
        for is_local in [false, true] {
            let (stream, remote) = stream();
            let deliveries = Deliveries::new(1);
            let acceptor = acceptor.clone().with_deliveries(deliveries.clone());
            let task = match is_local {
                false => tokio::spawn(acceptor.accept(stream)),
                true => tokio::spawn(acceptor.accept_local(stream)),
            };
            assert_eq!(payload(soon(task).await.unwrap_err()), "a planted panic");
            assert_eq!(remote.shut().as_deref(), Some(&INTERNAL_ERROR[..]));
            assert!(remote.is_closed());
            assert_eq!(deliveries.in_flight(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn accept_undelivered_holds_the_alert_of_a_panic_back_and_resumes_nothing() {
    for acceptor in [
        TlsAcceptor::choosing(panics_late),
        TlsAcceptor::choosing(panics_when_called),
        TlsAcceptor::choosing(panics_at_once),
        TlsAcceptor::choosing(resolver_panics),
        TlsAcceptor::new(of_resolver_that_panics()),
    ] {
        let (undelivered, remote) = held_back(&acceptor).await;
        assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
        let error = undelivered.deliver().await;
        assert_eq!(
            untimed(&error),
            "this server's own code panicked: a planted panic; \
             alert internal_error (80) sent, delivered; name localhost"
        );
        assert_eq!(error.reason(), Reason::Internal);
        assert_eq!(remote.shut().as_deref(), Some(&INTERNAL_ERROR[..]));
        let panic = tokio::spawn(async move { error.resume_panic() }).await;
        assert_eq!(payload(panic.unwrap_err()), "a planted panic");
    }
}

#[tokio::test(start_paused = true)]
async fn a_chooser_that_panics_when_it_is_dropped_at_the_timeout_has_panicked() {
    let acceptor = TlsAcceptor::choosing(|_| DropPanics).with_timeout(Duration::from_secs(3));
    let (undelivered, _) = held_back(&acceptor).await;
    let kind = undelivered.kind();
    assert!(matches!(kind, ErrorKind::Panicked(_)), "{kind:?}");
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_chooser_that_panics_when_it_is_aborted_changes_nothing() {
    let (stream, remote) = stream();
    let mut accept = TlsAcceptor::choosing(|_| DropPanics).accept_undelivered(stream);
    assert!(crate::scripted::poll_once(&mut accept).is_none());
    accept.abort();
    let undelivered = accept.await.unwrap_err();
    assert!(matches!(undelivered.kind(), ErrorKind::Aborted));
    drop(undelivered.deliver().await);
    assert_eq!(
        remote.shut().as_deref(),
        Some(&crate::scripted::CANCELED[..])
    );
}

#[tokio::test(start_paused = true)]
async fn a_choice_made_without_a_chooser_may_panic_too() {
    let (stream, _remote) = stream();
    let accepted = Accepting::new(stream, &Options::default()).await.unwrap();
    let panic = Panic::catch(|| -> () { panic!("a planted panic") }).unwrap_err();
    assert_eq!(accepted.panicked(panic).error().tls(), INTERNAL_ERROR);
}

/// A configuration whose certificate resolver panics.
fn of_resolver_that_panics() -> Config {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    before_resolving(&mut config, |_| panic!("a planted panic"));
    Config::new(config).unwrap()
}

async fn resolver_panics(_: Incoming) -> Chosen {
    Ok(of_resolver_that_panics())
}
