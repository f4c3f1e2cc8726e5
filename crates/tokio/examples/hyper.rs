//! hyper over a listener: HTTP/1.1 and HTTP/2, TLS 1.3 alone, a graceful end.
//!
//! `cargo run -p lastword-tokio --example hyper` prints where it listens; then try it:
//!
//! ```console
//! $ curl -k --http1.1 https://IP:PORT/
//! $ curl -k --http2 https://IP:PORT/
//! $ curl -k --tls-max 1.2 https://IP:PORT/
//! $ openssl s_client -alpn smtp -connect IP:PORT
//! ```
//!
//! The last two are told `protocol version` and `no application protocol`, and the server says so
//! too. Ctrl-c ends it.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::Pki;
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions};
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> io::Result<()> {
    // a server of yours has a certificate of its own
    let tls = Pki::new().server_config(&ServerProfile {
        versions: Versions::Tls13,
        alpn: &["h2", "http/1.1"],
        ..ServerProfile::DEFAULT
    });
    let options = ListenerOptions::default()
        .on_failure(|peer, failure| eprintln!("{peer}: {failure}")) // it has been told
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let config = Config::new(tls).map_err(io::Error::other)?;
    let mut listener = Listener::bind("127.0.0.1:0", config, options).await?;
    println!("listening {}", listener.local_addr());

    let closer = listener.closer();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            closer.close(Duration::from_secs(10)); // for the handshakes that are under way
        }
    });
    let connections = GracefulShutdown::new();
    while let Some((established, peer)) = listener.accept().await {
        let builder = Builder::new(TokioExecutor::new());
        // it is settled already: a builder that had to wait for the first bytes to tell would, at
        // the end, drop a client that has sent none without a close_notify
        let http = match established.connection().alpn_protocol() {
            Some(b"h2") => builder.http2_only(),
            _ => builder.http1_only(),
        };
        let stream = TokioIo::new(established.into_stream());
        let connection = http.serve_connection(stream, service_fn(welcome));
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("{peer}: {error}");
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
