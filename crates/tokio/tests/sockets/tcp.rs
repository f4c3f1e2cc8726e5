//! Over TCP: what became of an alert, and no reset for a client whose task is dropped.

use std::io::Write;
use std::net;

use lastword_tokio::{Deliveries, Delivery};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::sockets::{GARBAGE, LONG, acceptor, read};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A client that closes before the alert. The system answers the alert with a reset, which is no error
/// of the next read, since the client's end of the stream had come before.
#[tokio::test]
async fn a_reset_after_the_end_of_the_stream_is_found() {
    let mut deliveries = Vec::new();
    // the reset comes at once, but for a system that is very busy
    while !deliveries.contains(&Delivery::PeerReset) {
        let listener = listener().await;
        let mut client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(GARBAGE).unwrap();
        drop(client);
        let (tcp, _) = listener.accept().await.unwrap();
        let refused = acceptor().accept(tcp).await;
        deliveries.push(refused.unwrap_err().delivery());
        assert!(deliveries.len() < 20, "{deliveries:?}");
    }
}

#[tokio::test]
async fn a_client_whose_task_is_aborted_has_its_alert_and_no_reset() {
    let listener = listener().await;
    let deliveries = Deliveries::new(1);
    let mut client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    client.write_all(&[22, 3, 1]).await.unwrap();
    let (tcp, _) = listener.accept().await.unwrap();
    tcp.readable().await.unwrap();
    let acceptor = acceptor().with_deliveries(deliveries.clone());
    let mut task = tokio::spawn(acceptor.accept(tcp));
    tokio::select! {
        biased;
        _ = &mut task => panic!("half a hello is no end"),
        () = tokio::task::yield_now() => task.abort(),
    }
    assert!(task.await.unwrap_err().is_cancelled());
    let mut alerts = [0; 14];
    let received = timeout(LONG, client.read_exact(&mut alerts)).await;
    received.expect("it hangs").unwrap();
    assert_eq!(alerts, [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    for _ in 0..2 {
        // a reset would be an answer to the first, and fail the second
        client.write_all(&[b'x'; 1000]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(read(client).await, []);
    let finished = timeout(LONG, deliveries.finished()).await;
    finished.expect("it hangs");
}
