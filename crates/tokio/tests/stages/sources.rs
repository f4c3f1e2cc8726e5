//! Where clients come from: addresses of IPv6, Unix sockets, sockets handed over, functions.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lastword_tokio::listener::{Source, from_fn};
use lastword_tokio::{Addresses, Listener, ListenerOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::stages::shutdown::is_read;
use crate::stages::{CANCELED, HELLO, SOON, acceptor, connect, handshake, reporting, told};

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
    let (send, clients) = mpsc::unbounded_channel();
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

/// Where a source panics: in its first two calls, or at the shutdown.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Panics {
    Call,
    Poll,
    Drop,
    Pending,
}

/// A source of TCP clients that panics.
struct Panicking {
    tcp: TcpListener,
    panics: Panics,
    calls: mpsc::UnboundedSender<usize>,
    called: usize,
}

/// Panics when it is dropped.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        planted();
    }
}

fn planted() {
    panic!("a planted\npanic");
}

impl Source for Panicking {
    type Io = TcpStream;

    fn accept(&mut self) -> impl Future<Output = io::Result<(TcpStream, Addresses)>> + Send {
        self.called += 1;
        self.calls.send(self.called).unwrap();
        let panics = (self.panics, self.called <= 2);
        if panics == (Panics::Call, true) {
            planted();
        }
        async move {
            if panics == (Panics::Poll, true) {
                planted();
            }
            let dropped = (self.panics == Panics::Drop).then(|| Dropped);
            let accepted = self.tcp.accept().await;
            std::mem::forget(dropped);
            let (tcp, peer) = accepted?;
            Ok((tcp, Addresses::default().with_peer(peer)))
        }
    }

    fn accept_pending(&mut self) -> Option<io::Result<(TcpStream, Addresses)>> {
        if self.panics == Panics::Pending {
            planted();
        }
        None
    }
}

/// What a listener to a source that panics says of it.
struct Said {
    address: SocketAddr,
    errors: mpsc::UnboundedReceiver<String>,
    calls: mpsc::UnboundedReceiver<usize>,
}

async fn panicking(panics: Panics) -> (Listener, Said) {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let (calls, called) = mpsc::unbounded_channel();
    let source = Panicking {
        tcp,
        panics,
        calls,
        called: 0,
    };
    let (send, errors) = mpsc::unbounded_channel();
    let options = ListenerOptions::default().on_accept_error(move |error| {
        send.send(format!("{:?}: {error}", error.kind())).unwrap();
    });
    let said = Said {
        address,
        errors,
        calls: called,
    };
    (Listener::new(source, acceptor(), options), said)
}

const PANICKED: &str = r#"Other: the source of clients panicked: "a planted\npanic""#;

#[tokio::test]
async fn a_source_that_panics_is_reported_and_called_again() {
    for panics in [Panics::Call, Panics::Poll] {
        let (mut listener, mut said) = panicking(panics).await;
        for _ in 0..2 {
            assert_eq!(said.errors.recv().await.as_deref(), Some(PANICKED));
        }
        serves(&mut listener, connect(said.address).await).await;
        assert!(said.errors.try_recv().is_err());
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_source_that_panics_at_the_shutdown_does_not_hinder_it() {
    for (panics, errors) in [(Panics::Drop, None), (Panics::Pending, Some(PANICKED))] {
        let (mut listener, mut said) = panicking(panics).await;
        let mut client = connect(said.address).await;
        client.write_all(&HELLO[..20]).await.unwrap();
        while said.calls.recv().await != Some(2) {} // the client is taken
        is_read(&client).await;
        let handle = listener.shutdown_handle();
        handle.shutdown(Duration::ZERO);
        let told = timeout(SOON, told(&mut client)).await;
        assert_eq!(told.expect("nobody aborts it"), CANCELED);
        drop(client);
        assert!(listener.accept().await.is_none());
        handle.finished().await;
        assert_eq!(said.errors.recv().await.as_deref(), errors);
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use crate::stages::{UNEXPECTED_MESSAGE, proxies};
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
        let said = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; alert unexpected_message (10) sent, delivered";
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
