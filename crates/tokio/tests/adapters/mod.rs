//! A listener as a stream and as axum's, and a connection as tokio-rustls's.

mod axum;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor, TlsStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client};
use tokio_stream::StreamExt;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

fn connector() -> TlsConnector {
    TlsConnector::from(Arc::clone(&PKI.client_config(&ClientProfile::DEFAULT)))
}

#[tokio::test]
async fn a_stream_of_connections_ends_after_a_shutdown() {
    let options = ListenerOptions::default();
    let mut listener = Listener::bind("127.0.0.1:0", CONFIG.clone(), options)
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let tcp = TcpStream::connect(address).await.unwrap();
    let own = tcp.local_addr().unwrap();
    let client = tokio::spawn(connector().connect("localhost".try_into().unwrap(), tcp));
    let stream = listener.next().await.unwrap().unwrap();
    assert_eq!(stream.addresses().unwrap().peer, Some(own));
    client.await.unwrap().unwrap();
    listener.shutdown(Duration::ZERO);
    assert!(listener.next().await.is_none());
}

type Pair = (TlsStream<DuplexStream>, client::TlsStream<DuplexStream>);

/// A connection, and its client.
async fn pair() -> Pair {
    let (server, client) = duplex(1 << 16);
    let acceptor = TlsAcceptor::new(CONFIG.clone());
    let connector = connector();
    let connect = connector.connect("localhost".try_into().unwrap(), client);
    let (server, client) = tokio::join!(acceptor.accept(server), connect);
    (server.unwrap(), client.unwrap())
}

#[tokio::test]
async fn tokio_rustls_reads_on_where_the_stream_was() {
    let (mut server, mut client) = pair().await;
    client.write_all(b"hello, ").await.unwrap();
    client.flush().await.unwrap();
    let mut first = [0; 1];
    server.read_exact(&mut first).await.unwrap(); // the rest of the record is plaintext already
    server.write_all(b"an answer").await.unwrap();

    let mut server = server.into_tokio_rustls(&CONFIG).await.unwrap();
    assert_eq!(server.get_ref().1.server_name(), Some("localhost"));
    client.write_all(b"world").await.unwrap();
    client.shutdown().await.unwrap();
    let mut rest = String::new();
    server.read_to_string(&mut rest).await.unwrap();
    assert_eq!((first[0], &rest[..]), (b'h', "ello, world"));
    server.shutdown().await.unwrap();
    drop(server);
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "an answer");
}

#[tokio::test]
async fn a_connection_that_has_failed_is_an_error_and_its_client_is_told() {
    let (mut server, client) = pair().await;
    let (mut io, _) = client.into_inner();
    // no record of this key
    io.write_all(&[23, 3, 3, 0, 17]).await.unwrap();
    io.write_all(&[0; 17]).await.unwrap();
    // a read that is not awaited to its end finds the error, and the alert is not sent yet
    let mut byte = [0; 1];
    let read = server.read(&mut byte);
    assert!(tokio::time::timeout(Duration::ZERO, read).await.is_err());

    let error = server.into_tokio_rustls(&CONFIG).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    let mut told = Vec::new();
    io.read_to_end(&mut told).await.unwrap();
    assert!(!told.is_empty(), "a record with bad_record_mac");
}
