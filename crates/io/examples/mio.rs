//! A server that takes thousands of clients in one thread, over mio: what it does when.
//!
//! `cargo run -p lastword-io --example mio` prints where it listens; then try it with `curl -k`.
//! Each client is a small state: accepting, serving, closing. It is stepped when its stream is
//! ready, when its deadline passes, and at no other time.
#![forbid(unsafe_code)]

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::time::{Duration, Instant};

use lastword_io::acceptor::Config;
use lastword_io::{Accept, Close, Closing, Direct, Drain, Options, Progress, Transport};
use lastword_testkit::{catalogue::ServerProfile, pki::Pki};
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use rustls::ServerConnection;

const LISTENER: Token = Token(0);
/// How long a client may take for its request and the reply.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much is read of one client before it is the turn of the others.
const TURN: usize = 256 << 10;
const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nwelcome!\n";

fn main() -> io::Result<()> {
    // a server of yours has a certificate of its own
    let config = Config::new(Pki::new().server_config(&ServerProfile::DEFAULT));
    let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    println!("listening {}", listener.local_addr()?);
    let poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let server = Server {
        config,
        options: Options::default(),
        listener,
        poll,
        clients: HashMap::new(),
        timers: BTreeSet::new(),
        again: Vec::new(),
        last: LISTENER,
    };
    server.run()
}

struct Server {
    config: Config,
    options: Options,
    listener: TcpListener,
    poll: Poll,
    clients: HashMap<Token, Client>,
    /// When each client must be stepped at the latest, the next one first.
    timers: BTreeSet<(Instant, Token)>,
    /// Those that have used up their turn: mio does not say again that they are ready.
    again: Vec<Token>,
    last: Token,
}

struct Client {
    stream: TcpStream,
    state: State,
    until: Instant,
}

enum State {
    Accepting(Accept<Direct>),
    Serving(Box<ServerConnection>, Request, Instant),
    Closing(Box<Close>),
}

impl Server {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        loop {
            let until = self.timers.first().map(|(until, _)| *until);
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let timeout = match self.again.is_empty() {
                true => left,
                false => Some(Duration::ZERO),
            };
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let mut ready = std::mem::take(&mut self.again);
            ready.extend(events.iter().map(Event::token));
            let now = Instant::now();
            let due = self.timers.iter().take_while(|(until, _)| *until <= now);
            ready.extend(due.map(|(_, token)| *token));
            for token in ready {
                if token == LISTENER {
                    self.accept(now);
                } else {
                    self.step(token);
                }
            }
        }
    }

    /// Takes every client that waits.
    fn accept(&mut self, now: Instant) {
        self.timers.retain(|(_, token)| *token != LISTENER);
        let error = loop {
            match self.listener.accept() {
                Ok((stream, _)) => self.add(stream, now),
                Err(error) => break error,
            }
        };
        if error.kind() != ErrorKind::WouldBlock {
            // out of descriptors, or a client that is gone: mio does not say again that others wait
            eprintln!("accept: {error}");
            let soon = now + Duration::from_millis(100);
            self.timers.insert((soon, LISTENER));
        }
    }

    fn add(&mut self, mut stream: TcpStream, now: Instant) {
        let token = Token(self.last.0 + 1);
        self.last = token;
        // for both, once and for all: mio tells of changes, and each step goes on until the stream
        // would block
        let both = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut stream, token, both) {
            return eprintln!("register: {error}");
        }
        let accept = Accept::direct(&self.options, now, &self.config);
        let until = accept.deadline();
        self.timers.insert((until, token));
        let client = Client {
            stream,
            state: State::Accepting(accept),
            until,
        };
        self.clients.insert(token, client);
    }

    /// Goes on with a client until its stream would block, its turn is used up, or it is over.
    fn step(&mut self, token: Token) {
        let Some(mut client) = self.clients.remove(&token) else {
            return; // over since it was found ready
        };
        self.timers.remove(&(client.until, token));
        let mut turn = Turn(&mut client.stream, TURN);
        let next = client.state.step(&mut turn, self.options.drain);
        if let Some((state, until)) = next {
            if turn.1 == 0 {
                self.again.push(token);
            }
            self.timers.insert((until, token));
            (client.state, client.until) = (state, until);
            self.clients.insert(token, client);
        } else {
            // fails only for a stream that is not registered
            let _ = self.poll.registry().deregister(&mut client.stream);
        }
    }
}

impl State {
    /// What the client waits for now and how long, if it is not over.
    fn step(mut self, turn: &mut Turn<'_>, drain: Drain) -> Option<(Self, Instant)> {
        loop {
            self = match self {
                Self::Accepting(accept) => match accept.step(turn) {
                    Ok(Progress::Reading(accept) | Progress::Writing(accept)) => {
                        let until = accept.deadline();
                        return Some((Self::Accepting(accept), until));
                    }
                    Ok(Progress::Done(connection)) => {
                        let until = turn.now() + PATIENCE;
                        Self::Serving(connection, Request::default(), until)
                    }
                    Err(report) => {
                        eprintln!("{report}"); // the client has been told
                        return None;
                    }
                },
                Self::Serving(mut connection, mut request, until) => {
                    let served = request.serve(&mut connection, turn);
                    let waits = served.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                    if waits && turn.now() < until {
                        return Some((Self::Serving(connection, request, until), until));
                    }
                    Self::Closing(Close::new(*connection, drain, turn.now()).into())
                }
                Self::Closing(close) => match close.step(turn) {
                    Closing::Reading(close) | Closing::Writing(close) => {
                        let until = close.deadline();
                        return Some((Self::Closing(close.into()), until));
                    }
                    Closing::Done(_) => return None,
                },
            };
        }
    }
}

/// A request, whose last bytes are all that this server needs of it.
#[derive(Default)]
struct Request([u8; 4]);

impl Request {
    /// Reads the request and has rustls queue the reply, which the close writes: a longer one is
    /// written bit by bit, for rustls holds no more than 64 KiB.
    fn serve(&mut self, tls: &mut ServerConnection, turn: &mut Turn<'_>) -> io::Result<()> {
        let mut byte = [0];
        loop {
            match tls.reader().read(&mut byte) {
                Ok(0) => return Ok(()), // close_notify
                Ok(_) => {
                    self.0 = [self.0[1], self.0[2], self.0[3], byte[0]];
                    if self.0 == *b"\r\n\r\n" {
                        return tls.writer().write_all(REPLY);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    tls.read_tls(turn)?;
                    // the alert of an error is queued, and the close writes it too
                    tls.process_new_packets().map_err(io::Error::other)?;
                }
                Err(error) => return Err(error), // the end of the stream without a close_notify
            }
        }
    }
}

/// The stream of a client for one step of it. It would block once so much is read: a client that
/// sends without end delays nobody.
struct Turn<'a>(&'a mut TcpStream, usize);

impl Transport for Turn<'_> {
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

    // or a flight of the handshake would go out in a packet for each record
    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
