//! Established connections that do nothing, beside the clients that are measured.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use lastword_testkit::pki::{ClientProfile, Pki};
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use socket2::{Domain, Socket, Type};

use super::server::NAME;

/// Idle connections. They are closed when this is dropped.
pub(super) struct Idle {
    #[expect(dead_code, reason = "they are kept open")]
    all: Vec<TcpStream>,
}

impl Idle {
    /// Opens connections one after the other, each with a complete handshake.
    pub(super) fn open(count: usize, server: SocketAddr, pki: &Pki) -> io::Result<Self> {
        let profile = ClientProfile {
            alpn: &["http/1.1"],
            ..ClientProfile::DEFAULT
        };
        let config = pki.client_config(&profile);
        let mut all = Vec::with_capacity(count);
        for number in 0..count {
            let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
            let mut tls = ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
            let mut tcp = connect(number, server)?;
            while tls.is_handshaking() || tls.wants_write() {
                tls.complete_io(&mut tcp)?;
            }
            all.push(tcp);
        }
        Ok(Self { all })
    }
}

/// From 16 addresses, since one has too few ports.
fn connect(number: usize, server: SocketAddr) -> io::Result<TcpStream> {
    let [.., low] = number.to_be_bytes();
    let source = SocketAddr::from((Ipv4Addr::new(127, 3, 0, low % 16 + 1), 0));
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&source.into())?;
    socket.connect(&server.into())?;
    let tcp = TcpStream::from(socket);
    tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(tcp)
}
