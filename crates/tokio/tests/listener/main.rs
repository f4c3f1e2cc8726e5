//! The listener, with clients over real TCP.

mod bounds;
mod descriptors;
mod end;
mod panics;

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Hello};
use lastword_tokio::{Chooser, Drain, Listener, ListenerOptions, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

/// `user_canceled` and `close_notify`, as they stand on the wire.
const GIVEN_UP: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

/// `internal_error`, likewise.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

/// `unexpected_message`, likewise.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

const SSH: &[u8] = b"SSH-2.0-x\r\n";

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// Options under which nothing ends by the clock.
fn patient() -> ListenerOptions {
    let drain = Drain::default().with_time(LONG);
    let client = Options::default().with_deadline(LONG).with_drain(drain);
    ListenerOptions::default().with_client(client)
}

/// What a listener says of its failures, a line each.
type Failures = mpsc::UnboundedReceiver<String>;

/// A listener that reports its failures in words.
async fn listener(options: ListenerOptions) -> (Listener, Failures) {
    choosing(CONFIG.clone(), options).await
}

async fn choosing(chooser: impl Chooser, options: ListenerOptions) -> (Listener, Failures) {
    let (send, failures) = mpsc::unbounded_channel();
    let options = options.on_failure(move |_, report| drop(send.send(report.to_string())));
    let listener = Listener::bind("127.0.0.1:0", chooser, options).await;
    (listener.unwrap(), failures)
}

async fn connect(listener: &Listener) -> TcpStream {
    TcpStream::connect(listener.local_addr()).await.unwrap()
}

/// A chooser that never decides, and what tells that it was asked.
fn undecided() -> (impl Chooser, mpsc::UnboundedReceiver<()>) {
    let (send, asked) = mpsc::unbounded_channel();
    let chooser = move |_: &Hello| {
        send.send(()).unwrap();
        std::future::pending()
    };
    (chooser, asked)
}

/// A client whose configuration is never chosen.
async fn undecided_client(
    listener: &Listener,
    asked: &mut mpsc::UnboundedReceiver<()>,
) -> TcpStream {
    let mut client = connect(listener).await;
    let hello = HelloBuilder::default().record();
    client.write_all(&hello).await.unwrap();
    asked.recv().await.unwrap();
    client
}

/// All that the client is told, to the end of the stream.
async fn told(client: &mut TcpStream) -> Vec<u8> {
    let mut told = Vec::new();
    client.read_to_end(&mut told).await.unwrap();
    told
}

/// A good client: its handshake.
async fn handshake(tcp: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let connector = TlsConnector::from(Arc::clone(&config));
    let name = "localhost".try_into().unwrap();
    connector.connect(name, tcp).await
}

/// A good client is served: it is sent two bytes.
async fn serves_a_good_client(listener: &mut Listener) {
    let client = tokio::spawn(handshake(connect(listener).await));
    let (established, _) = listener.accept().await.unwrap();
    established.into_stream().write_all(b"hi").await.unwrap();
    let mut words = [0; 2];
    let mut client = client.await.unwrap().unwrap();
    client.read_exact(&mut words).await.unwrap();
    assert_eq!(&words, b"hi");
}

#[tokio::test]
async fn a_client_that_says_nothing_delays_nobody() {
    let (mut listener, _failures) = listener(patient()).await;
    let _silent = connect(&listener).await;
    serves_a_good_client(&mut listener).await;
}

#[tokio::test]
async fn a_client_that_fails_is_told_and_reported() {
    let (listener, mut failures) = listener(patient()).await;
    let mut client = connect(&listener).await;
    client.write_all(SSH).await.unwrap();
    assert_eq!(told(&mut client).await, UNEXPECTED_MESSAGE);
    drop(client);
    let words = "not TLS but SSH; alert unexpected_message (10) delivered";
    assert_eq!(failures.recv().await.unwrap(), words);
}

#[tokio::test]
async fn it_is_told_whose_handshake_failed() {
    let (send, mut failed) = mpsc::unbounded_channel();
    let options = patient().on_failure(move |peer, _| send.send(peer).unwrap());
    let listener = Listener::bind("127.0.0.1:0", CONFIG.clone(), options);
    let listener = listener.await.unwrap();
    let client = connect(&listener).await;
    let address = client.local_addr().unwrap();
    drop(client);
    assert_eq!(failed.recv().await, Some(address));
}

#[tokio::test]
async fn a_chooser_whose_future_panics_is_reported_and_gives_its_permit_back() {
    let chooser = |hello: &Hello| {
        let name = hello.server_name().map(str::to_owned);
        async move {
            tokio::task::yield_now().await;
            assert_eq!(name.as_deref(), Some("localhost"), "a planted panic");
            Ok(CONFIG.clone())
        }
    };
    let (mut listener, mut failures) = choosing(chooser, patient().with_handshakes(1)).await;
    let mut client = connect(&listener).await;
    let hello = HelloBuilder::default().server_name("other.test");
    client.write_all(&hello.record()).await.unwrap();
    assert_eq!(told(&mut client).await, INTERNAL_ERROR);
    drop(client);
    let words = failures.recv().await.unwrap();
    let end = "; alert internal_error (80) delivered";
    assert!(words.ends_with(end), "{words}");
    serves_a_good_client(&mut listener).await;
}

#[tokio::test]
async fn a_callback_that_panics_at_each_failure_stops_nothing() {
    let (send, mut called) = mpsc::unbounded_channel();
    let options = patient().with_handshakes(1).with_deliveries(1);
    let options = options.on_failure(move |_, _| {
        send.send(()).unwrap();
        panic!("a planted panic")
    });
    let listener = Listener::bind("127.0.0.1:0", CONFIG.clone(), options);
    let mut listener = listener.await.unwrap();
    for _ in 0..3 {
        let mut client = connect(&listener).await;
        client.write_all(SSH).await.unwrap();
        assert_eq!(told(&mut client).await, UNEXPECTED_MESSAGE);
        drop(client);
        called.recv().await.unwrap();
    }
    serves_a_good_client(&mut listener).await;
    let closer = listener.closer();
    drop(listener);
    closer.finished().await;
}

#[tokio::test]
async fn a_chooser_that_panics_harms_its_own_client_alone() {
    let chooser = |hello: &Hello| {
        assert_eq!(hello.server_name(), Some("localhost"), "a planted panic");
        std::future::ready(Ok(CONFIG.clone()))
    };
    let (mut listener, mut failures) = choosing(chooser, patient()).await;
    let mut client = connect(&listener).await;
    let hello = HelloBuilder::default().server_name("other.test");
    client.write_all(&hello.record()).await.unwrap();
    assert_eq!(told(&mut client).await, INTERNAL_ERROR);
    serves_a_good_client(&mut listener).await;

    // it is reported as any other is, and the listener has not ended before
    listener.close(LONG);
    let mut next = pin!(listener.accept());
    let waits = timeout(Duration::from_millis(100), &mut next);
    assert!(waits.await.is_err(), "a client is listened to");
    assert!(failures.try_recv().is_err());
    drop(client);
    assert!(next.await.is_none());
    let words = failures.try_recv().unwrap();
    assert!(
        words.starts_with("this server's own code panicked: \"assertion `left == right` failed"),
        "{words}"
    );
    assert!(
        words.ends_with("; alert internal_error (80) delivered"),
        "{words}"
    );
}
