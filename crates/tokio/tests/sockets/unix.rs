//! Over a Unix stream it is the same.

use lastword_tokio::Delivery;
use lastword_tokio::step::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::sockets::{GARBAGE, UNEXPECTED_MESSAGE, acceptor, both};

#[tokio::test]
async fn a_client_over_a_unix_stream_reads_its_alert_and_the_end() {
    let (server, mut client) = UnixStream::pair().unwrap();
    let refused = acceptor().accept(server);
    let client = async move {
        client.write_all(GARBAGE).await.unwrap();
        let mut alert = Vec::new();
        client.read_to_end(&mut alert).await.unwrap();
        client.write_all(b"and more").await.unwrap();
        alert
    };
    let (refused, alert) = both(refused, client).await;
    assert_eq!(alert, UNEXPECTED_MESSAGE);
    let error = refused.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Delivered);
    assert!(error.elapsed() < Options::default().timeout);
}
