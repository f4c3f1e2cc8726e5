//! The server in one thread: whose turn it is, by mio and by the deadlines.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net;
use std::time::{Duration, Instant};

use lastword::io::TlsAcceptor;
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::{Line, Server};
use client::{Client, Next};
use turn::Turn;

mod client;
mod turn;

/// The token of the listener; those of clients are greater.
const LISTENER: Token = Token(0);

/// How long until clients are taken again, once the system let none be taken.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes clients for ever, and tells when it is done with one.
///
/// # Errors
///
/// If the system has no event loop for it, or its event loop fails.
pub(super) fn run(
    server: &Server,
    listener: &net::TcpListener,
    ended: &dyn Fn(Option<&Line>),
) -> io::Result<Infallible> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let of_server = Loop {
        echo: server.echo,
        acceptor: server.acceptor(),
        ended,
        poll,
        listener,
        last: LISTENER,
        clients: HashMap::new(),
        timers: BTreeSet::new(),
        again: Vec::new(),
    };
    of_server.run()
}

/// The event loop and its clients.
struct Loop<'a> {
    echo: bool,
    acceptor: TlsAcceptor,
    ended: &'a dyn Fn(Option<&Line>),
    poll: Poll,
    listener: TcpListener,
    /// The last token that was given to a client. None is given twice.
    last: Token,
    clients: HashMap<Token, (TcpStream, Client)>,
    /// When each is due at the latest, the next one first.
    timers: BTreeSet<(Instant, Token)>,
    /// Those that have used up their turn: mio does not say again that they are ready.
    again: Vec<Token>,
}

impl Loop<'_> {
    fn run(mut self) -> io::Result<Infallible> {
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let now = Instant::now();
            let mut ready = std::mem::take(&mut self.again);
            ready.extend(events.iter().map(Event::token));
            while self.timers.first().is_some_and(|(until, _)| *until <= now) {
                ready.extend(self.timers.pop_first().map(|(_, token)| token));
            }
            for token in ready {
                if token == LISTENER {
                    self.accept();
                } else {
                    self.step(token);
                }
            }
        }
    }

    /// How long there is nothing to do, unless a stream becomes ready.
    fn timeout(&self) -> Option<Duration> {
        if !self.again.is_empty() {
            return Some(Duration::ZERO);
        }
        let (until, _) = self.timers.first()?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Takes every client that waits.
    fn accept(&mut self) {
        let error = loop {
            let taken = self.listener.accept();
            match taken.and_then(|(stream, peer)| self.add(stream, peer)) {
                Ok(()) => {}
                Err(error) => break error,
            }
        };
        if error.kind() != ErrorKind::WouldBlock {
            // out of descriptors, or a client that is gone: neither is the end, but mio does not
            // say again that others wait
            eprintln!("accept: {error}");
            self.timers.insert((Instant::now() + PAUSE, LISTENER));
        }
    }

    fn add(&mut self, mut stream: TcpStream, peer: net::SocketAddr) -> io::Result<()> {
        let _ = stream.set_nodelay(true); // a failure shows at the next read
        self.last = Token(self.last.0 + 1);
        // for both, once and for all: mio tells of changes, and a step goes on until the stream
        // would block
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, self.last, both)?;
        let client = Client::new(&self.acceptor, peer);
        self.keep(self.last, stream, client);
        Ok(())
    }

    /// Goes on with a client until its stream would block, its turn is used up, or it is over.
    fn step(&mut self, token: Token) {
        let Some((mut stream, client)) = self.clients.remove(&token) else {
            return; // over since it was found ready
        };
        if let Some(until) = client.until() {
            self.timers.remove(&(until, token));
        }
        let mut turn = Turn::new(&mut stream);
        match client.step(self.echo, &mut turn) {
            Next::Waits(client) => {
                if turn.is_used_up() {
                    self.again.push(token);
                }
                self.keep(token, stream, client);
            }
            Next::Over(line) => {
                // fails only for a stream that is not registered
                let _ = self.poll.registry().deregister(&mut stream);
                drop(stream);
                (self.ended)(line.as_ref());
            }
        }
    }

    /// Keeps a client until its stream is ready or it is due.
    fn keep(&mut self, token: Token, stream: TcpStream, client: Client) {
        if let Some(until) = client.until() {
            self.timers.insert((until, token));
        }
        self.clients.insert(token, (stream, client));
    }
}
