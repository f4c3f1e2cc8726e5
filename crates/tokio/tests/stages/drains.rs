//! Failed clients that have their alert and stay open: they wait in one task, and none ends another.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lastword_tokio::listener::from_fn;
use lastword_tokio::{Addresses, Listener, ListenerOptions};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};
use tokio::task::yield_now;

use crate::stages::{UNEXPECTED_MESSAGE, acceptor, bind, connect, reporting, told};

const SSH: &[u8] = b"SSH-2.0-x\r\n";

const LINE: &str = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; \
                    alert unexpected_message (10) sent, delivered";

/// Waits until the runtime has so few tasks. A client's task ends after its alert is written.
async fn fewer_tasks_than(tasks: usize) {
    for _ in 0..1000 {
        if Handle::current().metrics().num_alive_tasks() < tasks {
            return;
        }
        yield_now().await;
    }
    panic!("{} tasks", Handle::current().metrics().num_alive_tasks());
}

#[tokio::test]
async fn a_client_that_stays_open_after_its_alert_has_no_task() {
    let (_listener, address, mut failures) = bind(acceptor(), ListenerOptions::default()).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = connect(address).await;
        client.write_all(SSH).await.unwrap();
        assert_eq!(told(&mut client).await, UNEXPECTED_MESSAGE);
        clients.push(client);
    }
    fewer_tasks_than(5).await;
    for mut client in clients {
        client.write_all(b"and more").await.unwrap(); // no reset
        let own = client.local_addr().unwrap();
        drop(client);
        assert_eq!(failures.recv().await.unwrap(), format!("{own}: {LINE}"));
    }
}

/// A stream whose reads panic once its write side is shut and the client has closed.
struct Panics(DuplexStream, bool);

impl AsyncRead for Panics {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.0).poll_read(cx, buf);
        assert!(!self.1 || polled.is_pending(), "a planted panic");
        polled
    }
}

impl AsyncWrite for Panics {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.1 = true;
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn a_stream_that_panics_while_it_is_drained_does_not_end_the_task() {
    let (send, streams) = mpsc::unbounded_channel();
    let streams = Arc::new(Mutex::new(streams));
    let source = from_fn(move || {
        let streams = Arc::clone(&streams);
        async move {
            match streams.lock().await.recv().await {
                Some(stream) => Ok((stream, Addresses::default())),
                None => std::future::pending().await,
            }
        }
    });
    let (options, mut failures) = reporting(ListenerOptions::default());
    let _listener = Listener::new(source, acceptor(), options);
    let mut clients = Vec::new();
    for _ in 0..4 {
        let (mut client, server) = duplex(1024);
        client.write_all(SSH).await.unwrap();
        let sent = send.send(Panics(server, false));
        assert!(sent.is_ok(), "the source is dropped");
        assert_eq!(told(&mut client).await, UNEXPECTED_MESSAGE);
        clients.push(client);
    }
    for client in clients {
        drop(client);
        let line = failures.recv().await.unwrap();
        assert!(line.ends_with("sent, written"), "{line}");
        // one task accepts, and in one the others still wait
        fewer_tasks_than(3).await;
    }
}
