//! How a listener ends: shut down, dropped, or with its runtime.

use std::future::{Future, poll_fn};
use std::io::{ErrorKind, Read};
use std::net;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use lastword_tokio::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio_rustls::client::TlsStream;

use crate::listener::{
    CANCELED, Failures, LONG, address, choosing, connect, handshake, listener, options, received,
    undecided, undecided_client,
};

#[tokio::test]
async fn after_a_shutdown_it_ends_and_refuses_new_clients() {
    let (mut listener, _failures) = listener(options()).await;
    let address = address(&listener);
    listener.shutdown(LONG);
    assert!(listener.accept().await.is_none());
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn handshakes_in_flight_may_end_after_the_shutdown() {
    let (mut listener, _failures) = listener(options()).await;
    let tcp = connect(&listener).await;
    listener.shutdown(LONG);
    let client = tokio::spawn(handshake(tcp));
    assert!(listener.accept().await.is_some());
    client.await.unwrap().unwrap();
    assert!(listener.accept().await.is_none());
}

#[tokio::test]
async fn clients_that_have_connected_before_the_shutdown_are_taken() {
    const CLIENTS: usize = 100;
    let (mut listener, _failures) = listener(options()).await;
    // nothing runs in between, so the system alone knows of them
    let address = address(&listener);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| net::TcpStream::connect(address).unwrap())
        .collect();
    listener.shutdown(LONG);
    let clients: Vec<_> = clients
        .into_iter()
        .map(|client| {
            client.set_nonblocking(true).unwrap();
            tokio::spawn(handshake(TcpStream::from_std(client).unwrap()))
        })
        .collect();
    let mut served = 0;
    while listener.accept().await.is_some() {
        served += 1;
    }
    assert_eq!(served, CLIENTS);
    for client in clients {
        client.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn clients_that_take_longer_than_the_grace_period_are_aborted() {
    let (chooser, mut asked) = undecided();
    let (mut listener, mut failures) = choosing(chooser, options()).await;
    let mut client = undecided_client(&listener, &mut asked).await;
    listener.shutdown(Duration::from_millis(100));
    let received = tokio::spawn(async move { received(&mut client).await });
    assert!(listener.accept().await.is_none());
    assert_eq!(received.await.unwrap(), CANCELED);
    let words = failures.recv().await.unwrap();
    assert!(
        words.ends_with("; alert user_canceled (90) sent, delivered; name localhost"),
        "{words}"
    );
}

#[tokio::test]
async fn the_first_shutdown_counts() {
    let (chooser, mut asked) = undecided();
    let (mut listener, _failures) = choosing(chooser, options()).await;
    let mut client = undecided_client(&listener, &mut asked).await;
    listener.shutdown(Duration::ZERO);
    listener.shutdown(LONG);
    assert_eq!(received(&mut client).await, CANCELED);
    drop(client);
    assert!(listener.accept().await.is_none());
}

#[tokio::test]
async fn dropped_it_aborts_the_handshakes_in_flight() {
    let (chooser, mut asked) = undecided();
    let (listener, _failures) = choosing(chooser, options()).await;
    let mut client = undecided_client(&listener, &mut asked).await;
    let shutdown = listener.shutdown_handle();
    drop(listener);
    assert_eq!(received(&mut client).await, CANCELED);
    drop(client);
    shutdown.finished().await;
}

/// A client whose handshake has succeeded, and which has not been taken.
async fn untaken(listener: &Listener, failures: &mut Failures) -> TlsStream<TcpStream> {
    let client = handshake(connect(listener).await).await.unwrap();
    // when the next client has been read, so has this one's Finished
    drop(connect(listener).await);
    assert!(failures.recv().await.is_some());
    client
}

#[tokio::test]
async fn dropped_it_closes_its_connections_in_order() {
    let (listener, mut failures) = listener(options()).await;
    let mut client = untaken(&listener, &mut failures).await;
    drop(listener);
    // close_notify: without one this is an error of the kind UnexpectedEof
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
}

#[test]
fn dropped_outside_its_runtime_it_closes_its_connections_in_order() {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().unwrap();
    let (listener, mut client) = runtime.block_on(async {
        let (listener, mut failures) = listener(options()).await;
        let mut client = untaken(&listener, &mut failures).await;
        // unread, it would make the system reset the connection
        client.write_all(b"a request").await.unwrap();
        client.flush().await.unwrap();
        (listener, client)
    });
    drop(listener);
    runtime.block_on(async {
        assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    });
}

#[tokio::test]
async fn finished_waits_for_connections_to_be_accepted() {
    let (mut listener, _failures) = listener(options()).await;
    let client = handshake(connect(&listener).await).await.unwrap();
    let shutdown = listener.shutdown_handle();
    shutdown.shutdown(LONG);
    let mut finished = tokio::spawn(async move { shutdown.finished().await });
    let waits = tokio::time::timeout(Duration::from_millis(100), &mut finished);
    assert!(waits.await.is_err(), "it has finished");
    assert!(listener.accept().await.is_some());
    finished.await.unwrap();
    drop(client);
}

#[tokio::test]
async fn a_listener_that_has_just_been_made_has_not_finished() {
    let (listener, _failures) = listener(options()).await;
    let shutdown = listener.shutdown_handle();
    let mut finished = pin!(shutdown.finished());
    let polled = poll_fn(|cx| Poll::Ready(finished.as_mut().poll(cx))).await;
    assert!(polled.is_pending(), "it takes clients");
    drop(listener);
    finished.await;
}

/// Asserts that a listener is finished once it is dropped and this client, which it closes, has closed
/// too.
async fn finishes_after(listener: Listener, mut client: TlsStream<TcpStream>) {
    let shutdown = listener.shutdown_handle();
    drop(listener);
    let mut finished = pin!(shutdown.finished());
    let waits = tokio::time::timeout(Duration::from_millis(100), &mut finished);
    assert!(waits.await.is_err(), "it has a client to close");
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    drop(client);
    finished.await;
}

#[tokio::test]
async fn finished_waits_for_the_connections_that_a_dropped_listener_closes() {
    let (listener, mut failures) = listener(options()).await;
    let client = untaken(&listener, &mut failures).await;
    finishes_after(listener, client).await;
}

#[tokio::test]
async fn finished_waits_for_a_handshake_that_succeeds_after_the_drop() {
    let (listener, mut failures) = listener(options()).await;
    let client = handshake(connect(&listener).await).await.unwrap();
    // its task is woken for the Finished now, and runs after this one
    tokio::task::yield_now().await;
    finishes_after(listener, client).await;
    let failure = failures.try_recv();
    assert!(failure.is_err(), "it has succeeded: {failure:?}");
}

#[test]
fn a_runtime_that_is_shut_down_aborts_the_handshakes_in_flight() {
    for mut builder in [Builder::new_multi_thread(), Builder::new_current_thread()] {
        let runtime = builder.enable_all().build().unwrap();
        let (chooser, mut asked) = undecided();
        let (listener, mut failures, client) = runtime.block_on(async {
            let (listener, failures) = choosing(chooser, options()).await;
            let client = undecided_client(&listener, &mut asked).await;
            (listener, failures, client.into_std().unwrap())
        });
        drop(runtime);
        drop(listener);
        let mut received = Vec::new();
        client.set_nonblocking(false).unwrap();
        (&client).read_to_end(&mut received).unwrap();
        assert_eq!(received, CANCELED);
        let words = failures.try_recv().unwrap();
        let end = "; alert user_canceled (90) sent, written; name localhost";
        assert!(words.ends_with(end), "{words}");
    }
}
