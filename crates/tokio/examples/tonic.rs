//! gRPC with tonic over a listener, with client certificates.
//!
//! `cargo run -p lastword-tokio --example tonic` prints where it listens. Then ask it for its health:
//!
//! ```console
//! $ printf '\0\0\0\0\0' | curl -k --http2 -H 'content-type: application/grpc' -H 'te: trailers' \
//!     --data-binary @- https://IP:PORT/grpc.health.v1.Health/Check | xxd
//! ```
//!
//! It prints `0000 0000 0208 01`: a message of two bytes that says SERVING. `--cert FILE --key FILE` sets
//! a certificate of your own. With `--clients FILE`, the authority of the clients, each client must have
//! a certificate, and the server logs it. Ctrl-C ends the server.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lastword_tokio::acceptor::Config;
use lastword_tokio::axum::TlsInfo; // tonic is built on axum
use lastword_tokio::{Listener, ListenerOptions, TlsStream};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::signal::ctrl_c;
use tokio_stream::StreamExt;
use tonic::service::InterceptorLayer;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic::{Request, Status};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::new(tls()?)?;
    let options =
        ListenerOptions::default().on_failure(|client, error| eprintln!("{client}: {error}")); // the client has its alert
    let listener = Listener::bind("127.0.0.1:0", config, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }
    let handle = listener.shutdown_handle();
    let incoming = listener.map(|stream| Ok::<_, io::Error>(Client(stream?)));
    let (_reporter, health) = tonic_health::server::health_reporter();
    Server::builder()
        .layer(InterceptorLayer::new(log))
        .add_service(health)
        .serve_with_incoming_shutdown(incoming, async move {
            let _ = ctrl_c().await;
            handle.shutdown(Duration::from_secs(10)); // for the handshakes in flight
            handle.finished().await; // until then tonic accepts the handshakes that succeed
        })
        .await?;
    Ok(())
}

/// Logs the client of a request, if it has a certificate.
fn log(request: Request<()>) -> Result<Request<()>, Status> {
    let tls = request.extensions().get::<TlsInfo>();
    let tls = tls.ok_or_else(|| Status::internal("not TLS"))?;
    if let (Some([own, ..]), Some(client)) = (tls.peer_certificates(), tls.addresses().peer) {
        eprintln!("{client}: asks with a certificate of {} bytes", own.len());
    }
    Ok(request)
}

/// A connection for tonic, which adds its details to the extensions of each request.
struct Client(TlsStream<TcpStream>);

impl Connected for Client {
    type ConnectInfo = TlsInfo;

    fn connect_info(&self) -> TlsInfo {
        TlsInfo::new(&self.0)
    }
}

impl AsyncRead for Client {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Client {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

fn tls() -> Result<ServerConfig, Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let builder = match common::option("--clients") {
        None => ServerConfig::builder().with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(file)?)?;
            let verifier = WebPkiClientVerifier::builder(roots.into());
            ServerConfig::builder().with_client_cert_verifier(verifier.build()?)
        }
    };
    let mut tls = builder.with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec()];
    Ok(tls)
}
