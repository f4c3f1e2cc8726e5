//! How a listener ends: closed, dropped, or with its runtime.

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

use crate::{
    Failures, GIVEN_UP, LONG, choosing, connect, handshake, listener, patient, told, undecided,
    undecided_client,
};

#[tokio::test]
async fn closed_it_ends_and_refuses_new_clients() {
    let (mut listener, _failures) = listener(patient()).await;
    let address = listener.local_addr();
    listener.close(LONG);
    assert!(listener.accept().await.is_none());
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn handshakes_under_way_may_end_after_the_close() {
    let (mut listener, _failures) = listener(patient()).await;
    let tcp = connect(&listener).await;
    listener.close(LONG);
    let client = tokio::spawn(handshake(tcp));
    assert!(listener.accept().await.is_some());
    client.await.unwrap().unwrap();
    assert!(listener.accept().await.is_none());
}

#[tokio::test]
async fn those_who_have_connected_when_it_is_closed_are_taken() {
    const CLIENTS: usize = 100;
    let (mut listener, _failures) = listener(patient()).await;
    // nothing runs in between, so the system alone knows of them
    let address = listener.local_addr();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| net::TcpStream::connect(address).unwrap())
        .collect();
    listener.close(LONG);
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
async fn those_who_take_longer_than_the_close_has_are_told() {
    let (chooser, mut asked) = undecided();
    let (mut listener, mut failures) = choosing(chooser, patient()).await;
    let mut client = undecided_client(&listener, &mut asked).await;
    listener.close(Duration::from_millis(100));
    let told = tokio::spawn(async move { told(&mut client).await });
    assert!(listener.accept().await.is_none());
    assert_eq!(told.await.unwrap(), GIVEN_UP);
    let words = failures.recv().await.unwrap();
    assert!(
        words.ends_with("; alert user_canceled (90) delivered"),
        "{words}"
    );
}

#[tokio::test]
async fn the_first_close_counts() {
    let (chooser, mut asked) = undecided();
    let (mut listener, _failures) = choosing(chooser, patient()).await;
    let mut client = undecided_client(&listener, &mut asked).await;
    listener.close(Duration::ZERO);
    listener.close(LONG);
    assert_eq!(told(&mut client).await, GIVEN_UP);
    drop(client);
    assert!(listener.accept().await.is_none());
}

#[tokio::test]
async fn dropped_it_gives_up_who_is_under_way() {
    let (chooser, mut asked) = undecided();
    let (listener, _failures) = choosing(chooser, patient()).await;
    let mut client = undecided_client(&listener, &mut asked).await;
    let closer = listener.closer();
    drop(listener);
    assert_eq!(told(&mut client).await, GIVEN_UP);
    drop(client);
    closer.finished().await;
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
async fn dropped_it_closes_what_is_established_in_order() {
    let (listener, mut failures) = listener(patient()).await;
    let mut client = untaken(&listener, &mut failures).await;
    drop(listener);
    // close_notify: without one this is an error of the kind UnexpectedEof
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
}

#[test]
fn dropped_outside_its_runtime_it_closes_what_is_established_in_order() {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().unwrap();
    let (listener, mut client) = runtime.block_on(async {
        let (listener, mut failures) = listener(patient()).await;
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
async fn finished_waits_for_what_is_established_to_be_taken() {
    let (mut listener, _failures) = listener(patient()).await;
    let client = handshake(connect(&listener).await).await.unwrap();
    let closer = listener.closer();
    closer.close(LONG);
    let mut finished = tokio::spawn(async move { closer.finished().await });
    let waits = tokio::time::timeout(Duration::from_millis(100), &mut finished);
    assert!(waits.await.is_err(), "it has finished");
    assert!(listener.accept().await.is_some());
    finished.await.unwrap();
    drop(client);
}

#[tokio::test]
async fn a_listener_that_has_just_been_made_has_not_finished() {
    let (listener, _failures) = listener(patient()).await;
    let closer = listener.closer();
    let mut finished = pin!(closer.finished());
    let polled = poll_fn(|cx| Poll::Ready(finished.as_mut().poll(cx))).await;
    assert!(polled.is_pending(), "it takes clients");
    drop(listener);
    finished.await;
}

/// That a listener is finished once it is dropped and this client, which it closes, has closed too.
async fn finishes_behind(listener: Listener, mut client: TlsStream<TcpStream>) {
    let closer = listener.closer();
    drop(listener);
    let mut finished = pin!(closer.finished());
    let waits = tokio::time::timeout(Duration::from_millis(100), &mut finished);
    assert!(waits.await.is_err(), "it has a client to close");
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    drop(client);
    finished.await;
}

#[tokio::test]
async fn finished_waits_for_what_a_dropped_listener_closes() {
    let (listener, mut failures) = listener(patient()).await;
    let client = untaken(&listener, &mut failures).await;
    finishes_behind(listener, client).await;
}

#[tokio::test]
async fn finished_waits_for_who_succeeds_when_nobody_is_left_to_take_it() {
    let (listener, mut failures) = listener(patient()).await;
    let client = handshake(connect(&listener).await).await.unwrap();
    // its task is woken for the Finished now, and runs after this one
    tokio::task::yield_now().await;
    finishes_behind(listener, client).await;
    let failure = failures.try_recv();
    assert!(failure.is_err(), "it has succeeded: {failure:?}");
}

#[test]
fn a_runtime_that_is_shut_down_tells_who_is_under_way() {
    for mut builder in [Builder::new_multi_thread(), Builder::new_current_thread()] {
        let runtime = builder.enable_all().build().unwrap();
        let (chooser, mut asked) = undecided();
        let (listener, mut failures, client) = runtime.block_on(async {
            let (listener, failures) = choosing(chooser, patient()).await;
            let client = undecided_client(&listener, &mut asked).await;
            (listener, failures, client.into_std().unwrap())
        });
        drop(runtime);
        drop(listener);
        let mut told = Vec::new();
        client.set_nonblocking(false).unwrap();
        (&client).read_to_end(&mut told).unwrap();
        assert_eq!(told, GIVEN_UP);
        let words = failures.try_recv().unwrap();
        let end = "; alert user_canceled (90) written";
        assert!(words.ends_with(end), "{words}");
    }
}
