//! A server for some names that passes the clients of another name through to another server.
//!
//! Start the other server, and then this one with its address:
//!
//! ```console
//! $ cargo run -p lastword-tokio --example echo
//! $ cargo run -p lastword-tokio --example pass_through -- --backend IP:ECHO_PORT
//! ```
//!
//! Then try:
//!
//! ```console
//! $ openssl s_client -quiet -servername localhost -connect IP:PORT
//! $ openssl s_client -quiet -servername example.test -connect IP:PORT
//! $ openssl s_client -quiet -servername elsewhere.test -connect IP:PORT
//! ```
//!
//! The first client prints `welcome`, the second has the echo server, and the third gets the alert
//! `unrecognized_name`. Without `--backend` the server logs that it cannot connect. `--cert FILE --key
//! FILE` sets a certificate of your own. Ctrl-C ends the server.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::time::Duration;

use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::choose::Choice;
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
use rustls::ServerConfig;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let config = Config::new(tls)?;
    let backend = common::option("--backend").unwrap_or_else(|| "127.0.0.1:1".into());
    let acceptor = TlsAcceptor::choosing(move |client| match client.server_name() {
        Some("localhost") => Ok(Choice::serve(config.clone()).with_value(String::new())),
        Some("example.test") => Ok(Choice::pass_through(backend.clone())),
        Some(_) => Err(Rejection::unrecognized_name()),
        None => Err(Rejection::missing_server_name()),
    });
    let options = ListenerOptions::default()
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"))
        .on_pass_through(async |mut client, addresses, backend: String| {
            let forwarded = async {
                let mut server = TcpStream::connect(&backend).await?;
                copy_bidirectional(&mut client, &mut server).await
            };
            if let Err(error) = forwarded.await {
                eprintln!("{addresses}: {backend}: {error}");
            }
        });
    let mut listener = Listener::bind("127.0.0.1:0", acceptor, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }
    let handle = listener.shutdown_handle();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            handle.shutdown(Duration::from_secs(10)); // for the handshakes in flight
        }
    });
    while let Some((mut stream, _client)) = listener.accept().await {
        tokio::spawn(async move {
            let _ = stream.write_all(b"welcome\n").await; // the client may have left
            stream.close().await;
        });
    }
    Ok(())
}
