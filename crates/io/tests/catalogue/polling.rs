//! A server that does not block: one thread for all clients, each stepped only when it is ready.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use lastword_io::acceptor::Connection;
use lastword_io::step::{Accept, Close, Step};
use lastword_io::{Drain, Transport};

use crate::catalogue::server::{Job, Path, REPLY};

/// The thread, which ends when nobody can send it another client.
pub(crate) struct Poller {
    jobs: Sender<Job>,
}

/// A client, from its connecting to the end.
enum Client {
    Connecting(Job),
    Connected(Job, TcpStream, Box<State>),
}

/// What a client's stream is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Readable,
    Writable,
}

enum State {
    Accepting(Wait, Accept),
    Replying(Connection, Vec<u8>),
    Closing(Wait, Box<Close>),
    Over(Option<String>),
}

impl Poller {
    pub(crate) fn start(path: Path) -> Self {
        let (jobs, new) = mpsc::channel();
        thread::spawn(move || poll(&new, path));
        Self { jobs }
    }

    pub(crate) fn jobs(&self) -> Sender<Job> {
        self.jobs.clone()
    }
}

fn poll(new: &Receiver<Job>, path: Path) {
    let mut clients = Vec::new();
    loop {
        match new.try_recv() {
            Ok(job) => {
                job.listener.set_nonblocking(true).unwrap();
                clients.push(Client::Connecting(job));
            }
            Err(TryRecvError::Disconnected) if clients.is_empty() => return,
            // std has no way to wait for many streams
            Err(_) => thread::park_timeout(Duration::from_millis(1)),
        }
        clients = clients
            .into_iter()
            .filter_map(|client| client.turn(path))
            .collect();
    }
}

impl Client {
    /// Does what can be done without blocking: `None` once it is over.
    fn turn(self, path: Path) -> Option<Self> {
        match self {
            Self::Connecting(job) => match job.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(true).unwrap();
                    let state =
                        State::Accepting(Wait::Writable, job.acceptor(path).start(stream.now()));
                    Some(Self::Connected(job, stream, Box::new(state)))
                }
                Err(_) => Some(Self::Connecting(job)),
            },
            Self::Connected(job, mut stream, state) => match state.turn(&mut stream) {
                State::Over(line) => {
                    drop(stream);
                    job.log(line);
                    None
                }
                state => Some(Self::Connected(job, stream, Box::new(state))),
            },
        }
    }
}

impl State {
    fn turn(self, stream: &mut TcpStream) -> Self {
        match self {
            Self::Accepting(wait, accept) if ready(stream, wait, accept.deadline()) => {
                match accept.step(stream) {
                    Step::Reading(accept) => Self::Accepting(Wait::Readable, accept),
                    Step::Writing(accept) => Self::Accepting(Wait::Writable, accept),
                    Step::Over(Ok((connection, ()))) => Self::Replying(connection, Vec::new()),
                    Step::Over(Err(error)) => Self::Over(Some(error.to_string())),
                }
            }
            Self::Replying(connection, request) => reply(connection, request, stream),
            Self::Closing(wait, close) if ready(stream, wait, close.deadline()) => {
                match close.step(stream) {
                    Step::Reading(close) => Self::Closing(Wait::Readable, Box::new(close)),
                    Step::Writing(close) => Self::Closing(Wait::Writable, Box::new(close)),
                    Step::Over(_) => Self::Over(None),
                }
            }
            waiting => waiting,
        }
    }
}

/// Whether a stream must be stepped: one that waits to be read is not before there is something to
/// read, or the deadline is past. (Of writing, std cannot tell without trying.)
fn ready(stream: &TcpStream, wait: Wait, deadline: Instant) -> bool {
    let blocks =
        || matches!(stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
    wait == Wait::Writable || stream.now() >= deadline || !blocks()
}

/// Reads a request to its end, then answers it with one record and begins to close.
fn reply(mut connection: Connection, mut request: Vec<u8>, stream: &mut TcpStream) -> State {
    loop {
        // there may be plaintext from behind the handshake
        match connection.plaintext() {
            Ok(plaintext @ [_, ..]) => {
                request.extend(plaintext);
                let len = plaintext.len();
                connection.consume(len);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                match receive(&mut connection, stream) {
                    Some(true) => continue,
                    Some(false) => return State::Replying(connection, request),
                    None => break,
                }
            }
            Ok(_) | Err(_) => break,
        }
        if request.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    connection.write(REPLY).unwrap();
    let close = Close::new(connection, Drain::default(), stream.now());
    State::Closing(Wait::Writable, Box::new(close))
}

/// Whether something was read, or `None` if nothing more will be.
fn receive(connection: &mut Connection, stream: &mut TcpStream) -> Option<bool> {
    match connection.read_tls(stream) {
        Ok(1..) => connection.process().is_ok().then_some(true),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Some(false),
        Ok(0) | Err(_) => None,
    }
}
