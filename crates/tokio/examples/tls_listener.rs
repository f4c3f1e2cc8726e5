//! tls-listener with the acceptor of this crate.
//!
//! `cargo run -p lastword-tokio --example tls_listener` prints where it listens. Then try:
//!
//! ```console
//! $ openssl s_client -quiet -connect IP:PORT
//! $ curl http://IP:PORT/
//! ```
//!
//! The first client gets a greeting. The second gets the alert `unexpected_message`, and the server
//! logs it.
//! `--cert FILE --key FILE` sets a certificate of your own.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;

use lastword_tokio::acceptor::Config;
use lastword_tokio::{AcceptError, TlsAcceptor, TlsStream, step};
use rustls::ServerConfig;
use tls_listener::{AsyncTls, TlsListener};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
struct Acceptor(TlsAcceptor);

impl AsyncTls<TcpStream> for Acceptor {
    type Stream = TlsStream<TcpStream>;
    type Error = AcceptError<TcpStream>;
    type AcceptFuture = step::Accept<TcpStream>;

    fn accept(&self, tcp: TcpStream) -> Self::AcceptFuture {
        self.0.accept(tcp)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let config = Config::new(tls)?;
    let tcp = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", tcp.local_addr()?);
    let mut listener = TlsListener::new(Acceptor(TlsAcceptor::new(config)), tcp);
    loop {
        match listener.accept().await {
            Ok((mut stream, _client)) => {
                tokio::spawn(async move {
                    if stream.write_all(b"welcome\n").await.is_ok() {
                        stream.close().await;
                    }
                });
            }
            Err(tls_listener::Error::TlsAcceptError {
                error, peer_addr, ..
            }) => {
                eprintln!("{peer_addr}: {error}"); // the client has its alert
            }
            Err(error) => eprintln!("{error}"),
        }
    }
}
