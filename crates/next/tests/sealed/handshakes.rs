//! Handshakes that succeed: each record is encrypted once, and the connection is rustls's afterwards.

use std::io::{Read, Write};

use lastword_acceptor::{AlertDescription, Connection, End, HandshakeKind};
use lastword_testkit::wire::records;
use rustls::ClientConnection;

use crate::sealed::audit;
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{EARLY_DATA, Group, Scenario, written};

/// Returns the number of encrypted records that a server wrote.
pub(crate) fn encrypted(tls: &[u8], tls12: bool) -> usize {
    let records = records(tls);
    let types = records.iter().map(|record| record[0]);
    match tls12 {
        false => types.filter(|it| *it == 23).count(),
        // after change_cipher_spec all are encrypted
        true => types.skip_while(|it| *it != 20).skip(1).count(),
    }
}

#[test]
fn every_record_of_a_handshake_is_encrypted_once() {
    for scenario in Scenario::ALL {
        let (config, mut client) = scenario.pair();
        let before = audit::records();
        let mut server = Server::new();
        let tls = server.converse(&mut client, &config);
        let mut connection = server.complete();
        assert!(!client.is_handshaking(), "{scenario:?}");
        let count = audit::records() - before;
        assert_eq!(count, encrypted(&tls, scenario.tls12), "{scenario:?}");
        audit::check();

        let kind = match (scenario.resumes, scenario.group) {
            (true, _) => HandshakeKind::Resumed,
            (false, Group::Retry) => HandshakeKind::FullWithHelloRetryRequest,
            (false, _) => HandshakeKind::Full,
        };
        assert_eq!(connection.handshake_kind(), Some(kind), "{scenario:?}");
        let is_certified = connection.peer_certificates().is_some();
        assert_eq!(is_certified, scenario.client_auth, "{scenario:?}");
        let early_data = connection.early_data().map(|mut early_data| {
            let mut bytes = Vec::new();
            early_data.read_to_end(&mut bytes).unwrap();
            bytes
        });
        let accepted = scenario.early_data == Some(true);
        assert_eq!(early_data, accepted.then(|| EARLY_DATA.to_vec()));
    }
}

/// Sends data from the client to the server, then to the client.
fn exchange(client: &mut ClientConnection, connection: &mut Connection) {
    client.writer().write_all(b"a request").unwrap();
    let bytes = written(client);
    let mut bytes = &bytes[..];
    while !bytes.is_empty() {
        connection.read_tls(&mut bytes).unwrap();
        connection.process().unwrap();
    }
    assert_eq!(connection.plaintext().unwrap(), b"a request");
    connection.consume(9);
    connection.write(b"an answer").unwrap();
    hear(client, &written(connection));
    let mut answer = [0; 9];
    client.reader().read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"an answer");
}

#[test]
fn a_connection_updates_its_keys_and_closes_after_the_handshake() {
    for scenario in Scenario::ALL {
        let (config, mut client) = scenario.pair();
        let mut server = Server::new();
        server.converse(&mut client, &config);
        let mut connection = server.complete();
        for _ in 0..3 {
            exchange(&mut client, &mut connection);
            if !scenario.tls12 {
                client.refresh_traffic_keys().unwrap();
                exchange(&mut client, &mut connection);
            }
        }
        connection.send_close_notify();
        hear(&mut client, &written(&mut connection));
        let mut rest = Vec::new();
        assert_eq!(client.reader().read_to_end(&mut rest).unwrap(), 0);
        audit::check();
    }
}

/// The KeyUpdate comes while the tickets are not written: its answer is encrypted with the old keys, and
/// the alerts with the new ones.
#[test]
fn an_end_after_a_key_update_is_encrypted_with_the_next_keys() {
    let (config, mut client) = Scenario::TLS13.pair();
    let mut server = Server::new();
    let mut connection = loop {
        server.receive(&config, &written(&mut client));
        match server {
            Server::Complete(connection) => break connection,
            Server::Handshake(_) => hear(&mut client, &written(&mut server)),
            other => panic!("{other:?}"),
        }
    };
    assert!(connection.wants_write());
    client.refresh_traffic_keys().unwrap();
    let update = written(&mut client);
    connection.read_tls(&mut &update[..]).unwrap();
    connection.process().unwrap();
    let error = connection.end(End::Aborted);
    assert_eq!(error.alert(), Some(AlertDescription::USER_CANCELED));
    hear(&mut client, error.tls());
    let mut rest = Vec::new();
    assert_eq!(client.reader().read_to_end(&mut rest).unwrap(), 0);
    audit::check();
}
