//! Forwarding a client to another server: what was received of its ClientHello is forwarded as it
//! came, and the handshake completes end to end.

use std::sync::Arc;

use lastword_acceptor::{Handshake, Progress};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::split_into_records;
use rustls::{ClientConnection, ServerConnection};

fn written(write: &mut dyn FnMut(&mut Vec<u8>) -> bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    while write(&mut bytes) {}
    bytes
}

fn from_client(client: &mut ClientConnection) -> Vec<u8> {
    written(&mut |bytes| client.wants_write() && client.write_tls(bytes).unwrap() > 0)
}

fn from_server(server: &mut ServerConnection) -> Vec<u8> {
    written(&mut |bytes| server.wants_write() && server.write_tls(bytes).unwrap() > 0)
}

/// What the handshake forwards of bytes that come in chunks, and what it left of the last.
fn passed_through(bytes: &[u8], most: usize) -> Vec<u8> {
    let mut handshake = Handshake::default();
    for mut chunk in bytes.chunks(most) {
        match handshake.receive(&mut chunk).unwrap() {
            Progress::Continue(next) => handshake = next,
            Progress::ClientHello(accepted) => {
                assert_eq!(accepted.server_name(), Some("localhost"));
                return [&accepted.into_passthrough()[..], chunk].concat();
            }
            Progress::Authenticated(_) | Progress::Complete(_) => unreachable!(),
        }
    }
    panic!("no ClientHello")
}

/// Whether a client whose hello came in these records, cut so, ends in a handshake with a backend.
fn completes(sizes: &[usize], most: usize) {
    let pki = Pki::new();
    let config = pki.client_config(&ClientProfile::DEFAULT);
    let mut client = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut backend =
        ServerConnection::new(Arc::clone(&pki.server_config(&ServerProfile::DEFAULT))).unwrap();

    let hello = from_client(&mut client);
    let bytes = match sizes {
        [] => hello.clone(),
        sizes => split_into_records(&hello[5..], sizes),
    };
    let forwarded = passed_through(&bytes, most);
    assert_eq!(forwarded, bytes);

    let mut to_backend = forwarded;
    while client.is_handshaking() || backend.is_handshaking() {
        let mut input = &to_backend[..];
        while !input.is_empty() {
            backend.read_tls(&mut input).unwrap();
            backend.process_new_packets().unwrap();
        }
        let answer = from_server(&mut backend);
        let mut input = &answer[..];
        while !input.is_empty() {
            client.read_tls(&mut input).unwrap();
            client.process_new_packets().unwrap();
        }
        to_backend = from_client(&mut client);
        assert!(
            !to_backend.is_empty() || !client.is_handshaking(),
            "no progress"
        );
    }
    assert_eq!(backend.server_name(), Some("localhost"));
}

#[test]
fn a_hello_in_one_record_completes_with_a_backend() {
    completes(&[], usize::MAX);
}

#[test]
fn a_hello_in_five_records_completes_with_a_backend() {
    completes(&[1, 3, 40, 50], usize::MAX);
    completes(&[1, 3, 40, 50], 7);
}

#[test]
fn a_hello_cut_at_every_byte_completes_with_a_backend() {
    completes(&[], 1);
    completes(&[1; 400], 1);
}
