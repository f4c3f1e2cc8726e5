//! hyper over a listener: HTTP/1.1 and HTTP/2, only TLS 1.3, and a graceful shutdown.
//!
//! `cargo run -p lastword-tokio --example hyper` prints where it listens. Then try:
//!
//! ```console
//! $ curl -k --http1.1 https://IP:PORT/
//! $ curl -k --http2 https://IP:PORT/
//! $ curl -k --tls-max 1.2 https://IP:PORT/
//! $ openssl s_client -alpn smtp -connect IP:PORT
//! ```
//!
//! The last two clients get the alerts `protocol_version` and `no_application_protocol`, and the
//! server logs both. Ctrl-C ends the server.
//! `--cert FILE --key FILE` sets a certificate of your own.
#![forbid(unsafe_code)]

mod common;

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions};
use rustls::ServerConfig;
use rustls::version::TLS13;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let mut tls = ServerConfig::builder_with_protocol_versions(&[&TLS13])
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let options = ListenerOptions::default()
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let config = Config::new(tls)?;
    let mut listener = Listener::bind("127.0.0.1:0", config, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }

    let handle = listener.shutdown_handle();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            handle.shutdown(Duration::from_secs(10)); // for the handshakes in flight
        }
    });
    let connections = GracefulShutdown::new();
    while let Some((stream, client)) = listener.accept().await {
        let builder = Builder::new(TokioExecutor::new());
        // use the protocol of ALPN: hyper-util's auto builder waits for the first bytes, and at
        // shutdown it drops a client that has sent none without close_notify
        let http = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => builder.http2_only(),
            _ => builder.http1_only(),
        };
        let stream = TokioIo::new(stream);
        let connection = http.serve_connection(stream, service_fn(welcome));
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("{client}: {error}");
            }
        });
    }
    connections.shutdown().await;
    Ok(())
}

async fn welcome(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let words = format!("welcome over {:?}\n", request.version());
    Ok(Response::new(words))
}
