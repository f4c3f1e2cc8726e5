//! A census of two servers that serve the same page: axum over lastword's listener, and tokio-rustls as
//! its README shows it.
//!
//! `cargo run -p lastword-census --example compare` prints what their clients were told.
#![forbid(unsafe_code)]

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, routing::get};
use lastword_census::{Census, Report};
use lastword_tokio::acceptor::{Config, encrypted_alerts};
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The timeout of a handshake in both servers. It is shorter than that of the clients.
const TIMEOUT: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("axum over lastword\n\n{}", census(lastword().await?).await?);
    println!("\ntokio-rustls\n\n{}", census(tokio_rustls().await?).await?);
    Ok(())
}

/// The census waits for its clients, so it has a thread of its own.
pub(crate) async fn census(address: SocketAddr) -> Result<Report, Box<dyn Error>> {
    Ok(spawn_blocking(move || Census::new(address).run()).await??)
}

/// Starts axum over a listener, with encrypted alerts.
pub(crate) async fn lastword() -> Result<SocketAddr, Box<dyn Error>> {
    lastword_with(tls(true, None)?).await
}

pub(crate) async fn lastword_with(tls: Arc<ServerConfig>) -> Result<SocketAddr, Box<dyn Error>> {
    let acceptor = TlsAcceptor::new(Config::new(tls)?).with_timeout(TIMEOUT);
    let options = ListenerOptions::default();
    let listener = Listener::bind("127.0.0.1:0", acceptor, options).await?;
    let address = listener.local_addr().ok_or("no address")?;
    let router = Router::new().route("/", get("welcome\n"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Starts a loop that accepts with tokio-rustls, and drops the clients that fail.
pub(crate) async fn tokio_rustls() -> Result<SocketAddr, Box<dyn Error>> {
    let acceptor = tokio_rustls::TlsAcceptor::from(tls(false, None)?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = timeout(TIMEOUT, acceptor.accept(stream)).await??;
                stream
                    .write_all(b"HTTP/1.0 200 OK\r\n\r\nwelcome\n")
                    .await?;
                stream.shutdown().await
            });
        }
    });
    Ok(address)
}

/// A server with a certificate that is made here.
pub(crate) fn tls(
    encrypts_alerts: bool,
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<Arc<ServerConfig>, Box<dyn Error>> {
    let mut provider = ring::default_provider();
    if encrypts_alerts {
        provider = encrypted_alerts(provider);
    }
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = own.signing_key.serialize_der().try_into()?;
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_protocol_versions(rustls::ALL_VERSIONS)?
        .with_client_cert_verifier(clients.unwrap_or_else(WebPkiClientVerifier::no_client_auth))
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    Ok(config.into())
}
