//! The listener, with clients over real TCP.

use std::sync::{Arc, LazyLock};

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)));

/// A listener that reports its failures in words.
async fn listener(options: ListenerOptions) -> (Listener, mpsc::UnboundedReceiver<String>) {
    let (send, failures) = mpsc::unbounded_channel();
    let options = options.on_failure(move |_, report| drop(send.send(report.to_string())));
    let listener = Listener::bind("127.0.0.1:0", CONFIG.clone(), options).await;
    (listener.unwrap(), failures)
}

async fn connect(listener: &Listener) -> TcpStream {
    TcpStream::connect(listener.local_addr()).await.unwrap()
}

/// A good client: its handshake.
async fn handshake(tcp: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let connector = TlsConnector::from(Arc::clone(&config));
    connector
        .connect("localhost".try_into().unwrap(), tcp)
        .await
}

#[tokio::test]
async fn a_client_that_says_nothing_delays_nobody() {
    let (mut listener, _) = listener(ListenerOptions::default()).await;
    let _silent = connect(&listener).await;
    let client = tokio::spawn(handshake(connect(&listener).await));
    let (established, _) = listener.accept().await.unwrap();
    let mut server = established.into_stream();
    server.write_all(b"hi").await.unwrap();
    let mut words = [0; 2];
    client
        .await
        .unwrap()
        .unwrap()
        .read_exact(&mut words)
        .await
        .unwrap();
    assert_eq!(&words, b"hi");
}

#[tokio::test]
async fn a_client_that_fails_is_told_and_reported() {
    let (listener, mut failures) = listener(ListenerOptions::default()).await;
    let mut client = connect(&listener).await;
    client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    let mut told = Vec::new();
    client.read_to_end(&mut told).await.unwrap();
    drop(client);
    assert_eq!(told, [21, 3, 3, 0, 2, 2, 10]);
    let words = "not TLS but SSH; alert unexpected_message (10) delivered";
    assert_eq!(failures.recv().await.unwrap(), words);
}
