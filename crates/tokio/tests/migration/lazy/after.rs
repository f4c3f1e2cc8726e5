//! A server on the accept path of rustls's `Acceptor`, blocking.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use lastword_tokio::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

#[derive(Clone)]
pub(crate) struct Sites {
    pub(crate) by_name: Arc<HashMap<String, Arc<ServerConfig>>>,
    pub(crate) fallback: Arc<ServerConfig>,
}

impl Sites {
    fn find(&self, name: Option<&str>) -> Arc<ServerConfig> {
        let site = name.and_then(|name| self.by_name.get(name));
        site.unwrap_or(&self.fallback).clone()
    }
}

pub(crate) async fn serve(listener: TcpListener, sites: Sites) -> io::Result<()> {
    loop {
        let (tcp, peer) = listener.accept().await?;
        let greeting = greet(tcp, sites.clone());
        tokio::spawn(async move {
            if let Err(error) = greeting.await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn greet(tcp: TcpStream, sites: Sites) -> io::Result<()> {
    let start = TlsAcceptor::choosing(move |client| Ok(sites.find(client.server_name())));
    let mut stream = start.accept(tcp).await?;
    stream.write_all(b"hello\n").await?;
    stream.shutdown().await
}
