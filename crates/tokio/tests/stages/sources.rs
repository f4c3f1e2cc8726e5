//! Where clients come from: addresses of IPv6, Unix sockets, sockets handed over, functions.

use std::io::ErrorKind;
use std::sync::Arc;

use lastword_tokio::listener::from_fn;
use lastword_tokio::{Addresses, Listener, ListenerOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::{acceptor, connect, handshake, reporting};

/// A good client is served, over any kind of stream.
async fn serves<S, C>(listener: &mut Listener<S>, client: C) -> Addresses
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let client = tokio::spawn(handshake(client));
    let (mut stream, addresses) = listener.accept().await.unwrap();
    stream.write_all(b"hi").await.unwrap();
    stream.flush().await.unwrap();
    let mut text = [0; 2];
    let mut client = client.await.unwrap().unwrap();
    client.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"hi");
    addresses
}

#[tokio::test]
async fn a_client_over_ipv6_is_served() {
    let mut listener = Listener::bind("[::1]:0", acceptor(), ListenerOptions::default())
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let client = connect(address).await;
    let own = client.local_addr().unwrap();
    let addresses = serves(&mut listener, client).await;
    assert_eq!(addresses.peer, Some(own));
    assert_eq!(addresses.local, Some(address));
}

#[tokio::test]
async fn a_socket_that_is_handed_over_is_listened_to() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let tcp = TcpListener::from_std(socket).unwrap();
    let mut listener = Listener::new(tcp, acceptor(), ListenerOptions::default());
    let client = connect(listener.local_addr().unwrap()).await;
    serves(&mut listener, client).await;
}

#[tokio::test]
async fn a_function_yields_clients() {
    let tcp = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = tcp.local_addr().unwrap();
    let source = from_fn(move || {
        let tcp = tcp.clone();
        async move {
            let (stream, peer) = tcp.accept().await?;
            Ok((stream, Addresses::default().with_peer(peer)))
        }
    });
    let mut listener: Listener<TcpStream> =
        Listener::new(source, acceptor(), ListenerOptions::default());
    assert_eq!(listener.local_addr(), None);
    let client = connect(address).await;
    let own = client.local_addr().unwrap();
    assert_eq!(serves(&mut listener, client).await.peer, Some(own));
}

#[tokio::test]
async fn a_function_may_yield_any_stream() {
    let (send, clients) = tokio::sync::mpsc::unbounded_channel();
    let clients = Arc::new(tokio::sync::Mutex::new(clients));
    let source = from_fn(move || {
        let clients = clients.clone();
        async move {
            match clients.lock().await.recv().await {
                Some(stream) => Ok((stream, Addresses::default())),
                None => std::future::pending().await,
            }
        }
    });
    let mut listener = Listener::new(source, acceptor(), ListenerOptions::default());
    for _ in 0..2 {
        let (server, client) = tokio::io::duplex(1024);
        send.send(server).unwrap();
        assert_eq!(serves(&mut listener, client).await, Addresses::default());
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_again_and_again_is_called_after_a_pause() {
    let (send, mut called) = mpsc::unbounded_channel();
    let source = from_fn(move || {
        send.send(Instant::now()).unwrap();
        async { Err::<(TcpStream, Addresses), _>(ErrorKind::ConnectionReset.into()) }
    });
    let started = Instant::now();
    let _listener = Listener::new(source, acceptor(), ListenerOptions::default());
    let mut elapsed = Vec::new();
    for _ in 0..4 {
        elapsed.push((called.recv().await.unwrap() - started).as_millis());
    }
    assert_eq!(elapsed, [0, 0, 5, 10]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use crate::{UNEXPECTED_MESSAGE, proxies, told};
    use tokio::net::{UnixListener, UnixStream};

    /// A socket in a directory that is removed with it.
    fn bind() -> (UnixListener, std::path::PathBuf, Directory) {
        let directory = Directory::new();
        let path = directory.0.join("socket");
        (UnixListener::bind(&path).unwrap(), path, directory)
    }

    struct Directory(std::path::PathBuf);

    impl Directory {
        fn new() -> Self {
            use std::sync::atomic::{AtomicU32, Ordering};
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("lastword-stages-{}-{count}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0); // it is in the system's directory for this
        }
    }

    #[tokio::test]
    async fn a_client_over_a_unix_socket_is_served() {
        let (unix, path, _directory) = bind();
        let mut listener = Listener::new(unix, acceptor(), ListenerOptions::default());
        let client = UnixStream::connect(path).await.unwrap();
        assert_eq!(serves(&mut listener, client).await, Addresses::default());
    }

    #[tokio::test]
    async fn a_client_over_a_unix_socket_that_fails_is_told() {
        let (unix, path, _directory) = bind();
        let (options, mut failures) = reporting(ListenerOptions::default());
        let _listener = Listener::new(unix, acceptor(), options);
        let mut client = UnixStream::connect(path).await.unwrap();
        client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
        assert_eq!(told(&mut client).await, UNEXPECTED_MESSAGE);
        drop(client);
        let said = "not TLS but SSH; alert unexpected_message (10) delivered";
        assert_eq!(failures.recv().await.unwrap(), format!("unknown: {said}"));
    }

    #[tokio::test]
    async fn a_proxy_over_a_unix_socket_is_trusted() {
        let (unix, path, _directory) = bind();
        let options = ListenerOptions::default().with_proxy_protocol(proxies());
        let mut listener = Listener::new(unix, acceptor(), options);
        let mut proxy = UnixStream::connect(path).await.unwrap();
        let header = b"PROXY TCP6 2001:db8::7 2001:db8::1 50000 443\r\n";
        proxy.write_all(header).await.unwrap();
        let addresses = serves(&mut listener, proxy).await;
        assert_eq!(addresses.to_string(), "[2001:db8::7]:50000");
        assert_eq!(addresses.proxy_addr(), None);
    }
}
