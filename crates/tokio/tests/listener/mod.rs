//! The listener, with clients over real TCP.

mod bounds;
mod choosers;
mod descriptors;
mod end;
mod panics;

use std::future::pending;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::untimed;
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::{Addresses, Drain, Incoming, Listener, ListenerOptions, TlsAcceptor};
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
const CANCELED: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

/// `internal_error`, likewise.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

/// `unexpected_message`, likewise.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

const SSH: &[u8] = b"SSH-2.0-x\r\n";

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// An acceptor under which nothing ends by the clock.
fn patient<T>(acceptor: TlsAcceptor<T>) -> TlsAcceptor<T> {
    let drain = Drain::default().with_time(LONG);
    acceptor.with_timeout(LONG).with_drain(drain)
}

fn options<T>() -> ListenerOptions<TcpStream, T> {
    ListenerOptions::default()
}

/// The lines of a listener's failures.
type Failures = mpsc::UnboundedReceiver<String>;

/// A listener with one configuration.
async fn listener(options: ListenerOptions) -> (Listener, Failures) {
    choosing(TlsAcceptor::new(CONFIG.clone()), options).await
}

async fn choosing<T: Send + 'static>(
    acceptor: TlsAcceptor<T>,
    options: ListenerOptions<TcpStream, T>,
) -> (Listener<TcpStream, T>, Failures) {
    let (send, failures) = mpsc::unbounded_channel();
    let options = options.on_failure(move |_, error| drop(send.send(untimed(error))));
    let listener = Listener::bind("127.0.0.1:0", patient(acceptor), options).await;
    (listener.unwrap(), failures)
}

fn address<T: Send + 'static>(listener: &Listener<TcpStream, T>) -> SocketAddr {
    listener.local_addr().unwrap()
}

async fn connect<T: Send + 'static>(listener: &Listener<TcpStream, T>) -> TcpStream {
    TcpStream::connect(address(listener)).await.unwrap()
}

/// An acceptor whose chooser never decides, and a message each time that it is asked.
fn undecided() -> (TlsAcceptor, mpsc::UnboundedReceiver<()>) {
    let (send, asked) = mpsc::unbounded_channel();
    let acceptor = TlsAcceptor::choosing(move |_| {
        send.send(()).unwrap();
        pending::<Result<Config, Rejection>>()
    });
    (acceptor, asked)
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

/// All that the client receives, to the end of the stream.
async fn received(client: &mut TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    received
}

/// A good client: its handshake.
async fn handshake(tcp: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let connector = TlsConnector::from(Arc::clone(&config));
    let name = "localhost".try_into().unwrap();
    connector.connect(name, tcp).await
}

/// A good client is served: it is sent two bytes.
async fn serves_a_good_client<T: Send + 'static>(listener: &mut Listener<TcpStream, T>) {
    let client = tokio::spawn(handshake(connect(listener).await));
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.write_all(b"hi").await.unwrap();
    let mut words = [0; 2];
    let mut client = client.await.unwrap().unwrap();
    client.read_exact(&mut words).await.unwrap();
    assert_eq!(&words, b"hi");
}

#[tokio::test]
async fn a_client_that_sends_nothing_delays_nobody() {
    let (mut listener, _failures) = listener(options()).await;
    let _silent = connect(&listener).await;
    serves_a_good_client(&mut listener).await;
}

#[tokio::test]
async fn a_client_that_fails_has_its_alert_and_is_reported() {
    let (listener, mut failures) = listener(options()).await;
    let mut client = connect(&listener).await;
    client.write_all(SSH).await.unwrap();
    assert_eq!(received(&mut client).await, UNEXPECTED_MESSAGE);
    drop(client);
    let words = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; alert unexpected_message (10) sent, delivered";
    assert_eq!(failures.recv().await.unwrap(), words);
}

#[tokio::test]
async fn a_failure_is_reported_with_the_addresses_of_the_client() {
    let (send, mut failed) = mpsc::unbounded_channel();
    let options = options().on_failure(move |client, _| send.send(client.clone()).unwrap());
    let listener = Listener::bind("127.0.0.1:0", CONFIG.clone(), options);
    let listener = listener.await.unwrap();
    let client = connect(&listener).await;
    let (peer, local) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
    drop(client);
    let expected = Addresses::default().with_peer(peer).with_local(local);
    assert_eq!(failed.recv().await, Some(expected));
}

#[tokio::test]
async fn a_chooser_whose_future_panics_is_reported_and_gives_its_permit_back() {
    let acceptor = TlsAcceptor::choosing(async |incoming: Incoming| {
        tokio::task::yield_now().await;
        assert_eq!(incoming.server_name(), Some("localhost"), "a planted panic");
        Ok(CONFIG.clone())
    });
    let (mut listener, mut failures) = choosing(acceptor, options().with_handshakes(1)).await;
    let mut client = connect(&listener).await;
    let hello = HelloBuilder::default().server_name("other.test");
    client.write_all(&hello.record()).await.unwrap();
    assert_eq!(received(&mut client).await, INTERNAL_ERROR);
    drop(client);
    let words = failures.recv().await.unwrap();
    let end = "; alert internal_error (80) sent, delivered; name other.test";
    assert!(words.ends_with(end), "{words}");
    serves_a_good_client(&mut listener).await;
}

#[tokio::test]
async fn a_callback_that_panics_at_each_failure_stops_nothing() {
    let (send, mut called) = mpsc::unbounded_channel();
    let options = options().with_handshakes(1).with_deliveries(1);
    let options = options.on_failure(move |_, _| {
        send.send(()).unwrap();
        panic!("a planted panic")
    });
    let listener = Listener::bind("127.0.0.1:0", CONFIG.clone(), options);
    let mut listener = listener.await.unwrap();
    for _ in 0..3 {
        let mut client = connect(&listener).await;
        client.write_all(SSH).await.unwrap();
        assert_eq!(received(&mut client).await, UNEXPECTED_MESSAGE);
        drop(client);
        called.recv().await.unwrap();
    }
    serves_a_good_client(&mut listener).await;
    let shutdown = listener.shutdown_handle();
    drop(listener);
    shutdown.finished().await;
}

#[tokio::test]
async fn a_chooser_that_panics_harms_its_own_client_alone() {
    let acceptor = TlsAcceptor::choosing(|incoming: Incoming| {
        assert_eq!(incoming.server_name(), Some("localhost"), "a planted panic");
        Ok(CONFIG.clone())
    });
    let (mut listener, mut failures) = choosing(acceptor, options()).await;
    let mut client = connect(&listener).await;
    let hello = HelloBuilder::default().server_name("other.test");
    client.write_all(&hello.record()).await.unwrap();
    assert_eq!(received(&mut client).await, INTERNAL_ERROR);
    serves_a_good_client(&mut listener).await;

    // it is reported as any other is, and the listener has not ended before
    listener.shutdown(LONG);
    let mut next = pin!(listener.accept());
    let waits = timeout(Duration::from_millis(100), &mut next);
    assert!(waits.await.is_err(), "a client is drained");
    assert!(failures.try_recv().is_err());
    drop(client);
    assert!(next.await.is_none());
    let words = failures.try_recv().unwrap();
    assert!(
        words.starts_with("this server's own code panicked: \"assertion `left == right` failed"),
        "{words}"
    );
    assert!(
        words.ends_with("; alert internal_error (80) sent, delivered; name other.test"),
        "{words}"
    );
}
