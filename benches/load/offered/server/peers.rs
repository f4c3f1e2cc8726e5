//! The servers of other Rust crates, as their documentation has them.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use axum_server::tls_rustls::RustlsConfig;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::{REPLY, TIMEOUT, own};

/// tokio-rustls: a task for each client, its handshake under a timeout.
#[tokio::main]
pub(super) async fn tokio_rustls(config: Arc<ServerConfig>) -> io::Result<()> {
    let acceptor = TlsAcceptor::from(config);
    let listener = super::listen()?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (tcp, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}");
                sleep(std::time::Duration::from_millis(10)).await;
                continue;
            }
        };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let _ = tcp.set_nodelay(true);
            match timeout(TIMEOUT, acceptor.accept(tcp)).await {
                Ok(Ok(mut stream)) => {
                    if matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {
                        let _ = stream.write_all(REPLY).await;
                    }
                    let _ = stream.shutdown().await;
                }
                Ok(Err(error)) => eprintln!("{peer}: {error}"),
                Err(_) => eprintln!("{peer}: timed out"),
            }
        });
    }
}

/// axum-server. Its timeout for a handshake is 10 seconds, and no option changes it.
#[tokio::main]
pub(super) async fn axum_server(config: Arc<ServerConfig>) -> io::Result<()> {
    let listener = super::listen()?;
    listener.set_nonblocking(true)?;
    let router = Router::new().route("/", get("welcome!\n"));
    axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(config))?
        .serve(router.into_make_service())
        .await
}

/// rustls with std: a thread for each client, with a timeout for each read.
pub(super) fn rustls_threads(config: Arc<ServerConfig>) -> io::Result<()> {
    own::each(&super::listen()?, move |tcp, peer| {
        if let Err(error) = serve(Arc::clone(&config), tcp) {
            eprintln!("{peer}: {error}");
        }
    })
}

fn serve(config: Arc<ServerConfig>, tcp: TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(TIMEOUT))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, tcp);
    if stream.read(&mut [0; 4096])? > 0 {
        stream.write_all(REPLY)?;
    }
    stream.conn.send_close_notify();
    stream.flush()?;
    stream.sock.shutdown(Shutdown::Write)
}
