//! Where a client over TCP comes from, and where it has connected to.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use lastword_io::TlsAcceptor;
use lastword_io::choose::Choice;
use lastword_testkit::wire::HelloBuilder;

#[test]
fn a_chooser_sees_both_ends_of_a_tcp_connection() {
    let acceptor =
        TlsAcceptor::choosing(|incoming| Ok(Choice::pass_through(incoming.addresses().clone())));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(&HelloBuilder::default().record()).unwrap();
    let (stream, peer) = listener.accept().unwrap();
    let undelivered = acceptor.accept_undelivered(stream).unwrap_err();
    let (_, _, addresses) = undelivered.into_passed_through().unwrap();
    assert_eq!(addresses.peer, Some(peer));
    assert_eq!(addresses.local, Some(client.peer_addr().unwrap()));
}
