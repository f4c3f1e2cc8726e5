//! Good clients, which are not half open: what each does, and how many are served in a second.

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, version::TLS13};

use super::process::Process;
use super::style::REPLY;
use crate::failure::Failure;

/// The number of good clients at a time.
const AT_A_TIME: usize = 8;

/// The alert for a client that speaks another protocol.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

/// The timeout of a client for each answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visit {
    /// It completes a full handshake of TLS 1.3 and is served.
    Handshake,
    /// It speaks HTTP and is refused.
    Refusal,
}

impl Visit {
    pub(super) const ALL: [Self; 2] = [Self::Handshake, Self::Refusal];
}

impl fmt::Display for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "handshake",
            Self::Refusal => "refusal",
        })
    }
}

/// Clients of one server, which all do the same.
pub(super) struct Good {
    server: SocketAddr,
    visit: Visit,
    config: Arc<ClientConfig>,
}

/// The number of clients that were served, the time, and the processor time of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Served {
    pub(super) clients: usize,
    pub(super) took: Duration,
    pub(super) work: Duration,
}

impl Served {
    /// The number of clients in a second.
    pub(super) fn rate(&self) -> f64 {
        self.clients as f64 / self.took.as_secs_f64()
    }
}

impl Good {
    pub(super) fn new(server: &Process, visit: Visit) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        roots
            .add(server.authority.clone())
            .map_err(Failure::config)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(Failure::config)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            server: server.address,
            visit,
            config: Arc::new(config),
        })
    }

    /// Sends clients for this time, a few at a time.
    pub(super) fn come(&self, time: Duration, server: &mut Process) -> Result<Served, Failure> {
        let before = server.reading()?.processor;
        let start = Instant::now();
        let served = thread::scope(|scope| {
            let clients = [(); AT_A_TIME].map(|()| scope.spawn(|| self.until(start + time)));
            let panicked = |_| Err(io::Error::other("it panicked"));
            let counts = clients.map(|client| client.join().unwrap_or_else(panicked));
            counts.into_iter().sum::<io::Result<usize>>()
        });
        let took = start.elapsed();
        let hundredths = server.reading()?.processor - before;
        Ok(Served {
            clients: served.map_err(|source| Failure::Client { source })?,
            took,
            work: Duration::from_millis(10) * u32::try_from(hundredths).unwrap_or(u32::MAX),
        })
    }

    fn until(&self, until: Instant) -> io::Result<usize> {
        let mut served = 0;
        while Instant::now() < until {
            match self.visit {
                Visit::Handshake => self.client()?,
                Visit::Refusal => self.refused()?,
            }
            served += 1;
        }
        Ok(served)
    }

    /// A handshake, a byte, and an orderly close that the server begins.
    fn client(&self) -> io::Result<()> {
        let tcp = TcpStream::connect(self.server)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        tcp.set_nodelay(true)?;
        let name = ServerName::from(self.server.ip());
        let connection = ClientConnection::new(Arc::clone(&self.config), name);
        let mut stream = StreamOwned::new(connection.map_err(io::Error::other)?, tcp);
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply)?;
        stream.conn.send_close_notify();
        stream.flush()?;
        // the server has closed its side, too
        match stream.sock.read(&mut [0])? {
            0 if reply == REPLY => Ok(()),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    /// Another protocol, the alert, and the end of the stream.
    fn refused(&self) -> io::Result<()> {
        let mut tcp = TcpStream::connect(self.server)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        tcp.write_all(b"GET / HTTP/1.1\r\n\r\n")?;
        let mut told = Vec::new();
        tcp.read_to_end(&mut told)?;
        if told == UNEXPECTED_MESSAGE {
            Ok(())
        } else {
            Err(ErrorKind::InvalidData.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use lastword_testkit::catalogue::ServerProfile;
    use lastword_testkit::pki::{ClientProfile, Pki};
    use rustls::ServerConnection;

    use super::*;

    /// Runs a good client of this server.
    fn came(server: impl FnOnce(TcpStream, &Pki) + Send + 'static) -> io::Error {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let pki = Pki::new();
        let good = Good {
            server: listener.local_addr().unwrap(),
            visit: Visit::Handshake,
            config: pki.client_config(&ClientProfile::DEFAULT),
        };
        let server = thread::spawn(move || server(listener.accept().unwrap().0, &pki));
        let error = good.until(Instant::now() + PATIENCE).unwrap_err();
        server.join().unwrap();
        error
    }

    #[test]
    fn a_client_that_is_not_served_does_not_count() {
        let error = came(|mut tcp, _| assert!(tcp.read(&mut [0; 4096]).unwrap() > 0));
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_client_that_gets_another_reply_does_not_count() {
        let error = came(|tcp, pki| {
            let config = pki.server_config(&ServerProfile::DEFAULT);
            let connection = ServerConnection::new(config).unwrap();
            let mut stream = StreamOwned::new(connection, tcp);
            stream.write_all(b"?").unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        });
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }
}
