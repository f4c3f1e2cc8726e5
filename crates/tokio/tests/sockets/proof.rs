//! An alert over TCP is reported as delivered only if the client closed after it.

use std::future::Future;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use lastword_tokio::Delivery;
use tokio::net::TcpListener;
use tokio::task::coop::{consume_budget, has_budget_remaining};

use crate::sockets::{GARBAGE, acceptor};

/// What is reported of a client that is accepted once `client` returns.
async fn refused_after<T>(client: impl FnOnce(TcpStream) -> T) -> Delivery {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let _held = client(stream);
    let (stream, _) = listener.accept().await.unwrap();
    let refused = acceptor().accept(stream).await;
    refused.unwrap_err().delivery()
}

#[tokio::test]
async fn an_end_that_came_before_the_alert_proves_no_reading() {
    for more in [0, 10_000, 100_000] {
        let delivery = refused_after(|mut client| {
            client.write_all(GARBAGE).unwrap();
            client.write_all(&vec![b'x'; more]).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            client // it never reads, and its drop resets the connection
        });
        assert_eq!(delivery.await, Delivery::Written, "{more}");
    }
}

#[tokio::test]
async fn an_end_that_the_runtime_does_not_know_yet_proves_no_reading() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(GARBAGE).unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    stream.readable().await.unwrap();
    let undelivered = acceptor().accept_undelivered(stream);
    let undelivered = undelivered.await.unwrap_err();
    // the runtime does not run before the alert is written
    client.shutdown(Shutdown::Write).unwrap();
    let error = undelivered.deliver().await;
    assert_eq!(error.delivery(), Delivery::Written);
}

#[tokio::test]
async fn a_client_that_had_closed_is_never_reported_as_delivered() {
    for _ in 0..20 {
        let delivery = refused_after(|mut client| client.write_all(GARBAGE).unwrap()).await;
        // the reset that answers the alert may come in time to be seen, or not
        let seen = [Delivery::Written, Delivery::PeerReset];
        assert!(seen.contains(&delivery), "{delivery}");
    }
}

/// Uses up the budget of the task.
async fn exhausted<T>(future: impl Future<Output = T>) -> T {
    while has_budget_remaining() {
        consume_budget().await;
    }
    future.await
}

#[tokio::test]
async fn a_client_that_reads_the_alert_and_closes_is_reported_as_delivered() {
    for _ in 0..20 {
        let delivery = refused_after(|mut client| {
            client.write_all(GARBAGE).unwrap();
            thread::spawn(move || {
                let mut alert = Vec::new();
                client.read_to_end(&mut alert).unwrap();
                assert_eq!(alert, [21, 3, 3, 0, 2, 2, 10]);
            })
        });
        assert_eq!(exhausted(delivery).await, Delivery::Delivered);
    }
}

/// Over a stream that is none of tokio's sockets: from those a task without a budget reads nothing.
#[tokio::test]
async fn a_task_without_a_budget_proves_no_reading() {
    use tokio::io::AsyncWriteExt;
    let (mut client, server) = tokio::io::duplex(4096);
    client.write_all(GARBAGE).await.unwrap();
    let undelivered = acceptor().accept_undelivered(server);
    let undelivered = undelivered.await.unwrap_err();
    client.shutdown().await.unwrap();
    let delivering = exhausted(undelivered.deliver());
    assert_eq!(delivering.await.delivery(), Delivery::Written);
    drop(client);
}
