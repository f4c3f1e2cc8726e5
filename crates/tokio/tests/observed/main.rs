//! What those who observe the process are told of an asynchronous handshake.

use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::Poll;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::observed::{events, figures};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Hello, Rejection};
use lastword_tokio::{
    Accepting, Deliveries, Listener, ListenerOptions, Options, accept, accept_direct, begin,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::yield_now;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

/// Runs it in this thread, which alone is observed.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// A client that has said this and goes on listening.
async fn client_saying(bytes: &[u8]) -> (DuplexStream, DuplexStream) {
    let (mut client, server) = duplex(4096);
    client.write_all(bytes).await.unwrap();
    (client, server)
}

/// Polls a future once.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[test]
fn a_chooser_is_in_the_span_whenever_it_goes_on() {
    let lines = events(|| {
        block_on(async {
            let (_client, server) = client_saying(&HelloBuilder::default().record()).await;
            let chosen = accept(server, &Options::default(), async |_| {
                tracing::info!("asked");
                yield_now().await;
                tracing::info!("chosen");
                Err(Rejection::unrecognized_name())
            });
            drop(chosen.await.unwrap_err());
        });
    });
    assert_eq!(
        lines[..2],
        [
            "INFO handshake: observed: asked",
            "INFO handshake: observed: chosen"
        ]
    );
    assert!(lines[2].contains(" reason=\"rejected\" "), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

/// A closure does what it does before it has a future; so does the listener's.
#[test]
fn a_chooser_is_in_the_span_before_it_has_a_future() {
    let asked = |_: &Hello| {
        tracing::info!("asked");
        ready(Err(Rejection::unrecognized_name()))
    };
    let lines = events(|| {
        block_on(async {
            let hello = HelloBuilder::default().record();
            let (_client, server) = client_saying(&hello).await;
            drop(
                accept(server, &Options::default(), asked)
                    .await
                    .unwrap_err(),
            );

            let listener = Listener::bind("127.0.0.1:0", asked, ListenerOptions::default());
            let listener = listener.await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr()).await.unwrap();
            client.write_all(&hello).await.unwrap();
            client.read_to_end(&mut Vec::new()).await.unwrap();
        });
    });
    let asked = lines
        .iter()
        .filter(|line| line.ends_with(": observed: asked"));
    assert_eq!(asked.count(), 2, "{lines:?}");
}

#[test]
fn a_stream_that_is_taken_back_is_passed_through() {
    let lines = figures(|| {
        block_on(async {
            let (_client, server) = client_saying(&[22]).await;
            let mut accepting = Box::pin(Accepting::new(server, &Options::default()));
            assert!(poll_once(accepting.as_mut()).await.is_pending());
            let (_server, read) = Pin::into_inner(accepting).into_parts();
            assert_eq!(read, [22]);
        });
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
fn a_client_that_is_told_at_once() {
    let lines = figures(|| {
        block_on(async {
            let (_client, server) = client_saying(b"SSH-2.0-x\r\n").await;
            let refused = begin(server, &Options::default(), async |_| Ok(CONFIG.clone())).await;
            drop(refused.unwrap_err().deliver_at_once());
        });
    });
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
fn a_future_that_is_dropped_is_counted_and_one_that_is_guarded_is_told_of() {
    let lines = figures(|| {
        block_on(async {
            let deliveries = Deliveries::new(1);
            let (_client, server) = client_saying(&[22]).await;
            let mut dropped = Box::pin(accept_direct(server, &Options::default(), &CONFIG));
            assert!(poll_once(dropped.as_mut()).await.is_pending());
            drop(dropped);
            let (_client, server) = client_saying(&[22]).await;
            let mut dropped =
                Box::pin(deliveries.accept_direct(server, &Options::default(), &CONFIG));
            assert!(poll_once(dropped.as_mut()).await.is_pending());
            drop(dropped);
            deliveries.finished().await;
        });
    });
    assert_eq!(
        lines,
        [
            "lastword_alerts_sent_total{alert=\"user_canceled\"} 1",
            "lastword_deliveries_total{delivery=\"written\"} 1",
            "lastword_handshake_duration_seconds_count{outcome=\"failed\"} 1",
            "lastword_handshakes_in_flight 0",
            "lastword_handshakes_total{outcome=\"dropped\",reason=\"none\"} 1",
            "lastword_handshakes_total{outcome=\"failed\",reason=\"canceled\"} 1",
        ]
    );
}

#[test]
fn the_span_of_a_listeners_client_has_its_address() {
    let mut peer = None;
    let lines = events(|| {
        block_on(async {
            let chooser = |_: &Hello| async { Ok(CONFIG.clone()) };
            let listener = Listener::bind("127.0.0.1:0", chooser, ListenerOptions::default());
            let listener = listener.await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr()).await.unwrap();
            peer = Some(client.local_addr().unwrap());
            client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
            client.read_to_end(&mut Vec::new()).await.unwrap();
            drop(client);
            listener.close(std::time::Duration::from_secs(60));
            listener.closer().finished().await;
        });
    });
    let begins = format!(
        "INFO handshake{{peer={}}}: lastword: not TLS but SSH ",
        peer.unwrap()
    );
    assert!(lines[0].starts_with(&begins), "{lines:?}");
    assert_eq!(lines.len(), 1);
}
