//! A server on the accept path of rustls's `Acceptor`, blocking.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::StreamOwned;
use rustls::server::Acceptor;

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
    let mut acceptor = Acceptor::default();
    let accepted = loop {
        acceptor.read_tls(&mut &tcp)?;
        if let Some(accepted) = acceptor.accept().map_err(|(error, _)| io::Error::other(error))? {
            break accepted;
        }
    };
    let config = choose_server_config(&sites, accepted.client_hello().server_name());
    let conn = accepted.into_connection(config).map_err(|(error, _)| io::Error::other(error))?;
    let mut stream = StreamOwned::new(conn, tcp);
    stream.write_all(b"hello\n")?;
    stream.flush()
}
