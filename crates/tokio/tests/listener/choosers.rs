//! A listener with choosers: each natural closure compiles, and what it returns is handed on.

use std::collections::HashMap;
use std::future::ready;
use std::io;
use std::sync::Arc;

use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::choose::Choice;
use lastword_tokio::{Addresses, Listener, Prefixed, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::listener::{
    CONFIG, INTERNAL_ERROR, choosing, connect, handshake, options, received, serves_a_good_client,
};

async fn load(name: &str) -> io::Result<Config> {
    match name {
        "localhost" => Ok(CONFIG.clone()),
        _ => Err(io::Error::other("the disk is gone")),
    }
}

#[tokio::test]
async fn every_kind_of_closure_serves_a_client() {
    let configs = Arc::new(HashMap::from([("localhost".to_owned(), CONFIG.clone())]));
    let (first, second) = (Arc::clone(&configs), configs);
    for acceptor in [
        TlsAcceptor::choosing(async |incoming| match incoming.server_name() {
            Some(name) => Ok(load(name).await?),
            None => Err(Rejection::missing_server_name()),
        }),
        TlsAcceptor::choosing(|_| ready(Ok(CONFIG.clone()))),
        TlsAcceptor::choosing(move |incoming| match incoming.server_name() {
            Some(name) => first
                .get(name)
                .cloned()
                .ok_or_else(Rejection::unrecognized_name),
            None => Err(Rejection::missing_server_name()),
        }),
        TlsAcceptor::choosing(move |incoming| async move {
            let name = incoming.server_name().unwrap_or_default();
            let config = second.get(name).cloned();
            config.ok_or_else(Rejection::unrecognized_name)
        }),
    ] {
        let (mut listener, _failures) = choosing(acceptor, options()).await;
        serves_a_good_client(&mut listener).await;
    }
}

#[tokio::test]
async fn a_value_comes_with_the_stream_and_the_addresses_of_the_client() {
    let acceptor = TlsAcceptor::choosing(|incoming| Ok((CONFIG.clone(), incoming)));
    let (mut listener, _failures) = choosing(acceptor, options()).await;
    let tcp = connect(&listener).await;
    let (peer, local) = (tcp.local_addr().unwrap(), tcp.peer_addr().unwrap());
    let client = tokio::spawn(handshake(tcp));
    let (stream, addresses) = listener.accept().await.unwrap();
    client.await.unwrap().unwrap();
    let expected = Addresses::default().with_peer(peer).with_local(local);
    assert_eq!(addresses, expected);
    assert_eq!(stream.addresses(), Some(&expected));
    assert_eq!(stream.value().addresses(), &expected);
    assert_eq!(stream.value().server_name(), Some("localhost"));
}

/// Serves the clients of `localhost` and passes others through.
fn passing() -> TlsAcceptor<usize> {
    TlsAcceptor::choosing(|incoming| match incoming.server_name() {
        Some("localhost") => Ok(Choice::serve(CONFIG.clone()).with_value(0)),
        name => Ok(Choice::pass_through(name.map_or(0, str::len))),
    })
}

async fn client_of_another_server<T: Send + 'static>(
    listener: &Listener<TcpStream, T>,
) -> (TcpStream, Vec<u8>) {
    let mut client = connect(listener).await;
    let hello = HelloBuilder::default().server_name("other.test").record();
    client.write_all(&hello).await.unwrap();
    (client, hello)
}

#[tokio::test]
async fn a_client_that_is_passed_through_goes_to_the_handler_whole() {
    let (send, mut passed) = mpsc::unbounded_channel();
    let options = options().on_pass_through(
        async move |mut client: Prefixed<TcpStream>, addresses, value| {
            let mut bytes = Vec::new();
            client.read_to_end(&mut bytes).await.unwrap();
            client.write_all(b"an answer").await.unwrap();
            send.send((bytes, addresses, value)).unwrap();
        },
    );
    let (mut listener, mut failures) = choosing(passing(), options.with_handshakes(1)).await;
    let (mut client, hello) = client_of_another_server(&listener).await;
    let peer = client.local_addr().unwrap();
    // it does not count as a handshake
    serves_a_good_client(&mut listener).await;
    client.write_all(b"and more").await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(received(&mut client).await, b"an answer");
    let (bytes, addresses, value) = passed.recv().await.unwrap();
    assert_eq!(bytes, [&hello[..], b"and more"].concat());
    assert_eq!((addresses.peer, value), (Some(peer), 10));
    assert!(failures.try_recv().is_err());
}

#[tokio::test]
async fn a_client_that_is_passed_through_without_a_handler_fails() {
    let (listener, mut failures) = choosing(passing(), options()).await;
    let (mut client, _) = client_of_another_server(&listener).await;
    assert_eq!(received(&mut client).await, INTERNAL_ERROR);
    drop(client);
    assert_eq!(
        failures.recv().await.unwrap(),
        "this server passes the client through, but nothing took the connection: client asks for other.test; \
         alert internal_error (80) sent, delivered"
    );
}
