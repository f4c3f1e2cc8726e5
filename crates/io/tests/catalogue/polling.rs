//! A server that does not block: one thread for all clients, each stepped only when it is ready.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use lastword_io::{Accept, Close, Drain, Step, Transport};
use rustls::ServerConnection;

use crate::server::{Begin, Chooser, Job, REPLY};

/// The thread, which ends when nobody can send it another client.
pub(crate) struct Poller {
    jobs: Sender<Job>,
}

/// A client, from its connecting to the end.
enum Client<C> {
    Connecting(Job),
    Connected(Job, TcpStream, Box<State<C>>),
}

/// What a client's stream is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Readable,
    Writable,
}

enum State<C> {
    Accepting(Wait, Accept<C>),
    Replying(Box<ServerConnection>, Vec<u8>),
    Closing(Wait, Box<Close>),
    Over(Option<String>),
}

impl Poller {
    pub(crate) fn start<C: Chooser + 'static>(begin: Begin<C>) -> Self {
        let (jobs, new) = mpsc::channel();
        thread::spawn(move || poll(&new, begin));
        Self { jobs }
    }

    pub(crate) fn jobs(&self) -> Sender<Job> {
        self.jobs.clone()
    }
}

fn poll<C: Chooser>(new: &Receiver<Job>, begin: Begin<C>) {
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
            .filter_map(|client| client.turn(begin))
            .collect();
    }
}

impl<C: Chooser> Client<C> {
    /// Does what can be done without blocking: `None` once it is over.
    fn turn(self, begin: Begin<C>) -> Option<Self> {
        match self {
            Self::Connecting(job) => match job.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(true).unwrap();
                    let state = State::Accepting(Wait::Writable, begin(&job, stream.now()));
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

impl<C: Chooser> State<C> {
    fn turn(self, stream: &mut TcpStream) -> Self {
        match self {
            Self::Accepting(wait, accept) if ready(stream, wait, accept.deadline()) => {
                match accept.step(stream) {
                    Step::Reading(accept) => Self::Accepting(Wait::Readable, accept),
                    Step::Writing(accept) => Self::Accepting(Wait::Writable, accept),
                    Step::Over(Ok(connection)) => Self::Replying(connection, Vec::new()),
                    Step::Over(Err(report)) => Self::Over(Some(report.to_string())),
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
fn reply<C>(
    mut connection: Box<ServerConnection>,
    mut request: Vec<u8>,
    stream: &mut TcpStream,
) -> State<C> {
    loop {
        // there may be plaintext from behind the handshake
        let mut buffer = [0; 1024];
        match connection.reader().read(&mut buffer) {
            Ok(n @ 1..) => request.extend(&buffer[..n]),
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
    connection.writer().write_all(REPLY).unwrap();
    let close = Close::new(*connection, Drain::default(), stream.now());
    State::Closing(Wait::Writable, Box::new(close))
}

/// Whether something was read, or `None` if nothing more will be.
fn receive(connection: &mut ServerConnection, stream: &mut TcpStream) -> Option<bool> {
    match connection.read_tls(stream) {
        Ok(1..) => connection.process_new_packets().is_ok().then_some(true),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Some(false),
        Ok(0) | Err(_) => None,
    }
}
