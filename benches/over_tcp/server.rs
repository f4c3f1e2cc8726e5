//! The servers: each accepts a client, does what it does with it, and closes.

use std::net::TcpListener;
use std::sync::Arc;

use lastword_benches::servers::Server;
use rustls::ServerConnection;
use rustls::server::Acceptor;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

/// A server: serves so many clients, then returns.
pub(crate) type Serves = fn(TcpListener, &Server) -> Box<dyn FnMut(usize)>;

/// All there are, ours first and the bare limit last.
pub(crate) const WAYS: &[(&str, Serves)] = &[
    ("lastword", ours),
    ("lastword tokio", ours_with_tokio),
    ("rustls", theirs),
    ("tokio-rustls", tokio_rustls),
    ("LazyConfigAcceptor", lazily),
    #[cfg(feature = "openssl")]
    ("OpenSSL", libssl),
    ("bare TCP", bare),
];

fn ours(listener: TcpListener, server: &Server) -> Box<dyn FnMut(usize)> {
    let acceptor = server.acceptor();
    Box::new(move |clients| {
        for _ in 0..clients {
            let (tcp, _) = listener.accept().expect("it listens");
            drop(acceptor.accept(tcp));
        }
    })
}

/// As rustls's documentation has it for a blocking stream. The alert is written by `complete_io`.
fn theirs(listener: TcpListener, server: &Server) -> Box<dyn FnMut(usize)> {
    let server = server.clone();
    Box::new(move |clients| {
        for _ in 0..clients {
            let (mut tcp, _) = listener.accept().expect("it listens");
            let connection = ServerConnection::new(Arc::clone(&server.rustls));
            let mut connection = connection.expect("it is a configuration");
            if connection.complete_io(&mut tcp).is_ok() && connection.wants_write() {
                let _ = connection.complete_io(&mut tcp); // the tickets
            }
        }
    })
}

/// As the crate's documentation has it.
#[cfg(feature = "openssl")]
fn libssl(listener: TcpListener, server: &Server) -> Box<dyn FnMut(usize)> {
    use lastword_benches::works::libssl::{Refuses, Server};
    use openssl::ssl::{Ssl, SslStream};

    let context = Server {
        refuses: Refuses::ByName,
        h2: !server.rustls.alpn_protocols.is_empty(),
        ..Server::DEFAULT
    }
    .context();
    Box::new(move |clients| {
        for _ in 0..clients {
            let (tcp, _) = listener.accept().expect("it listens");
            let ssl = Ssl::new(&context).expect("there is memory");
            let _ = SslStream::new(ssl, tcp).expect("there is memory").accept();
        }
    })
}

fn bare(listener: TcpListener, _: &Server) -> Box<dyn FnMut(usize)> {
    Box::new(move |clients| {
        for _ in 0..clients {
            drop(listener.accept().expect("it listens"));
        }
    })
}

fn ours_with_tokio(listener: TcpListener, server: &Server) -> Box<dyn FnMut(usize)> {
    let acceptor = server.tokio_acceptor();
    let (runtime, listener) = in_runtime(listener);
    Box::new(move |clients| {
        runtime.block_on(async {
            for _ in 0..clients {
                let (tcp, _) = listener.accept().await.expect("it listens");
                drop(acceptor.accept(tcp).await);
            }
        });
    })
}

fn tokio_rustls(listener: TcpListener, server: &Server) -> Box<dyn FnMut(usize)> {
    let server = server.clone();
    let (runtime, listener) = in_runtime(listener);
    let acceptor = TlsAcceptor::from(Arc::clone(&server.rustls));
    Box::new(move |clients| {
        runtime.block_on(async {
            for _ in 0..clients {
                let (tcp, _) = listener.accept().await.expect("it listens");
                drop(acceptor.accept(tcp).await);
            }
        });
    })
}

fn lazily(listener: TcpListener, server: &Server) -> Box<dyn FnMut(usize)> {
    let server = server.clone();
    let (runtime, listener) = in_runtime(listener);
    Box::new(move |clients| {
        runtime.block_on(async {
            for _ in 0..clients {
                let (tcp, _) = listener.accept().await.expect("it listens");
                if let Ok(start) = LazyConfigAcceptor::new(Acceptor::default(), tcp).await {
                    drop(start.into_stream(Arc::clone(&server.rustls)).await);
                }
            }
        });
    })
}

fn in_runtime(listener: TcpListener) -> (Runtime, tokio::net::TcpListener) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("there is a runtime");
    listener.set_nonblocking(true).expect("it is a socket");
    let listener = runtime.block_on(async { tokio::net::TcpListener::from_std(listener) });
    (runtime, listener.expect("it is a socket"))
}
