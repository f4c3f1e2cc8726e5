//! axum over a listener: what a handler may know of the TLS connection, a graceful end.
//!
//! `cargo run -p lastword-tokio --example axum` prints where it listens; then try it:
//!
//! ```console
//! $ curl -k --http1.1 https://IP:PORT/
//! $ curl -k --http2 --connect-to localhost::IP:PORT https://localhost/
//! $ curl http://IP:PORT/
//! $ openssl s_client -alpn smtp -connect IP:PORT
//! ```
//!
//! The last two are told `unexpected message` and `no application protocol`, and the server says so
//! too. With the names of three files in PEM as arguments, a certificate, its key, and the authority
//! of clients, a client may show a certificate too. Ctrl-c ends it.
#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::serve::IncomingStream;
use axum::{Router, routing::get};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = ListenerOptions::default()
        .on_failure(|peer, failure| eprintln!("{peer}: {failure}")) // it has been told
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let listener = Listener::bind("127.0.0.1:0", Config::new(tls()?)?, options).await?;
    println!("listening {}", listener.local_addr());

    let closer = listener.closer();
    let router = Router::new().route("/", get(welcome));
    let service = router.into_make_service_with_connect_info::<TlsInfo>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = ctrl_c().await;
            closer.close(Duration::from_secs(10)); // for the handshakes that are under way
            closer.finished().await; // until then axum takes those that succeed
        })
        .await?;
    Ok(())
}

async fn welcome(ConnectInfo(info): ConnectInfo<TlsInfo>) -> String {
    format!("welcome, {info}\n")
}

/// What a handler may know of the TLS connection.
#[derive(Clone, Debug)]
struct TlsInfo {
    peer: SocketAddr,
    server_name: Option<String>,
    alpn: Option<Vec<u8>>,
    certificate: Option<CertificateDer<'static>>,
}

impl Connected<IncomingStream<'_, Listener>> for TlsInfo {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        let (_tcp, tls) = stream.io().get_ref();
        let chain = tls.peer_certificates();
        Self {
            peer: *stream.remote_addr(),
            server_name: tls.server_name().map(str::to_owned),
            alpn: tls.alpn_protocol().map(<[u8]>::to_owned),
            certificate: chain.and_then(|chain| chain.first().cloned()),
        }
    }
}

impl fmt::Display for TlsInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.peer)?;
        if let Some(alpn) = &self.alpn {
            write!(f, ", over {}", alpn.escape_ascii())?;
        }
        if let Some(name) = &self.server_name {
            write!(f, ", to {name}")?;
        }
        match &self.certificate {
            Some(certificate) => write!(f, ", with a certificate of {} bytes", certificate.len()),
            None => Ok(()),
        }
    }
}

const ALPN: [&str; 2] = ["h2", "http/1.1"];

/// With the certificates of the files that the arguments name, or the testkit's.
fn tls() -> Result<Arc<ServerConfig>, Box<dyn Error>> {
    let files: Vec<String> = env::args().skip(1).collect();
    let [chain, key, clients] = &files[..] else {
        return Ok(Pki::new().server_config(&ServerProfile {
            alpn: &ALPN,
            client_auth: ClientAuth::Optional,
            ..ServerProfile::DEFAULT
        }));
    };
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<_, _>>()?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(clients)?)?;
    let verifier = WebPkiClientVerifier::builder(roots.into());
    let mut tls = ServerConfig::builder()
        .with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    tls.alpn_protocols = ALPN.map(|name| name.as_bytes().to_vec()).into();
    Ok(tls.into())
}
