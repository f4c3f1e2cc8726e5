//! The clients: each comes, is served or refused, and goes once the server has closed.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// What clients come for.
pub(crate) enum Comes {
    /// A whole handshake.
    Handshakes(Arc<ClientConfig>),
    /// Sending these bytes and reading the answer.
    Sends(Vec<u8>),
}

/// One client. What it is told is no matter here, nor whether its connection is reset.
pub(crate) fn comes(how: &Comes, address: SocketAddr) {
    let mut tcp = TcpStream::connect(address).expect("it listens");
    tcp.set_nodelay(true).expect("it is a socket");
    let mut answer = Vec::new();
    match how {
        Comes::Sends(bytes) => {
            let _ = tcp.write_all(bytes);
            let _ = tcp.read_to_end(&mut answer);
            let _ = tcp.shutdown(Shutdown::Both);
        }
        Comes::Handshakes(config) => {
            let name = "localhost".try_into().expect("it is a name");
            let connection = ClientConnection::new(Arc::clone(config), name);
            let connection = connection.expect("it is a configuration");
            let _ = StreamOwned::new(connection, tcp).read_to_end(&mut answer);
        }
    }
}
