//! The blocking servers under test, and what they note of each client.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lastword::io::{TlsAcceptor, TlsStream};
use lastword::{Config, ErrorKind, Rejection};
use lastword_testkit::catalogue::{Names, ServerProfile};
use lastword_testkit::pki::Pki;
use rustls::ServerConfig;
use rustls::server::NoServerSessionStorage;

use super::notes::{End, Notes};
use crate::failure::Failure;

/// The timeout of a handshake, instead of the profile's. It is long enough for a good client among
/// thousands. Linux's timers are less exact the longer they run. With this time they are at most 6
/// % late, at 100, 250, 300 or 1000 ticks a second.
pub(super) const DEADLINE: Duration = Duration::from_secs(4);

/// The timeout for the request of a client, after its handshake.
const PATIENCE: Duration = Duration::from_secs(10);

const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A server with a thread for each client.
struct Server {
    acceptor: TlsAcceptor,
    notes: Arc<Notes>,
}

/// Starts a server, which runs until the process ends. Returns its address.
pub(super) fn start(
    profile: ServerProfile,
    pki: &Pki,
    notes: &Arc<Notes>,
) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::listen)?;
    let address = listener.local_addr().map_err(Failure::listen)?;
    let config = Config::new(forgetful(&pki.server_config(&profile))).map_err(Failure::config)?;
    let server = Arc::new(Server {
        acceptor: acceptor(profile, config).with_timeout(DEADLINE),
        notes: Arc::clone(notes),
    });
    thread::spawn(move || {
        for stream in listener.incoming() {
            server.take(stream);
        }
    });
    Ok(address)
}

/// Accepts the clients that the profile serves.
fn acceptor(profile: ServerProfile, config: Config) -> TlsAcceptor {
    match (profile.names, profile.refuses) {
        (Names::Any, None) => TlsAcceptor::new(config),
        _ => TlsAcceptor::choosing(
            move |incoming| match profile.refusal(incoming.server_name()) {
                None => Ok(config.clone()),
                Some(alert) => Err(Rejection::new(alert, "by policy")),
            },
        ),
    }
}

impl Server {
    fn take(self: &Arc<Self>, stream: io::Result<TcpStream>) {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => return self.notes.fault(format!("accept: {error}")),
        };
        self.notes.begin();
        let server = Arc::clone(self);
        let client = thread::Builder::new().spawn(move || {
            let end = server.client(stream);
            server.notes.end(end);
        });
        if let Err(error) = client {
            self.notes.end(End::Left);
            self.notes.fault(format!("no thread for a client: {error}"));
        }
    }

    fn client(&self, stream: TcpStream) -> End {
        let start = Instant::now();
        match self.acceptor.accept(stream) {
            Ok(mut stream) => {
                // what fails from here on the client notices too
                let _ = reply(&mut stream);
                let _ = stream.close();
                End::Served
            }
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut) => {
                End::TimedOut(error.elapsed())
            }
            Err(error) if error.alert().is_some() => {
                End::Refused(start.elapsed(), error.delivery())
            }
            Err(_) => End::Left,
        }
    }
}

/// Reads a request to its empty line and answers it in one record.
fn reply(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    stream.get_ref().0.set_read_timeout(Some(PATIENCE))?;
    let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => request.extend_from_slice(buffer.get(..n).unwrap_or_default()),
        }
    }
    stream.write_all(REPLY)
}

/// Returns the same configuration without a session store. Stored sessions would count as a leak.
pub(crate) fn forgetful(config: &ServerConfig) -> ServerConfig {
    let mut config = config.clone();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config
}
