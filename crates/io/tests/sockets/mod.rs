//! What the kernel does to an alert, over real TCP: resets, for the most part.

mod addresses;
mod authorizing;
mod background;
mod proof;
mod python;
#[cfg(unix)]
mod unix;
mod unread;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lastword_io::background::Deliveries;
use lastword_io::step::Step;
use lastword_io::{AcceptError, TlsAcceptor, Transport};

/// How a client is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Blocking,
    Nonblocking,
    /// Blocking, and the alert is delivered in the background.
    Background,
}

impl Style {
    const ALL: [Self; 3] = [Self::Blocking, Self::Nonblocking, Self::Background];
}

/// A server that refuses so many clients, one after another, and closes each socket once it is told.
fn refuse(
    style: Style,
    clients: usize,
    acceptor: TlsAcceptor,
) -> (SocketAddr, JoinHandle<Vec<AcceptError>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let refuse = move || {
        let (stream, _) = listener.accept().unwrap();
        refused(style, stream, &acceptor)
    };
    let server = thread::spawn(move || (0..clients).map(|_| refuse()).collect());
    (address, server)
}

/// Accepts a client that is refused.
fn refused(style: Style, stream: TcpStream, acceptor: &TlsAcceptor) -> AcceptError {
    match style {
        Style::Blocking => acceptor.accept(stream).unwrap_err().split_stream().0,
        Style::Nonblocking => poll(stream, acceptor),
        Style::Background => {
            let deliveries = Deliveries::start(1).unwrap();
            let (send, error) = mpsc::channel();
            let undelivered = acceptor.accept_undelivered(stream).unwrap_err();
            deliveries.deliver(undelivered, move |error| send.send(error).unwrap());
            error.recv().unwrap()
        }
    }
}

/// Steps a client when there is something to read, or time has passed.
fn poll(mut stream: TcpStream, acceptor: &TlsAcceptor) -> AcceptError {
    stream.set_nonblocking(true).unwrap();
    let mut accept = acceptor.start(stream.now());
    loop {
        accept = match accept.step(&mut stream) {
            Step::Reading(next) => {
                while blocks(&stream) && stream.now() < next.deadline() {
                    thread::park_timeout(Duration::from_millis(1));
                }
                next
            }
            Step::Writing(next) => {
                thread::park_timeout(Duration::from_millis(1));
                next
            }
            Step::Over(Ok(_)) => panic!("served"),
            Step::Over(Err(error)) => return error,
        };
    }
}

fn blocks(stream: &TcpStream) -> bool {
    let peeked = stream.peek(&mut [0]);
    matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock)
}
