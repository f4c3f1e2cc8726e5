//! Refusing clients by their address, before a byte of their TLS is read.

use lastword_tokio::ListenerOptions;
use lastword_tokio::acceptor::Rejection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::stages::{
    ACCESS_DENIED, CANCELED, HELLO, INTERNAL_ERROR, acceptor, bind, connect, handshake, proxies,
    refused, told,
};

#[tokio::test]
async fn a_client_that_is_not_admitted_is_told_why() {
    let options = ListenerOptions::default().admit(|client| {
        assert!(client.peer.is_some());
        Err(Rejection::access_denied("not a client of this machine"))
    });
    let (_listener, address, mut failures) = bind(acceptor(), options).await;
    let (told, line) = refused(address, &HELLO, &mut failures).await;
    assert_eq!(told, ACCESS_DENIED);
    let said = "this server refused the client: not a client of this machine; alert access_denied (49) sent, delivered";
    assert_eq!(line, format!("CLIENT: {said}"));
}

#[tokio::test]
async fn an_admission_that_panics_refuses_the_client_and_no_other() {
    let options = ListenerOptions::default()
        .with_proxy_protocol(proxies().optional())
        .admit(|client| {
            assert!(client.proxy().is_none(), "a planted panic");
            Ok(())
        });
    let (mut listener, address, mut failures) = bind(acceptor(), options).await;
    let bytes = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n";
    let (told, line) = refused(address, bytes, &mut failures).await;
    assert_eq!(told, INTERNAL_ERROR);
    assert!(line.starts_with("192.0.2.7:50000: "), "{line}");
    assert!(
        line.ends_with("; alert internal_error (80) sent, delivered"),
        "{line}"
    );
    let good = tokio::spawn(handshake(connect(address).await));
    listener.accept().await.unwrap();
    good.await.unwrap().unwrap();
}

#[tokio::test]
async fn more_handshakes_than_allowed_for_one_address_are_refused() {
    let options = ListenerOptions::default().with_handshakes_per_address(1);
    let (mut listener, address, mut failures) = bind(acceptor(), options).await;
    let mut first = connect(address).await;
    // the listener takes clients in order: the first is counted before the second
    let (told_second, line) = refused(address, &HELLO, &mut failures).await;
    assert_eq!(told_second, CANCELED);
    assert!(
        line.contains("more than 1 handshakes of one source address"),
        "{line}"
    );

    // a handshake that has ended does not count
    first.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    assert_eq!(told(&mut first).await, crate::stages::UNEXPECTED_MESSAGE);
    drop(first);
    failures.recv().await.unwrap();
    let good = tokio::spawn(handshake(connect(address).await));
    listener.accept().await.unwrap();
    let mut good = good.await.unwrap().unwrap();
    drop(listener);
    good.read_u8().await.unwrap_err();
}
