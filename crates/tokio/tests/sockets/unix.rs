//! Over a Unix stream it is the same.

use lastword_tokio::{Delivery, Options, accept_direct};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::{CONFIG, GARBAGE, UNEXPECTED_MESSAGE, both};

#[tokio::test]
async fn a_client_over_a_unix_stream_is_told_and_reads_the_end() {
    let (server, mut client) = UnixStream::pair().unwrap();
    let refused = accept_direct(server, &Options::default(), &CONFIG);
    let client = async move {
        client.write_all(GARBAGE).await.unwrap();
        let mut told = Vec::new();
        client.read_to_end(&mut told).await.unwrap();
        client.write_all(b"and more").await.unwrap();
        told
    };
    let (refused, told) = both(refused, client).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
    let failure = refused.unwrap_err();
    assert_eq!(failure.delivery(), Delivery::Delivered);
    assert!(failure.elapsed() < Options::default().deadline);
}
