//! A server on the accept path of rustls's `Acceptor`, blocking.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use lastword_io::TlsAcceptor;
use rustls::ServerConfig;

pub(crate) type Sites = HashMap<String, Arc<ServerConfig>>;

fn choose_server_config(sites: &Sites, name: Option<&str>) -> Arc<ServerConfig> {
    sites[name.unwrap_or("localhost")].clone()
}

pub(crate) fn serve(listener: &TcpListener, sites: &Arc<Sites>) -> io::Result<()> {
    for stream in listener.incoming() {
        if let Err(error) = greet(stream?, Arc::clone(sites)) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

fn greet(tcp: TcpStream, sites: Arc<Sites>) -> io::Result<()> {
    let acceptor = TlsAcceptor::choosing(move |client| Ok(choose_server_config(&sites, client.server_name())));
    let mut stream = acceptor.accept(tcp)?;
    stream.write_all(b"hello\n")?;
    stream.flush()
}
