//! axum-server with the acceptor of this crate.
//!
//! `cargo run -p lastword-tokio --example axum_server` prints where it listens. Then try:
//!
//! ```console
//! $ curl -k https://IP:PORT/
//! $ curl http://IP:PORT/
//! ```
//!
//! The second client gets the alert `unexpected_message`, and the server logs it.
//! `--cert FILE --key FILE` sets a certificate of your own.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::pin::Pin;

use axum::{Router, routing::get};
use axum_server::accept::Accept;
use lastword_tokio::acceptor::Config;
use lastword_tokio::{TlsAcceptor, TlsStream};
use rustls::ServerConfig;
use tokio::net::TcpStream;

#[derive(Clone)]
struct Acceptor(TlsAcceptor);

impl<S: Send + 'static> Accept<TcpStream, S> for Acceptor {
    type Stream = TlsStream<TcpStream>;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, S)>> + Send>>;

    fn accept(&self, tcp: TcpStream, service: S) -> Self::Future {
        let accept = self.0.accept(tcp);
        Box::pin(async move {
            let accepted = accept.await;
            // log it here: axum-server drops the error
            Ok((accepted.inspect_err(|error| eprintln!("{error}"))?, service))
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let config = Config::new(tls)?;
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    tcp.set_nonblocking(true)?;
    println!("listening {}", tcp.local_addr()?);
    let router = Router::new().route("/", get("welcome\n"));
    axum_server::from_tcp(tcp)?
        .acceptor(Acceptor(TlsAcceptor::new(config)))
        .serve(router.into_make_service())
        .await?;
    Ok(())
}
