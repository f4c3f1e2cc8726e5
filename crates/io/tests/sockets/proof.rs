//! What a error claims of an alert over TCP: delivered only if the client closed after it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use lastword_io::acceptor::Config;
use lastword_io::{AcceptError, Delivery, Drain, TlsAcceptor};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::untimed;

use crate::sockets::{Style, refused};

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A client, and what the server reports of it that accepts it once `client` returns.
fn refused_after<T>(
    style: Style,
    acceptor: &TlsAcceptor,
    client: impl FnOnce(TcpStream) -> T,
) -> AcceptError {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let _held = client(stream);
    let (stream, _) = listener.accept().unwrap();
    refused(style, stream, acceptor)
}

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::new(Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap())
}

#[test]
fn an_end_that_came_before_the_alert_proves_no_reading() {
    let acceptor = acceptor();
    for style in Style::ALL {
        for more in [0, 10_000, 100_000] {
            let error = refused_after(style, &acceptor, |mut client| {
                client.write_all(REQUEST).unwrap();
                client.write_all(&vec![b'x'; more]).unwrap();
                client.shutdown(Shutdown::Write).unwrap();
                client // it never reads, and its drop resets the connection
            });
            assert_eq!(error.delivery(), Delivery::Written, "{style:?} {more}");
            assert_eq!(
                untimed(&error),
                "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, written"
            );
        }
    }
}

#[test]
fn a_client_that_had_closed_is_never_reported_as_delivered() {
    let acceptor = acceptor();
    for style in Style::ALL.repeat(20) {
        let error = refused_after(style, &acceptor, |mut client| {
            client.write_all(REQUEST).unwrap();
        });
        // the reset that answers the alert may come in time to be seen, or not
        let delivery = error.delivery();
        let seen = [Delivery::Written, Delivery::PeerReset];
        assert!(seen.contains(&delivery), "{style:?}: {delivery}");
    }
}

#[test]
fn a_client_that_reads_the_alert_and_closes_is_reported_as_delivered() {
    let acceptor = acceptor();
    for style in Style::ALL.repeat(20) {
        for more in [0, 10_000] {
            let error = refused_after(style, &acceptor, |mut client| {
                client.write_all(REQUEST).unwrap();
                client.write_all(&vec![b'x'; more]).unwrap();
                thread::spawn(move || {
                    let mut told = Vec::new();
                    client.read_to_end(&mut told).unwrap();
                    assert_eq!(told, [21, 3, 3, 0, 2, 2, 10]);
                })
            });
            assert_eq!(error.delivery(), Delivery::Delivered, "{style:?}");
        }
    }
}

#[test]
fn a_blocking_stream_is_blocking_again_once_its_alert_is_delivered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(REQUEST).unwrap();
    let (stream, _) = listener.accept().unwrap();
    let reads = thread::spawn(move || {
        let mut told = [0; 7];
        client.read_exact(&mut told).unwrap();
        client
    });
    let acceptor = acceptor().with_drain(Drain::default().with_time(Duration::ZERO));
    let error = acceptor.accept(stream).unwrap_err();
    let mut client = reads.join().unwrap();
    let mut stream = error.into_stream();
    let writes = thread::spawn(move || client.write_all(b"!").map(|()| client));
    // it waits, unless it is nonblocking
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 1);
    drop(writes.join().unwrap().unwrap());
}
