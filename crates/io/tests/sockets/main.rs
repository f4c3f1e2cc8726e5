//! What the kernel does to an alert, over real TCP: resets, for the most part.

mod proof;
mod python;
#[cfg(unix)]
mod unix;
mod unread;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lastword_io::acceptor::Config;
use lastword_io::{Accept, Options, Report, Step, Transport, accept_direct};

/// How a client is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Blocking,
    Nonblocking,
}

/// A server that refuses so many clients, one after another, and closes each socket once it is told.
fn refuse(
    style: Style,
    clients: usize,
    config: Config,
    options: Options,
) -> (SocketAddr, JoinHandle<Vec<Report>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let refuse = move || {
        let (stream, _) = listener.accept().unwrap();
        match style {
            Style::Blocking => {
                let failure = accept_direct(stream, &options, &config).unwrap_err();
                failure.into_parts().0
            }
            Style::Nonblocking => poll(stream, &options, &config),
        }
    };
    let server = thread::spawn(move || (0..clients).map(|_| refuse()).collect());
    (address, server)
}

/// Steps a client when there is something to read, or time has passed.
fn poll(mut stream: TcpStream, options: &Options, config: &Config) -> Report {
    stream.set_nonblocking(true).unwrap();
    let mut accept = Accept::direct(options, stream.now(), config);
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
            Step::Over(Err(report)) => return report,
        };
    }
}

fn blocks(stream: &TcpStream) -> bool {
    let peeked = stream.peek(&mut [0]);
    matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock)
}
