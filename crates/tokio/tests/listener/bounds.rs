//! How many clients a listener bears at a time.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Hello, Rejection};
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::{
    SSH, UNEXPECTED_MESSAGE, choosing, connect, handshake, listener, patient, serves_a_good_client,
    told,
};

#[tokio::test]
async fn a_burst_of_clients_finds_room_to_wait() {
    let (listener, _failures) = listener(patient()).await;
    // none is taken in between; one for whom there is no room tries again after a second
    let connect =
        |_| TcpStream::connect_timeout(&listener.local_addr(), Duration::from_millis(900));
    let clients: Vec<_> = (0..500).map(connect).collect();
    assert!(clients.iter().all(Result::is_ok), "{clients:?}");
}

/// Whether the server leaves the client without an answer, for now.
async fn waits(client: &mut tokio::net::TcpStream) -> bool {
    let mut answer = [0; 1];
    let answer = timeout(Duration::from_millis(100), client.peek(&mut answer));
    answer.await.is_err()
}

#[tokio::test]
async fn one_handshake_more_than_it_bears_waits_until_another_ends() {
    let decide = Arc::new(Notify::new());
    let decided = Arc::clone(&decide);
    let chooser = move |_: &Hello| {
        let decided = Arc::clone(&decided);
        async move {
            decided.notified().await;
            Err(Rejection::access_denied("too late"))
        }
    };
    let (listener, _failures) = choosing(chooser, patient().with_handshakes(1)).await;
    let mut first = connect(&listener).await;
    let hello = HelloBuilder::default().record();
    first.write_all(&hello).await.unwrap();
    let mut second = connect(&listener).await;
    second.write_all(SSH).await.unwrap();
    assert!(waits(&mut second).await);
    decide.notify_one();
    assert_eq!(told(&mut first).await, [21, 3, 3, 0, 2, 2, 49]);
    assert_eq!(told(&mut second).await, UNEXPECTED_MESSAGE);
}

#[tokio::test]
async fn a_client_that_is_being_told_takes_no_handshakes_place() {
    let (mut listener, mut failures) = listener(patient().with_handshakes(1)).await;
    let mut refused = connect(&listener).await;
    refused.write_all(SSH).await.unwrap();
    assert_eq!(told(&mut refused).await, UNEXPECTED_MESSAGE);
    // it keeps its side open, and is listened to
    serves_a_good_client(&mut listener).await;
    assert!(failures.try_recv().is_err());
    drop(refused);
    let words = "not TLS but SSH; alert unexpected_message (10) delivered";
    assert_eq!(failures.recv().await.unwrap(), words);
}

#[tokio::test]
async fn beyond_the_deliveries_it_bears_a_client_is_told_at_once() {
    let (listener, mut failures) = listener(patient().with_deliveries(1)).await;
    let mut first = connect(&listener).await;
    first.write_all(SSH).await.unwrap();
    assert_eq!(told(&mut first).await, UNEXPECTED_MESSAGE);
    let mut second = connect(&listener).await;
    second.write_all(SSH).await.unwrap();
    assert_eq!(told(&mut second).await, UNEXPECTED_MESSAGE);
    let words = "not TLS but SSH; alert unexpected_message (10) written";
    assert_eq!(failures.recv().await.unwrap(), words);
    assert!(failures.try_recv().is_err(), "the first is listened to");
}

#[tokio::test]
async fn an_established_connection_counts_until_it_is_taken() {
    let (mut listener, _failures) = listener(patient().with_handshakes(1)).await;
    let _established = handshake(connect(&listener).await).await.unwrap();
    let mut second = connect(&listener).await;
    second.write_all(SSH).await.unwrap();
    assert!(waits(&mut second).await);
    assert!(listener.accept().await.is_some());
    assert_eq!(told(&mut second).await, UNEXPECTED_MESSAGE);
}
