//! How many clients a listener has at a time.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::listener::from_fn;
use lastword_tokio::{Addresses, Listener, ListenerOptions, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::listener::{
    SSH, UNEXPECTED_MESSAGE, address, choosing, connect, handshake, listener, options, received,
    serves_a_good_client,
};

#[tokio::test]
async fn a_burst_of_clients_finds_room_to_wait() {
    let (listener, _failures) = listener(options()).await;
    // none is taken in between; one for whom there is no room tries again after a second
    let connect = |_| TcpStream::connect_timeout(&address(&listener), Duration::from_millis(900));
    let clients: Vec<_> = (0..500).map(connect).collect();
    assert!(clients.iter().all(Result::is_ok), "{clients:?}");
}

#[tokio::test]
async fn a_client_has_its_turn_before_the_next_one_is_accepted() {
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    // as if clients came faster than they can be served
    let source = from_fn(move || {
        let accepted = count.fetch_add(1, Ordering::Relaxed);
        async move {
            let (mut client, server) = duplex(4096);
            client.write_all(SSH).await?;
            tokio::spawn(async move {
                let _ = client.read_to_end(&mut Vec::new()).await;
            });
            match accepted {
                0..100 => Ok((server, Addresses::default())),
                _ => std::future::pending().await,
            }
        }
    });
    let (send, mut failed_after) = mpsc::unbounded_channel();
    let options = ListenerOptions::default().on_failure(move |_, _| {
        let _ = send.send(accepted.load(Ordering::Relaxed));
    });
    let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::access_denied("no")));
    let _listener = Listener::new(source, acceptor, options);
    let first = failed_after.recv().await.unwrap();
    assert!(
        first < 10,
        "{first} clients were accepted before the first had its alert"
    );
}

/// Whether the server leaves the client without an answer, for now.
async fn waits(client: &mut tokio::net::TcpStream) -> bool {
    let mut answer = [0; 1];
    let answer = timeout(Duration::from_millis(100), client.peek(&mut answer));
    answer.await.is_err()
}

#[tokio::test]
async fn one_handshake_too_many_waits_until_another_ends() {
    let decide = Arc::new(Notify::new());
    let decided = Arc::clone(&decide);
    let acceptor = TlsAcceptor::choosing(move |_| async move {
        decided.notified().await;
        Err::<Config, _>(Rejection::access_denied("too late"))
    });
    let (listener, _failures) = choosing(acceptor, options().with_handshakes(1)).await;
    let mut first = connect(&listener).await;
    let hello = HelloBuilder::default().record();
    first.write_all(&hello).await.unwrap();
    let mut second = connect(&listener).await;
    second.write_all(SSH).await.unwrap();
    assert!(waits(&mut second).await);
    decide.notify_one();
    assert_eq!(received(&mut first).await, [21, 3, 3, 0, 2, 2, 49]);
    assert_eq!(received(&mut second).await, UNEXPECTED_MESSAGE);
}

#[tokio::test]
async fn a_delivery_does_not_count_as_a_handshake() {
    let (mut listener, mut failures) = listener(options().with_handshakes(1)).await;
    let mut refused = connect(&listener).await;
    refused.write_all(SSH).await.unwrap();
    assert_eq!(received(&mut refused).await, UNEXPECTED_MESSAGE);
    // it keeps its side open, and is drained
    serves_a_good_client(&mut listener).await;
    assert!(failures.try_recv().is_err());
    drop(refused);
    let words = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; alert unexpected_message (10) sent, delivered";
    assert_eq!(failures.recv().await.unwrap(), words);
}

#[tokio::test]
async fn one_delivery_too_many_ends_the_oldest() {
    let (listener, mut failures) = listener(options().with_deliveries(2)).await;
    let mut refused = Vec::new();
    for _ in 0..3 {
        let mut client = connect(&listener).await;
        client.write_all(SSH).await.unwrap();
        assert_eq!(received(&mut client).await, UNEXPECTED_MESSAGE);
        refused.push(client);
    }
    let words = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; alert unexpected_message (10) sent, ";
    assert_eq!(failures.recv().await.unwrap(), format!("{words}written"));
    assert!(failures.try_recv().is_err(), "the others are drained");
    // it is the first that was closed: only the others' closes are seen
    for client in refused.drain(1..) {
        drop(client);
        assert_eq!(failures.recv().await.unwrap(), format!("{words}delivered"));
    }
}

#[tokio::test]
async fn an_established_connection_counts_until_it_is_taken() {
    let (mut listener, _failures) = listener(options().with_handshakes(1)).await;
    let _established = handshake(connect(&listener).await).await.unwrap();
    let mut second = connect(&listener).await;
    second.write_all(SSH).await.unwrap();
    assert!(waits(&mut second).await);
    assert!(listener.accept().await.is_some());
    assert_eq!(received(&mut second).await, UNEXPECTED_MESSAGE);
}
