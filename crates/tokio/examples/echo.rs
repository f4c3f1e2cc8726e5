//! An echo server without HTTP: it chooses the configuration by the server name and closes in order.
//!
//! `cargo run -p lastword-tokio --example echo` prints where it listens. Then try:
//!
//! ```console
//! $ openssl s_client -quiet -servername localhost -connect IP:PORT
//! $ openssl s_client -quiet -servername elsewhere.test -connect IP:PORT
//! $ openssl s_client -quiet -noservername -connect IP:PORT
//! ```
//!
//! The first client reads back what it sends. The others get the alerts `unrecognized_name` and
//! `missing_extension`, and the server logs both. Ctrl-C ends the server.
//! `--cert FILE --key FILE` sets a certificate of your own.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::time::Duration;

use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor, TlsStream};
use rustls::ServerConfig;
use tokio::io::{copy, split};
use tokio::net::TcpStream;
use tokio::select;
use tokio::signal::ctrl_c;
use tokio::sync::watch;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let config = Config::new(tls)?; // in your server, one for each name
    let acceptor = TlsAcceptor::choosing(move |client| match client.server_name() {
        Some("localhost" | "example.test") => Ok(config.clone()),
        Some(_) => Err(Rejection::unrecognized_name()),
        None => Err(Rejection::missing_server_name()),
    });
    let options = ListenerOptions::default()
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"));
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
    let (end, _) = watch::channel(());
    while let Some((stream, _client)) = listener.accept().await {
        tokio::spawn(echo(stream, end.subscribe()));
    }
    end.send_replace(());
    end.closed().await; // each client gets its close_notify
    Ok(())
}

/// Sends back what the client sends, until the client closes or the server ends.
async fn echo(mut tls: TlsStream<TcpStream>, mut ended: watch::Receiver<()>) {
    let (mut reader, mut writer) = split(&mut tls);
    select! {
        _ = copy(&mut reader, &mut writer) => {}
        _ = ended.changed() => {}
    }
    tls.close().await;
}
