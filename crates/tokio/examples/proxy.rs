//! A server that gets its clients from a load balancer, and their addresses from the PROXY protocol.
//!
//! `cargo run -p lastword-tokio --example proxy` prints where it listens. Then try:
//!
//! ```console
//! $ curl -k --haproxy-protocol https://IP:PORT/
//! $ curl -k https://IP:PORT/
//! ```
//!
//! The first client prints its own address and that of the balancer, which is curl too. The second sends
//! no header. It gets the alert `decode_error`, and the server logs it. `--cert FILE --key FILE` sets a
//! certificate of your own. Ctrl-C ends the server.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::time::Duration;

use lastword_tokio::acceptor::Config;
use lastword_tokio::listener::ProxyProtocol;
use lastword_tokio::{Addresses, Listener, ListenerOptions, TlsStream};
use rustls::ServerConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // in your server, the networks of your balancers
    let balancers = ProxyProtocol::from_networks(["127.0.0.0/8".parse()?, "::1".parse()?]);
    let options = ListenerOptions::default()
        .with_proxy_protocol(balancers)
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let mut listener = Listener::bind("127.0.0.1:0", Config::new(tls)?, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }
    let handle = listener.shutdown_handle();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            handle.shutdown(Duration::from_secs(10)); // for the handshakes in flight
        }
    });
    while let Some((stream, client)) = listener.accept().await {
        tokio::spawn(greet(stream, client));
    }
    Ok(())
}

async fn greet(mut stream: TlsStream<TcpStream>, client: Addresses) {
    let mut text = format!("HTTP/1.0 200 OK\r\n\r\nwelcome, {client}");
    if let Some(balancer) = client.proxy_addr() {
        text += &format!(", by way of {balancer}");
    }
    text += "\n";
    let _ = stream.write_all(text.as_bytes()).await; // the client may have left
    stream.close().await;
}
