//! Streams that borrow, and streams that are not `Send`.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use lastword_testkit::pki::ClientProfile;
use lastword_tokio::Delivery;
use lastword_tokio::step::{Accepting, Options};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsConnector;

use crate::scripted::{CONFIG, GARBAGE, PKI, UNEXPECTED_MESSAGE, acceptor, choosing, soon};

/// A good client: it sends a request, and reads to the end.
async fn request(io: DuplexStream) -> io::Result<Vec<u8>> {
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let connector = TlsConnector::from(Arc::clone(&config));
    let mut stream = connector
        .connect("localhost".try_into().unwrap(), io)
        .await?;
    stream.write_all(b"a request").await?;
    stream.flush().await?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await?;
    stream.shutdown().await?;
    Ok(reply)
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_borrowed_is_the_callers_again() {
    let (client, mut server) = duplex(4096);
    let client = tokio::spawn(request(client));
    let mut stream = soon(choosing().accept_local(&mut server)).await.unwrap();
    let mut request = [0; 9];
    stream.read_exact(&mut request).await.unwrap();
    stream.write_all(b"a reply").await.unwrap();
    let (delivery, borrowed) = soon(stream.close()).await;
    assert_eq!(delivery, Delivery::Delivered);
    assert_eq!(borrowed.read(&mut [0; 1]).await.unwrap(), 0);
    assert_eq!(client.await.unwrap().unwrap(), b"a reply");
    assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_fails_over_a_stream_that_is_borrowed_has_its_alert() {
    let (mut client, mut server) = duplex(4096);
    client.write_all(GARBAGE).await.unwrap();
    let error = soon(acceptor().accept_local(&mut server)).await;
    assert_eq!(error.unwrap_err().delivery(), Delivery::Written);
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, UNEXPECTED_MESSAGE);
}

#[tokio::test(start_paused = true)]
async fn the_states_take_a_stream_that_is_borrowed() {
    let (client, mut server) = duplex(4096);
    let client = tokio::spawn(request(client));
    let accepting = Accepting::new_local(&mut server, &Options::default());
    let accepted = soon(accepting).await.unwrap();
    assert_eq!(accepted.server_name(), Some("localhost"));
    let stream = soon(accepted.into_handshake(&CONFIG)).await.unwrap();
    let (delivery, _) = soon(stream.close()).await;
    assert_eq!(delivery, Delivery::Delivered);
    assert_eq!(client.await.unwrap().unwrap(), b"");
}

/// A stream that counts its reads, and stays in its thread.
#[derive(Debug)]
struct Counted {
    stream: DuplexStream,
    reads: Rc<Cell<u32>>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.reads.set(self.reads.get() + 1);
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_send_is_accepted_in_a_local_task() {
    let reads = Rc::new(Cell::new(0));
    let (client, stream) = duplex(4096);
    let server = Counted {
        stream,
        reads: Rc::clone(&reads),
    };
    let local = LocalSet::new();
    let served = local.run_until(async move {
        let serving = spawn_local(async move {
            let stream = choosing().accept_local(server).await.unwrap();
            stream.close().await.0
        });
        let client = spawn_local(request(client));
        (serving.await.unwrap(), client.await.unwrap())
    });
    let (delivery, reply) = soon(served).await;
    assert_eq!(delivery, Delivery::Delivered);
    assert_eq!(reply.unwrap(), b"");
    assert!(reads.get() > 1);
}
