//! The hellos of real clients: those recorded, and those that resume a session of this server.

use std::sync::{Arc, LazyLock};

use lastword_acceptor::record::{ContentType, LengthLimit, ProtocolVersion, Records};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::recorded::{self, Recorded};
use lastword_testkit::wire;
use rustls::{ClientConfig, ClientConnection, ServerConnection};

use crate::differential::mutations::fields;
use crate::differential::server::{PKI, SERVERS, Server, named};
use crate::differential::verdict::{Ours, Rustls, compare, ours, rustls};

/// The messages of all.
pub(crate) fn messages() -> &'static [Vec<u8>] {
    static MESSAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let recorded = recorded::all().iter().map(Recorded::message);
        recorded.chain(SERVERS.iter().map(resumption)).collect()
    });
    &MESSAGES
}

/// What a client says that has been at this server before.
fn resumption(server: &Server) -> Vec<u8> {
    let mut config = Arc::unwrap_or_clone(PKI.client_config(&ClientProfile {
        identity: Identity::Known,
        alpn: &["h2"],
        ..ClientProfile::DEFAULT
    }));
    config.enable_early_data = true;
    let config = Arc::new(config);
    visit(server, client(&config));
    let mut records = Vec::new();
    client(&config).write_tls(&mut records).unwrap();
    let first = Records::new(&records, LengthLimit::PLAINTEXT)
        .next()
        .unwrap();
    first.payload.to_vec()
}

fn client(config: &Arc<ClientConfig>) -> ClientConnection {
    ClientConnection::new(Arc::clone(config), "localhost".try_into().unwrap()).unwrap()
}

/// A whole handshake, and the tickets behind it.
fn visit(server: &Server, mut client: ClientConnection) {
    let mut connection = ServerConnection::new(Arc::clone(server.config.rustls())).unwrap();
    while client.wants_write() || connection.wants_write() {
        let mut flight = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut flight).unwrap();
        }
        connection.read_tls(&mut &flight[..]).unwrap();
        connection.process_new_packets().unwrap();
        let mut flight = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut flight).unwrap();
        }
        client.read_tls(&mut &flight[..]).unwrap();
        client.process_new_packets().unwrap();
    }
}

#[test]
fn the_fields_of_every_hello_make_up_its_message() {
    for message in messages() {
        assert_eq!(fields(message).message(), *message);
    }
}

#[test]
fn every_recorded_hello_has_the_same_verdict_on_every_server() {
    for recorded in recorded::all() {
        for server in SERVERS.iter() {
            let agree = compare(server, recorded.bytes);
            assert_eq!(agree, Ok(()), "{}", recorded.name);
        }
    }
}

#[test]
fn a_binder_of_a_session_of_another_scope_is_passed_over() {
    let server = named("client certificates");
    let mut message = resumption(server);
    message[4 + 2] ^= 1; // its random
    let bytes = wire::record(ContentType::HANDSHAKE, ProtocolVersion::TLS_1_2, &message);
    let theirs = rustls(server, &bytes);
    assert!(
        matches!(theirs, Rustls::Refuses(_)),
        "rustls now {theirs:?}"
    );
    assert!(matches!(ours(server, &bytes), Ours::Answers));
}
