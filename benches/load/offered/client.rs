//! A client: it connects, sends its script and reads until it knows how it fared.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lastword_testkit::wire::records;
use mio::net::TcpStream;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Error};
use socket2::{Domain, Protocol, Socket, Type};

use super::kind::{HOLD, Kind, Then};
use super::server::{NAME, TIMEOUT};

/// The longest time that a client waits, from its intended arrival. It is longer than the timeout of
/// a handshake and the drain after it.
const PATIENCE: Duration = TIMEOUT
    .saturating_mul(2)
    .saturating_add(Duration::from_secs(1));

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// What all clients of a kind send.
pub(super) enum Plan {
    Tls {
        config: Arc<ClientConfig>,
        upload: usize,
    },
    Raw {
        bytes: Vec<u8>,
        pace: Option<(usize, Duration)>,
        then: Then,
    },
}

/// A client in progress.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    pub(super) kind: Kind,
    pub(super) intended: Instant,
    pub(super) wakes: Instant,
    deadline: Instant,
    plan: Arc<Plan>,
    tls: Option<Box<ClientConnection>>,
    sent: usize,
    is_shut: bool,
    received: Vec<u8>,
    replied: Option<Instant>,
    told: bool,
}

/// How a client fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fared {
    /// When the reply came.
    pub(super) replied: Option<Instant>,
    /// Whether an alert came that is not `close_notify`, or a reply in plaintext.
    pub(super) told: bool,
    pub(super) reset: bool,
    /// Whether its time was up before the server closed.
    pub(super) gave_up: bool,
}

/// Connects from `source`. The connection is in progress when this returns.
fn connect(source: SocketAddr, server: SocketAddr, small: bool) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if small {
        socket.set_recv_buffer_size(1)?; // the system's minimum
    }
    socket.bind(&source.into())?;
    match socket.connect(&server.into()) {
        // EINPROGRESS
        Err(error) if error.raw_os_error() != Some(115) => Err(error),
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}

impl Client {
    pub(super) fn connect(
        (source, server): (SocketAddr, SocketAddr),
        kind: Kind,
        plan: &Arc<Plan>,
        intended: Instant,
    ) -> io::Result<Self> {
        let tls = match &**plan {
            Plan::Tls { config, .. } => {
                let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
                let tls = ClientConnection::new(Arc::clone(config), name);
                Some(Box::new(tls.map_err(io::Error::other)?))
            }
            Plan::Raw { .. } => None,
        };
        let patience = match &**plan {
            Plan::Raw {
                then: Then::Hold, ..
            } => HOLD,
            _ => PATIENCE,
        };
        Ok(Self {
            stream: connect(source, server, kind == Kind::NeverReads)?,
            kind,
            intended,
            wakes: intended + patience,
            deadline: intended + patience,
            plan: Arc::clone(plan),
            tls,
            sent: 0,
            is_shut: false,
            received: Vec::new(),
            replied: None,
            told: false,
        })
    }

    /// Goes on until the stream would block. Returns how the client fared, once it is over.
    pub(super) fn step(&mut self, now: Instant) -> Option<Fared> {
        let plan = Arc::clone(&self.plan);
        let stepped = match &*plan {
            Plan::Tls { upload, .. } => self.tls(*upload),
            Plan::Raw { bytes, pace, then } => self.raw(bytes, *pace, *then, now),
        };
        match stepped {
            Ok(()) => Some(self.fared(false, false)),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::NotConnected if now < self.deadline => None,
                ErrorKind::WouldBlock | ErrorKind::NotConnected => Some(self.fared(false, true)),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Some(self.fared(true, false)),
                _ => Some(self.fared(false, false)),
            },
        }
    }

    fn fared(&self, reset: bool, gave_up: bool) -> Fared {
        Fared {
            replied: self.replied,
            told: self.told || is_told(&self.received),
            reset,
            gave_up,
        }
    }

    /// A TLS handshake, a request and its reply, or an upload, until the server closes.
    fn tls(&mut self, upload: usize) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            return Ok(());
        };
        let (request, times) = match upload {
            0 => (REQUEST, 1),
            bytes => (&[b'a'; 1024][..], bytes / 1024),
        };
        loop {
            while self.sent < times && !tls.is_handshaking() && !tls.wants_write() {
                tls.writer().write_all(request)?;
                self.sent += 1;
            }
            while tls.wants_write() {
                match tls.write_tls(&mut self.stream) {
                    Ok(_) => {}
                    // the alert may be there to read
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return self.after_reset(error),
                }
            }
            if self.sent < times && !tls.is_handshaking() && !tls.wants_write() {
                continue;
            }
            let read = tls.read_tls(&mut self.stream)?;
            match tls.process_new_packets() {
                Ok(_) => {}
                Err(Error::AlertReceived(_)) => {
                    self.told = true;
                    return self.read_to_end();
                }
                Err(error) => return Err(io::Error::other(error)),
            }
            let mut plain = [0; 1024];
            match tls.reader().read(&mut plain) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    self.received.extend_from_slice(&plain[..n]);
                    if self.replied.is_none() && has_reply(&self.received) {
                        self.replied = Some(Instant::now());
                        self.received.clear();
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // the end of the stream without close_notify
                Err(_) => return Ok(()),
            }
            if read == 0 {
                return Ok(());
            }
        }
    }

    /// Reads what came before the reset, to know whether an alert was in it.
    fn after_reset(&mut self, error: io::Error) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            while matches!(tls.read_tls(&mut self.stream), Ok(1..)) {
                if let Err(Error::AlertReceived(_)) = tls.process_new_packets() {
                    self.told = true;
                }
            }
        }
        Err(error)
    }

    fn raw(
        &mut self,
        bytes: &[u8],
        pace: Option<(usize, Duration)>,
        then: Then,
        now: Instant,
    ) -> io::Result<()> {
        while self.sent < bytes.len() {
            let piece = pace.map_or(bytes.len(), |(piece, _)| piece);
            if self.sent > 0 && pace.is_some() && now < self.wakes {
                break; // woken by the stream
            }
            let end = bytes.len().min(self.sent + piece);
            match self.stream.write(&bytes[self.sent..end]) {
                Ok(n) => self.sent += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.read_all().and(Err(error)),
            }
            if let Some((_, pause)) = pace {
                self.wakes = self.deadline.min(now + pause);
                break;
            }
        }
        if self.sent < bytes.len() {
            return self.read_all();
        }
        self.wakes = self.deadline;
        match then {
            Then::Close | Then::Reset => {
                self.stream.peer_addr()?; // until it is connected
                if then == Then::Reset {
                    let socket = socket2::SockRef::from(&self.stream);
                    socket.set_linger(Some(Duration::ZERO))?;
                }
                Ok(())
            }
            Then::Hold => Err(ErrorKind::WouldBlock.into()),
            Then::CloseOnceAnswered => self.stream.read(&mut [0; 4096]).map(drop),
            Then::ShutWrite if !self.is_shut => {
                self.stream.shutdown(Shutdown::Write)?;
                self.is_shut = true;
                self.read_all()
            }
            Then::Read | Then::ShutWrite => self.read_all(),
        }
    }

    /// Reads to the end of the stream, or until it would block.
    fn read_all(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) if self.received.len() < 1 << 16 => {
                    self.received.extend_from_slice(&buffer[..n]);
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads to the end of the stream after an alert. A client that knows it failed closes then.
    fn read_to_end(&mut self) -> io::Result<()> {
        match self.read_all() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            ended => ended,
        }
    }
}

/// Whether the client was told: by a record that is an alert other than `close_notify`, or by a reply in
/// plaintext.
fn is_told(received: &[u8]) -> bool {
    if received.starts_with(b"HTTP/1.") {
        return true;
    }
    let is_alert = |record: &&[u8]| matches!(record, [21, _, _, 0, 2, _, alert] if *alert != 0);
    records(received).iter().any(is_alert)
}

/// Whether the head of a reply is complete.
fn has_reply(received: &[u8]) -> bool {
    received.starts_with(b"HTTP/1.") && received.windows(4).any(|four| four == b"\r\n\r\n")
}
