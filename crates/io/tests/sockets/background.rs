//! Alerts that a thread of their own delivers: to the last byte, in order, and never by a thread that waits.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use lastword_io::acceptor::{Config, Rejection};
use lastword_io::background::Deliveries;
use lastword_io::{AcceptError, Delivery, Drain, TlsAcceptor};
use lastword_testkit::observed::figures;
use lastword_testkit::untimed;

const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()))
}

/// Returns a client's socket, and the server's for it.
fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// A client without TLS whose alert is in delivery, and what the server reports of it.
fn failing(deliveries: &Deliveries, acceptor: &TlsAcceptor) -> (TcpStream, Receiver<AcceptError>) {
    let (mut client, server) = connected();
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let undelivered = acceptor.accept_undelivered(server).unwrap_err();
    let (send, errors) = mpsc::channel();
    deliveries.deliver(undelivered, move |error| send.send(error).unwrap());
    (client, errors)
}

/// Reads to the end of the stream.
fn told(client: &mut TcpStream) -> Vec<u8> {
    let mut told = Vec::new();
    client.read_to_end(&mut told).unwrap();
    told
}

#[test]
fn a_client_that_stays_open_holds_only_the_thread_of_the_deliveries() {
    let deliveries = Deliveries::start(100).unwrap();
    let acceptor = acceptor().with_drain(Drain::default().with_time(Duration::from_secs(60)));
    let mut clients: Vec<_> = (0..20).map(|_| failing(&deliveries, &acceptor)).collect();
    for (client, _) in &mut clients {
        assert_eq!(told(client), UNEXPECTED_MESSAGE);
        client.write_all(b"and more").unwrap();
    }
    assert_eq!(deliveries.in_flight(), 20);
    for (client, errors) in clients {
        drop(client);
        let error = errors.recv().unwrap();
        assert_eq!(
            untimed(&error),
            "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered"
        );
    }
    deliveries.finished();
    assert_eq!(deliveries.in_flight(), 0);
}

#[test]
fn the_drain_limits_the_time_and_the_bytes() {
    let deliveries = Deliveries::start(100).unwrap();
    let short = Drain::default().with_time(Duration::from_millis(200));
    let (mut client, errors) = failing(&deliveries, &acceptor().with_drain(short));
    assert_eq!(told(&mut client), UNEXPECTED_MESSAGE);
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::Written);

    let small = Drain::default()
        .with_time(Duration::from_secs(60))
        .with_bytes(64);
    let (mut client, errors) = failing(&deliveries, &acceptor().with_drain(small));
    assert_eq!(told(&mut client), UNEXPECTED_MESSAGE);
    client.write_all(&[b'x'; 64]).unwrap();
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::Written);
}

#[test]
fn at_the_limit_the_oldest_delivery_ends_early() {
    let deliveries = Deliveries::start(2).unwrap();
    let acceptor = acceptor().with_drain(Drain::default().with_time(Duration::from_secs(60)));
    let mut clients: Vec<_> = (0..3).map(|_| failing(&deliveries, &acceptor)).collect();
    let oldest = clients.remove(0);
    assert_eq!(oldest.1.recv().unwrap().delivery(), Delivery::Written);
    let mut client = oldest.0;
    assert_eq!(told(&mut client), UNEXPECTED_MESSAGE); // and no reset
    for (mut client, errors) in clients {
        assert_eq!(errors.try_recv().unwrap_err(), mpsc::TryRecvError::Empty);
        assert_eq!(told(&mut client), UNEXPECTED_MESSAGE);
        drop(client);
        assert_eq!(errors.recv().unwrap().delivery(), Delivery::Delivered);
    }
}

#[test]
fn a_metric_counts_the_deliveries_that_begin_at_the_limit() {
    let deliveries = Deliveries::start(1).unwrap();
    let acceptor = acceptor().with_drain(Drain::default().with_time(Duration::from_secs(60)));
    let mut clients = Vec::new();
    let lines = figures(|| clients.extend((0..2).map(|_| failing(&deliveries, &acceptor))));
    let reached = "lastword_limits_reached_total{limit=\"deliveries\"} 1";
    assert!(lines.iter().any(|line| line == reached), "{lines:?}");
}

#[test]
fn a_client_that_resets_is_reported_so() {
    let deliveries = Deliveries::start(100).unwrap();
    let (client, errors) = failing(&deliveries, &acceptor());
    client.peek(&mut [0]).unwrap(); // the alert is there
    drop(client); // unread, so the system sends a reset
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::PeerReset);
}

#[test]
fn a_panic_of_a_callback_does_not_end_the_other_deliveries() {
    let deliveries = Deliveries::start(100).unwrap();
    let (mut other, errors) = failing(&deliveries, &acceptor());
    let (mut client, server) = connected();
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let undelivered = acceptor().accept_undelivered(server).unwrap_err();
    let (send, called) = mpsc::channel();
    deliveries.deliver(undelivered, move |error| {
        send.send(()).unwrap();
        panic!("{error}");
    });
    assert_eq!(told(&mut client), UNEXPECTED_MESSAGE);
    drop(client);
    called.recv().unwrap();
    assert_eq!(told(&mut other), UNEXPECTED_MESSAGE);
    drop(other);
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::Delivered);
    deliveries.finished();
}

/// The level of an event is a function of the application, which the thread calls.
#[test]
fn a_panic_of_the_level_does_not_end_the_other_deliveries() {
    let deliveries = Deliveries::start(100).unwrap();
    let (mut other, errors) = failing(&deliveries, &acceptor());
    let panics = acceptor().with_level(|_, _| panic!("a planted panic"));
    let (mut client, lost) = failing(&deliveries, &panics);
    assert_eq!(told(&mut client), UNEXPECTED_MESSAGE);
    drop(client);
    assert!(
        lost.recv().is_err(),
        "it is over, and has no error to report"
    );
    assert_eq!(told(&mut other), UNEXPECTED_MESSAGE);
    drop(other);
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::Delivered);
    deliveries.finished();
}

#[test]
fn deliveries_in_flight_go_on_when_the_last_clone_is_dropped() {
    let deliveries = Deliveries::start(100).unwrap();
    let (mut client, errors) = failing(&deliveries, &acceptor());
    drop(deliveries);
    assert_eq!(told(&mut client), UNEXPECTED_MESSAGE);
    drop(client);
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::Delivered);
}

#[test]
fn a_delivery_that_is_over_at_once_does_not_need_the_thread() {
    let deliveries = Deliveries::start(100).unwrap();
    let none = Drain::default().with_time(Duration::ZERO);
    let (_client, errors) = failing(&deliveries, &acceptor().with_drain(none));
    assert_eq!(errors.try_recv().unwrap().delivery(), Delivery::Written);
    assert_eq!(deliveries.in_flight(), 0);
}

/// The alert does not fit while the stream is full, and is sent to the last byte once the client reads.
#[test]
#[cfg(unix)]
fn an_alert_for_a_full_stream_arrives_whole() {
    let deliveries = Deliveries::start(100).unwrap();
    let (mut client, mut server) = std::os::unix::net::UnixStream::pair().unwrap();
    server.set_nonblocking(true).unwrap();
    let mut before = 0;
    loop {
        match server.write(&[b'x'; 999]) {
            Ok(n) => before += n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    server.set_nonblocking(false).unwrap();
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let undelivered = acceptor().accept_undelivered(server).unwrap_err();
    let (send, errors) = mpsc::channel();
    deliveries.deliver(undelivered, move |error| send.send(error).unwrap());
    assert_eq!(deliveries.in_flight(), 1);
    let mut all = Vec::new();
    client.read_to_end(&mut all).unwrap();
    assert_eq!(all.get(before..), Some(&UNEXPECTED_MESSAGE[..]));
    drop(client);
    assert_eq!(errors.recv().unwrap().delivery(), Delivery::Delivered);
}

#[test]
fn shows_how_many_there_may_be_and_are() {
    let deliveries = Deliveries::start(7).unwrap();
    let shown = format!("{deliveries:?}");
    assert_eq!(shown, "Deliveries { most: 7, in_flight: 0, .. }");
}
