//! The events and figures of handshakes over tokio.

mod info;

use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::Poll;
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::observed::{events, figures};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::choose::Choice;
use lastword_tokio::step::{Accepting, Options};
use lastword_tokio::{Deliveries, Listener, ListenerOptions, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio_rustls::TlsConnector;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::new(CONFIG.clone())
}

/// Runs it in this thread, the only one that is observed.
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
            let acceptor = TlsAcceptor::choosing(async |_| {
                tracing::info!("asked");
                yield_now().await;
                tracing::info!("chosen");
                Err::<Config, _>(Rejection::unrecognized_name())
            });
            drop(acceptor.accept(server).await.unwrap_err());
        });
    });
    assert_eq!(
        lines[..2],
        [
            concat!("INFO handshake: ", module_path!(), ": asked"),
            concat!("INFO handshake: ", module_path!(), ": chosen")
        ]
    );
    assert!(lines[2].contains(" reason=\"rejected\" "), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

/// A closure may run before it has a future. So may that of a listener.
#[test]
fn a_chooser_is_in_the_span_before_it_has_a_future() {
    let acceptor = TlsAcceptor::choosing(|_| {
        tracing::info!("asked");
        ready(Err::<Config, _>(Rejection::unrecognized_name()))
    });
    let lines = events(|| {
        block_on(async {
            let hello = HelloBuilder::default().record();
            let (_client, server) = client_saying(&hello).await;
            drop(acceptor.accept(server).await.unwrap_err());

            let listener = Listener::bind("127.0.0.1:0", acceptor, ListenerOptions::default());
            let listener = listener.await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            client.write_all(&hello).await.unwrap();
            client.read_to_end(&mut Vec::new()).await.unwrap();
        });
    });
    let asked = lines
        .iter()
        .filter(|line| line.ends_with(concat!(module_path!(), ": asked")));
    assert_eq!(asked.count(), 2, "{lines:?}");
}

#[test]
fn a_stream_that_is_taken_back_is_passed_through() {
    let lines = figures(|| {
        block_on(async {
            let (_client, server) = client_saying(&[22]).await;
            let mut accepting = Box::pin(Accepting::new(server, &Options::default()));
            assert!(poll_once(accepting.as_mut()).await.is_pending());
            let (_server, read) = Pin::into_inner(accepting).into_passthrough();
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
fn an_alert_delivered_at_once_is_counted() {
    let lines = figures(|| {
        block_on(async {
            let (_client, server) = client_saying(b"SSH-2.0-x\r\n").await;
            let refused = acceptor().accept_undelivered(server).await;
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
fn a_future_that_is_dropped_is_counted_and_one_in_the_background_has_an_alert() {
    let lines = figures(|| {
        block_on(async {
            let deliveries = Deliveries::new(1);
            let (_client, server) = client_saying(&[22]).await;
            let mut dropped = Box::pin(acceptor().accept_local(server));
            assert!(poll_once(dropped.as_mut()).await.is_pending());
            drop(dropped);
            let (_client, server) = client_saying(&[22]).await;
            let acceptor = acceptor().with_deliveries(deliveries.clone());
            let mut dropped = Box::pin(acceptor.accept(server));
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
            "lastword_handshakes_total{outcome=\"failed\",reason=\"aborted\"} 1",
        ]
    );
}

#[test]
fn the_span_of_a_listeners_client_has_its_address() {
    let mut peer = None;
    let lines = events(|| {
        block_on(async {
            let listener = Listener::bind("127.0.0.1:0", acceptor(), ListenerOptions::default());
            let listener = listener.await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            peer = Some(client.local_addr().unwrap());
            client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
            client.read_to_end(&mut Vec::new()).await.unwrap();
            drop(client);
            listener.shutdown(Duration::from_secs(60));
            listener.shutdown_handle().finished().await;
        });
    });
    let begins = format!(
        "DEBUG handshake{{peer={}}}: lastword: client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\" ",
        peer.unwrap()
    );
    assert!(lines[0].starts_with(&begins), "{lines:?}");
    assert_eq!(lines.len(), 1);
}

#[test]
fn a_client_that_the_chooser_passes_through_is_no_failure() {
    let lines = figures(|| {
        block_on(async {
            let hello = HelloBuilder::default().record();
            let (_client, server) = client_saying(&hello).await;
            let acceptor = TlsAcceptor::choosing(|_| Ok(Choice::pass_through(7)));
            let accepted = acceptor.accept_undelivered(server).await;
            let undelivered = accepted.map(drop).unwrap_err();
            let (stream, value) = undelivered.into_passed_through().unwrap();
            assert_eq!((stream.prefix(), value), (&hello[..], 7));
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

/// Connects a client over a pipe, which reads to the end.
async fn connected(client: DuplexStream) {
    let connector = TlsConnector::from(PKI.client_config(&ClientProfile::DEFAULT));
    let name = "localhost".try_into().unwrap();
    let mut stream = connector.connect(name, client).await.unwrap();
    drop(stream.read_to_end(&mut Vec::new()).await);
}

#[test]
fn an_authorizer_is_in_the_span_whenever_it_goes_on() {
    let accept = || {
        block_on(async {
            let (client, server) = duplex(65_536);
            let acceptor = acceptor().with_authorizer(async |_| {
                tracing::info!("asked");
                yield_now().await;
                tracing::info!("judged");
                Err(Rejection::access_denied("not on the list"))
            });
            let client = tokio::spawn(connected(client));
            drop(acceptor.accept(server).await.unwrap_err());
            client.await.unwrap();
        });
    };
    let lines = events(accept);
    let own = lines
        .iter()
        .filter(|line| line.contains(concat!(": ", module_path!(), ": ")))
        .collect::<Vec<_>>();
    assert_eq!(
        own,
        [
            concat!("INFO handshake: ", module_path!(), ": asked"),
            concat!("INFO handshake: ", module_path!(), ": judged")
        ]
    );
    let last = lines.last().unwrap();
    assert!(last.contains(" phase=\"authenticated\""), "{lines:?}");
    let lines = figures(accept);
    assert!(
        lines.contains(&"lastword_handshakes_in_flight 0".to_owned()),
        "{lines:?}"
    );
}
