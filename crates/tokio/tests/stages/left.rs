//! Peers that leave before the header of the PROXY protocol is complete, and streams that interrupt.

use lastword_testkit::untimed;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lastword_tokio::listener::{Plaintext, from_fn};
use lastword_tokio::{Addresses, Listener, ListenerOptions};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::stages::shutdown::is_read;
use crate::stages::{acceptor, connect, handshake, proxies, reporting, told};

/// What is known of a peer that sends these bytes and leaves.
#[derive(Debug, PartialEq)]
struct Left {
    line: String,
    is_probe: bool,
    io: Option<ErrorKind>,
}

async fn leaves(sent: &[u8], leave: impl FnOnce(TcpStream)) -> Left {
    let (send, mut failures) = mpsc::unbounded_channel();
    let options = ListenerOptions::default()
        .with_proxy_protocol(proxies())
        .on_failure(move |_, error| {
            let left = Left {
                line: untimed(error),
                is_probe: error.is_probe(),
                io: error.io_error().map(io::Error::kind),
            };
            send.send(left).unwrap();
        });
    let listener = Listener::bind("127.0.0.1:0", acceptor(), options).await;
    let listener = listener.unwrap();
    let mut peer = connect(listener.local_addr().unwrap()).await;
    peer.write_all(sent).await.unwrap();
    is_read(&peer).await;
    leave(peer);
    failures.recv().await.unwrap()
}

const CLOSED: &str = "client closed the connection before any part of a ClientHello arrived";

const RESET: &str = "client reset the connection before any part of a ClientHello arrived";

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_peer_that_closes_is_a_probe_unless_it_has_begun_a_header() {
    for (sent, is_probe) in [
        (&b""[..], true),
        (b"PROXY UNKNOWN\r\n", true),
        (b"PROXY UN", false),
        (b"\r\n\r\n\0", false),
    ] {
        let expected = Left {
            line: format!("{CLOSED}; no alert sent"),
            is_probe,
            io: None,
        };
        assert_eq!(leaves(sent, drop).await, expected, "{sent:?}");
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_peer_that_resets_is_a_probe_unless_it_has_begun_a_header() {
    for (sent, is_probe) in [
        (&b""[..], true),
        (b"PROXY UNKNOWN\r\n", true),
        (b"PROXY UN", false),
        (b"\r\n\r\n\0", false),
    ] {
        let reset = |peer: TcpStream| {
            SockRef::from(&peer)
                .set_linger(Some(Duration::ZERO))
                .unwrap();
        };
        let expected = Left {
            line: format!("{RESET} (Connection reset by peer (os error 104)); no alert sent"),
            is_probe,
            io: Some(ErrorKind::ConnectionReset),
        };
        assert_eq!(leaves(sent, reset).await, expected, "{sent:?}");
    }
}

/// A stream each of whose reads is interrupted once.
struct Interrupted {
    io: DuplexStream,
    is_next: bool,
}

impl AsyncRead for Interrupted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.is_next = !self.is_next;
        match self.is_next {
            true => Poll::Ready(Err(ErrorKind::Interrupted.into())),
            false => Pin::new(&mut self.io).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Interrupted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// A listener with one client, whose reads are interrupted.
fn interrupted(
    options: ListenerOptions<Interrupted>,
) -> (Listener<Interrupted>, DuplexStream, crate::stages::Failures) {
    let (io, client) = tokio::io::duplex(1024);
    let is_next = false;
    let mut server = Some(Interrupted { io, is_next });
    let source = from_fn(move || {
        let server = server.take();
        async move {
            let peer = "127.0.0.1:50000".parse().unwrap();
            match server {
                Some(server) => Ok((server, Addresses::default().with_peer(peer))),
                None => std::future::pending().await,
            }
        }
    });
    let (options, failures) = reporting(options);
    let listener = Listener::new(source, acceptor(), options);
    (listener, client, failures)
}

#[tokio::test]
async fn a_header_whose_reads_are_interrupted_is_read() {
    let options = ListenerOptions::default().with_proxy_protocol(proxies());
    let (mut listener, mut client, mut failures) = interrupted(options);
    let peer = tokio::spawn(async move {
        let header = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n";
        client.write_all(header).await?;
        handshake(client).await
    });
    let (_, addresses) = tokio::select! {
        accepted = listener.accept() => accepted.unwrap(),
        failure = failures.recv() => panic!("{failure:?}"),
    };
    assert_eq!(addresses.to_string(), "192.0.2.7:50000");
    peer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_without_tls_whose_reads_are_interrupted_is_answered() {
    let options = ListenerOptions::default().with_plaintext(Plaintext::Redirect { port: None });
    let (_listener, mut client, _failures) = interrupted(options);
    for part in [&b"GET / HTTP/1.1\r\n"[..], b"Host: a.test\r\n", b"\r\n"] {
        client.write_all(part).await.unwrap();
        tokio::task::yield_now().await;
    }
    let told = String::from_utf8(told(&mut client).await).unwrap();
    let redirect = "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://a.test/\r\n";
    assert!(told.starts_with(redirect), "{told}");
}
