//! Accepting over scripted streams: whatever a stream does, call by call, by a clock that stands.

mod after;
mod answering;
mod answers;
mod authorizing;
mod auto_traits;
mod background;
mod cancel;
mod choosers;
mod configs;
mod deadlines;
mod deliveries;
mod delivery;
mod departed;
mod early_data;
mod holding;
mod local;
mod lost;
mod lost_loops;
mod panicking;
mod panics;
mod parity;
mod passing;
mod schedules;
mod sizes;
mod stream;
mod styles;
mod watched;

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::step::Options;
use lastword_tokio::{Incoming, TlsAcceptor};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use stream::Scripted;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

/// What is no TLS.
const GARBAGE: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// The alert `unexpected_message`, as it stands on the wire.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

/// `user_canceled`, then `close_notify`.
const CANCELED: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

/// A runtime whose clock stands, for tests that are no futures themselves.
fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// Polls a future once, as one does who has no time to wait: what it comes to, if it does.
fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let future = pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// What neither hangs nor spins: for a clock that stands a day is soon over.
async fn soon<F: Future>(action: F) -> F::Output {
    let (mut action, mut polls) = (pin!(action), 0);
    let counted = poll_fn(|cx| {
        polls += 1;
        assert!(polls < 20_000, "it spins");
        action.as_mut().poll(cx)
    });
    let over = timeout(Duration::from_secs(86_400), counted).await;
    over.expect("it hangs")
}

/// A ClientHello that is answered, in a record.
fn hello() -> Vec<u8> {
    HelloBuilder::default().record()
}

/// An acceptor that serves every client.
fn acceptor() -> TlsAcceptor {
    TlsAcceptor::new(CONFIG.clone())
}

/// The same, which asks a chooser for each client.
fn choosing() -> TlsAcceptor {
    TlsAcceptor::choosing(async |_| Ok(CONFIG.clone()))
}

/// An acceptor whose chooser never decides.
fn undecided() -> TlsAcceptor {
    TlsAcceptor::choosing(never)
}

/// A chooser that never decides.
async fn never(_: Incoming) -> Result<Config, Rejection> {
    pending().await
}

/// An acceptor with these timeouts and limits.
fn with_options<T>(acceptor: TlsAcceptor<T>, options: &Options) -> TlsAcceptor<T> {
    let Options {
        timeout,
        limits,
        drain,
        ..
    } = options.clone();
    acceptor
        .with_timeout(timeout)
        .with_limits(limits)
        .with_drain(drain)
}

/// A stream with a rustls client at its other end.
fn with_client(client: Client) -> ScriptedStream {
    ScriptedStream::new(&[]).with_client(client)
}

/// A rustls client.
fn client(profile: &ClientProfile) -> Client {
    Client::new(PKI.client_config(profile))
}
