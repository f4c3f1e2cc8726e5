//! A server for thousands of clients in one thread, with mio.
//!
//! `cargo run -p lastword-io --example mio` prints where it listens. Then try:
//!
//! ```console
//! $ curl -k https://IP:PORT/
//! $ curl http://IP:PORT/
//! ```
//!
//! The first client prints `welcome!`. The second gets the alert `unexpected_message`, and the server logs
//! it. Each client is in a state: accepting, serving or closing. It is stepped only when its stream is
//! ready or its deadline passes. `--cert FILE --key FILE` sets a certificate of your own.
#![forbid(unsafe_code)]

mod common;

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::time::{Duration, Instant};

use lastword_io::acceptor::{Config, Connection};
use lastword_io::step::{Accept, Close, Step};
use lastword_io::{Drain, TlsAcceptor, Transport};
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use rustls::ServerConfig;

const LISTENER: Token = Token(0);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100); // after an accept error
const TURN: usize = 256 << 10; // the most bytes read from one client in a turn
const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nwelcome!\n";

fn main() -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let config = Config::new(tls)?;
    let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    println!("listening {}", listener.local_addr()?);
    let poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let server = Server {
        acceptor: TlsAcceptor::new(config),
        listener,
        poll,
        clients: HashMap::new(),
        timers: BTreeSet::new(),
        again: Vec::new(),
        last: LISTENER,
    };
    server.run()?;
    Ok(())
}

struct Server {
    acceptor: TlsAcceptor,
    listener: TcpListener,
    poll: Poll,
    clients: HashMap<Token, (TcpStream, State)>,
    /// The deadline of each client, earliest first.
    timers: BTreeSet<(Instant, Token)>,
    /// Clients that have used up their turn. mio does not report them as ready again.
    again: Vec<Token>,
    last: Token,
}

enum State {
    Accepting(Accept),
    Serving(Connection, [u8; 4], Instant),
    Closing(Box<Close>),
}

impl Server {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        loop {
            let next = self.timers.first();
            let left = next.map(|(until, _)| until.saturating_duration_since(Instant::now()));
            let turns = (!self.again.is_empty()).then_some(Duration::ZERO);
            match self.poll.poll(&mut events, turns.or(left)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let mut ready = std::mem::take(&mut self.again);
            ready.extend(events.iter().map(Event::token));
            let now = Instant::now();
            while self.timers.first().is_some_and(|(until, _)| *until <= now) {
                ready.extend(self.timers.pop_first().map(|(_, token)| token));
            }
            for token in ready {
                if token == LISTENER {
                    self.accept(now);
                } else {
                    self.step(token);
                }
            }
        }
    }

    /// Accepts all pending connections.
    fn accept(&mut self, now: Instant) {
        let error = loop {
            match self.listener.accept() {
                Ok((stream, _)) => self.add(stream, now),
                Err(error) => break error,
            }
        };
        if error.kind() != ErrorKind::WouldBlock {
            // no free descriptor, or the client has closed: mio does not report the pending ones
            // again
            eprintln!("accept: {error}");
            self.timers.insert((now + PAUSE, LISTENER));
        }
    }

    fn add(&mut self, mut stream: TcpStream, now: Instant) {
        self.last = Token(self.last.0 + 1);
        // register once for both: mio reports changes, and a step continues until the stream would
        // block
        let both = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        if let Err(error) = registry.register(&mut stream, self.last, both) {
            return eprintln!("register: {error}");
        }
        let accept = self.acceptor.start(now);
        self.keep(self.last, stream, State::Accepting(accept));
    }

    fn keep(&mut self, token: Token, stream: TcpStream, state: State) {
        self.timers.insert((state.deadline(), token));
        self.clients.insert(token, (stream, state));
    }

    /// Steps a client until its stream would block, its turn is used up, or it is over.
    fn step(&mut self, token: Token) {
        let Some((mut stream, state)) = self.clients.remove(&token) else {
            return; // the client ended after it was reported
        };
        self.timers.remove(&(state.deadline(), token));
        let mut turn = Turn(&mut stream, TURN);
        if let Some(state) = state.step(&mut turn) {
            if turn.1 == 0 {
                self.again.push(token);
            }
            self.keep(token, stream, state);
        } else {
            let _ = self.poll.registry().deregister(&mut stream); // cannot fail: it is registered
        }
    }
}

impl State {
    /// Returns the deadline of this state.
    fn deadline(&self) -> Instant {
        match self {
            Self::Accepting(accept) => accept.deadline(),
            Self::Serving(_, _, deadline) => *deadline,
            Self::Closing(close) => close.deadline(),
        }
    }

    /// Steps this state until the stream would block. Returns `None` if the client is over.
    fn step(mut self, turn: &mut Turn<'_>) -> Option<Self> {
        loop {
            self = match self {
                Self::Accepting(accept) => match accept.step(turn) {
                    Step::Reading(accept) | Step::Writing(accept) => {
                        return Some(Self::Accepting(accept));
                    }
                    Step::Over(Ok((connection, ()))) => {
                        Self::Serving(connection, [0; 4], turn.now() + REQUEST_TIMEOUT)
                    }
                    Step::Over(Err(error)) => {
                        eprintln!("{error}"); // the client has its alert
                        return None;
                    }
                },
                Self::Serving(mut connection, mut tail, deadline) => {
                    let served = serve(&mut connection, &mut tail, turn);
                    let waits = served.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                    if waits && turn.now() < deadline {
                        return Some(Self::Serving(connection, tail, deadline));
                    }
                    Self::Closing(Close::new(connection, Drain::default(), turn.now()).into())
                }
                Self::Closing(close) => match close.step(turn) {
                    Step::Reading(close) | Step::Writing(close) => {
                        return Some(Self::Closing(close.into()));
                    }
                    Step::Over(_) => return None,
                },
            };
        }
    }
}

/// Reads the request and queues the reply, which the close writes. The connection holds at most 64
/// KiB, so a longer reply must be written in parts. `tail`: the last bytes of the request.
fn serve(tls: &mut Connection, tail: &mut [u8; 4], turn: &mut Turn<'_>) -> io::Result<()> {
    loop {
        match tls.plaintext() {
            Ok([]) => return Ok(()), // close_notify
            Ok([byte, ..]) => {
                *tail = [tail[1], tail[2], tail[3], *byte];
                tls.consume(1);
                if tail == b"\r\n\r\n" {
                    return tls.write(REPLY).map(drop);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // a record right after the handshake failed: nothing more is read
                if let Some(error) = tls.kept_error() {
                    return Err(io::Error::other(error));
                }
                tls.read_tls(turn)?;
                // if it fails, its alert is queued, and the close writes it
                tls.process().map_err(io::Error::other)?;
            }
            Err(error) => return Err(error), // the end of the stream without a close_notify
        }
    }
}

/// The stream of a client for one step. After a number of bytes it would block, so that a client that
/// sends without end does not delay others.
struct Turn<'a>(&'a mut TcpStream, usize);

impl Transport for Turn<'_> {
    // `read` also would block after the turn, although data has arrived
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Write)
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        self.0.take_error()
    }
}

impl Read for Turn<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.1 == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let read = self.0.read(buf)?;
        self.1 = self.1.saturating_sub(read);
        Ok(read)
    }
}

impl Write for Turn<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    // forwarded, so that a flight is one packet and not one for each record
    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
