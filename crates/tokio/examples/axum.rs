//! axum over a listener: a handler that shows its TLS connection, and a graceful shutdown.
//!
//! `cargo run -p lastword-tokio --example axum` prints where it listens. Then try:
//!
//! ```console
//! $ curl -k --http1.1 https://IP:PORT/
//! $ curl -k --http2 --connect-to localhost::IP:PORT https://localhost/
//! $ curl http://IP:PORT/
//! $ openssl s_client -alpn smtp -connect IP:PORT
//! ```
//!
//! The last two clients get the alerts `unexpected_message` and `no_application_protocol`, and the
//! server logs both. `--cert FILE --key FILE` sets a certificate of your own. With `--clients FILE`, the
//! authority of the clients, a client may send a certificate too. Ctrl-C ends the server.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Router, routing::get};
use lastword_tokio::acceptor::Config;
use lastword_tokio::axum::TlsInfo;
use lastword_tokio::{Incoming, Listener, ListenerOptions, TlsAcceptor};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::new(tls()?)?;
    // the value of the chooser, here the ClientHello: the handler gets it in `TlsInfo`
    let acceptor = TlsAcceptor::choosing(move |incoming| Ok((config.clone(), incoming)));
    let options = ListenerOptions::default()
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let listener = Listener::bind("127.0.0.1:0", acceptor, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }

    let handle = listener.shutdown_handle();
    let router = Router::new().route("/", get(welcome));
    let service = router.into_make_service_with_connect_info::<TlsInfo<Incoming>>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = ctrl_c().await;
            handle.shutdown(Duration::from_secs(10)); // for the handshakes in flight
            handle.finished().await; // until then axum accepts the handshakes that succeed
        })
        .await?;
    Ok(())
}

async fn welcome(ConnectInfo(tls): ConnectInfo<TlsInfo<Incoming>>) -> String {
    let mut text = format!("welcome, {}", tls.addresses());
    if let Some(alpn) = tls.alpn_protocol() {
        text += &format!(", over {}", alpn.escape_ascii());
    }
    if let Some(name) = tls.server_name() {
        text += &format!(", to {name}");
    }
    if let Some([certificate, ..]) = tls.peer_certificates() {
        text += &format!(", with a certificate of {} bytes", certificate.len());
    }
    text += &format!(", JA4 {}\n", tls.value().client_hello().ja4());
    text
}

const ALPN: [&str; 2] = ["h2", "http/1.1"];

fn tls() -> Result<Arc<ServerConfig>, Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let builder = match common::option("--clients") {
        None => ServerConfig::builder().with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(file)?)?;
            let verifier = WebPkiClientVerifier::builder(roots.into()).allow_unauthenticated();
            ServerConfig::builder().with_client_cert_verifier(verifier.build()?)
        }
    };
    let mut tls = builder.with_single_cert(chain, key)?;
    tls.alpn_protocols = ALPN.map(|name| name.as_bytes().to_vec()).into();
    Ok(tls.into())
}
