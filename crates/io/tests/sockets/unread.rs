//! A client with more to say than the server reads: it is told, and not reset for it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use lastword_io::acceptor::{AlertDescription, Config};
use lastword_io::{Delivery, Drain, TlsAcceptor};
use lastword_testkit::catalogue::{self, Case, Target};
use lastword_testkit::pki::Pki;

use crate::sockets::{Style, refuse};

const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

/// Long enough for a busy machine, short enough to wait it out.
const DRAIN: Duration = Duration::from_millis(500);

fn case(name: &str) -> Case {
    let mut cases = catalogue::failing();
    cases.retain(|case| case.name == name);
    cases.pop().unwrap()
}

fn told_and_not_reset(style: Style, name: &str) -> Delivery {
    let (pki, case) = (Pki::new(), case(name));
    let config = Config::new(pki.server_config(&case.server)).unwrap();
    let (address, server) = refuse(style, 1, TlsAcceptor::new(config));
    let target = Target::new(address, &pki, Duration::from_secs(20));
    let observed = case.run(&target).unwrap();
    let error = server.join().unwrap().remove(0);
    assert_eq!(case.verdict(&observed), Ok(()), "{style:?}: {error}");
    error.delivery()
}

#[test]
fn a_client_with_64_kib_in_flight_is_told_and_not_reset() {
    for style in Style::ALL {
        assert_eq!(
            told_and_not_reset(style, "http-upload"),
            Delivery::Delivered
        );
    }
}

#[test]
fn a_client_with_the_smallest_window_is_told_and_not_reset() {
    for style in Style::ALL {
        // it writes behind the end of the stream, and closes without a look
        told_and_not_reset(style, "narrow-window");
    }
}

/// A read or a write that is reset, or finds a pending reset, panics.
fn writes_on(address: std::net::SocketAddr, time: Duration) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut told = Vec::new();
    stream.read_to_end(&mut told).unwrap();
    assert_eq!(told, UNEXPECTED_MESSAGE);
    let (started, mut writes) = (Instant::now(), 0);
    while started.elapsed() < time {
        stream.write_all(&[b'x'; 1024]).unwrap();
        // the pace of a client, no more: 300 writes at most
        thread::park_timeout(Duration::from_millis(1));
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
        assert!(stream.take_error().unwrap().is_none());
        writes += 1;
    }
    assert!(writes > 10, "only {writes}");
}

#[test]
fn a_client_that_goes_on_writing_is_not_reset_for_the_length_of_the_drain() {
    for style in Style::ALL {
        let config =
            Config::new(Pki::new().server_config(&catalogue::ServerProfile::DEFAULT)).unwrap();
        let drain = Drain::default().with_time(DRAIN);
        let acceptor = TlsAcceptor::new(config).with_drain(drain);
        let (address, server) = refuse(style, 1, acceptor);
        writes_on(address, DRAIN * 3 / 5);
        let error = server.join().unwrap().remove(0);
        assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
        assert_eq!(error.delivery(), Delivery::Delivered, "{style:?}");
    }
}
