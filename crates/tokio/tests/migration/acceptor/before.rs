//! A server on the accept path of rustls's `Acceptor`, blocking.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncWriteExt, copy, split};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(crate) async fn serve(
    listener: TcpListener,
    certs: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> io::Result<()> {
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certs, key)
        .map_err(io::Error::other)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    loop {
        let (stream, peer_addr) = listener.accept().await?;
        let acceptor = acceptor.clone();
        let echo = async move {
            let mut stream = acceptor.accept(stream).await?;
            let (mut reader, mut writer) = split(&mut stream);
            let bytes = copy(&mut reader, &mut writer).await?;
            writer.flush().await?;
            stream.shutdown().await?;
            println!("{peer_addr}: {bytes} bytes");
            Ok(()) as io::Result<()>
        };
        tokio::spawn(async move {
            if let Err(err) = echo.await {
                eprintln!("{peer_addr}: {err}");
            }
        });
    }
}
