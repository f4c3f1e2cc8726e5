//! Passing clients through by server name, beside those that are served.

use std::net::SocketAddr;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::choose::Choice;
use lastword_tokio::{ListenerOptions, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::stages::{CONFIG, INTERNAL_ERROR, PKI, bind, connect, patient, refused};

/// Serves `localhost`, and passes `example.test` through to a backend.
fn by_name(backend: SocketAddr) -> TlsAcceptor<Option<SocketAddr>> {
    patient(TlsAcceptor::choosing(move |incoming| {
        match incoming.server_name() {
            Some("localhost") => Ok(Choice::serve(CONFIG.clone()).with_value(None)),
            Some("example.test") => Ok(Choice::pass_through(Some(backend))),
            Some(_) => Err(Rejection::unrecognized_name()),
            None => Err(Rejection::missing_server_name()),
        }
    }))
}

/// A second server, with certificates of its own, that sends `backend` to each client.
async fn backend(pki: &Pki) -> SocketAddr {
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    let acceptor = patient(TlsAcceptor::new(config));
    let (mut listener, address, _) = bind(acceptor, ListenerOptions::default()).await;
    tokio::spawn(async move {
        while let Some((mut stream, _)) = listener.accept().await {
            stream.write_all(b"backend").await.unwrap();
            stream.close().await;
        }
    });
    address
}

/// What a client reads that trusts this authority alone.
async fn client(pki: &Pki, address: SocketAddr, name: &'static str) -> String {
    let connector = TlsConnector::from(pki.client_config(&ClientProfile::DEFAULT));
    let tcp = connect(address).await;
    let mut client = connector
        .connect(name.try_into().unwrap(), tcp)
        .await
        .unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_client_that_is_passed_through_sees_the_certificate_of_the_other_server() {
    let other = Pki::new();
    let backend = backend(&other).await;
    let options = ListenerOptions::default().on_pass_through(
        async |mut client, _addresses, backend: Option<SocketAddr>| {
            let mut server = TcpStream::connect(backend.unwrap()).await.unwrap();
            copy_bidirectional(&mut client, &mut server).await.unwrap();
        },
    );
    let (mut listener, address, _failures) = bind(by_name(backend), options).await;
    tokio::spawn(async move {
        while let Some((mut stream, _)) = listener.accept().await {
            stream.write_all(b"front").await.unwrap();
            stream.close().await;
        }
    });
    for _ in 0..2 {
        assert_eq!(client(&other, address, "example.test").await, "backend");
        assert_eq!(client(&PKI, address, "localhost").await, "front");
    }
}

#[tokio::test]
async fn a_client_that_nobody_takes_is_told_internal_error() {
    let nowhere = "192.0.2.1:443".parse().unwrap();
    let options = ListenerOptions::default();
    let (_listener, address, mut failures) = bind(by_name(nowhere), options).await;
    let hello = HelloBuilder::default().server_name("example.test").record();
    let (told, line) = refused(address, &hello, &mut failures).await;
    assert_eq!(told, INTERNAL_ERROR);
    assert!(
        line.ends_with("; alert internal_error (80) sent, delivered"),
        "{line}"
    );
    assert!(line.starts_with("CLIENT: "), "{line}");
}

#[tokio::test]
async fn a_handler_that_panics_harms_its_own_client_alone() {
    let nowhere = "192.0.2.1:443".parse().unwrap();
    let options = ListenerOptions::default()
        .on_pass_through(async |_client, _addresses, _backend| panic!("a planted panic"));
    let (mut listener, address, _failures) = bind(by_name(nowhere), options).await;
    let mut lost = connect(address).await;
    let hello = HelloBuilder::default().server_name("example.test").record();
    lost.write_all(&hello).await.unwrap();
    let mut rest = Vec::new();
    let _ = lost.read_to_end(&mut rest).await; // it may be reset
    assert!(rest.is_empty());
    let good = tokio::spawn(crate::stages::handshake(connect(address).await));
    listener.accept().await.unwrap();
    good.await.unwrap().unwrap();
}
