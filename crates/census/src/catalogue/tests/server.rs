//! A server to try the clients on: rustls as it is, with good manners or bad.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rustls::ServerConnection;

use super::super::{Case, Observed, Target};
use crate::pki::Pki;

/// How a server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manners {
    /// FIN, then reading until the client closes too.
    Good,
    /// Dropping the socket, without having read all.
    Bad,
    /// Not at all, until the client does.
    Endless,
}

const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// Runs one client against one server and returns what it saw.
pub(super) fn serve(case: &Case, pki: &Pki, manners: Manners, patience: Duration) -> Observed {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tls = ServerConnection::new(pki.server_config(&case.server)).unwrap();
    let deadline = case.server.deadline.min(Duration::from_secs(1));
    let target = Target::new(address, pki, patience);
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(deadline)).unwrap();
            talk(tls, &mut stream);
            close(stream, manners);
        });
        let observed = case.run(&target).unwrap();
        server.join().unwrap();
        observed
    })
}

/// The handshake, one request and one reply, as rustls would have it.
pub(crate) fn talk(mut tls: ServerConnection, stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while request.is_empty() {
        let Ok(length @ 1..) = stream.read(&mut buffer) else {
            return;
        };
        let mut bytes = &buffer[..length];
        let mut processed = Ok(());
        while !bytes.is_empty() && processed.is_ok() {
            tls.read_tls(&mut bytes).unwrap();
            processed = tls.process_new_packets().map(drop);
        }
        let _ = tls.reader().read_to_end(&mut request);
        if !request.is_empty() {
            tls.writer().write_all(REPLY).unwrap();
            tls.send_close_notify();
        }
        while tls.wants_write() && tls.write_tls(stream).is_ok() {}
        if processed.is_err() {
            return;
        }
    }
}

fn close(mut stream: TcpStream, manners: Manners) {
    if manners == Manners::Bad {
        return;
    }
    if manners == Manners::Good {
        let _ = stream.shutdown(Shutdown::Write);
    }
    while let Ok(1..) = stream.read(&mut [0; 4096]) {}
}
