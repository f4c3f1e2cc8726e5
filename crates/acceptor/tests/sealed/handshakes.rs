//! Handshakes that succeed: each record is encrypted once, and the connection is rustls's afterwards.

use std::io::{Read, Write};

use lastword_acceptor::{Config, Connection, HandshakeKind, encrypted_alerts};
use lastword_testkit::wire::records;
use rustls::crypto::ring;
use rustls::{ClientConnection, ConnectionTrafficSecrets, ExtractedSecrets, ServerConnection};

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

/// Updates the keys of both directions, from both sides (RFC 8446 section 4.6.3).
fn update_keys(client: &mut ClientConnection, connection: &mut Connection) {
    exchange(client, connection);
    client.refresh_traffic_keys().unwrap();
    exchange(client, connection);
    connection.as_rustls_mut().refresh_traffic_keys().unwrap();
    hear(client, &written(connection));
    exchange(client, connection);
}

fn exported(connection: &ServerConnection) -> [u8; 32] {
    let exported = connection.export_keying_material([0; 32], b"label", Some(b"context"));
    exported.unwrap()
}

/// Returns a sequence number, the key and the IV.
fn parts(secrets: &(u64, ConnectionTrafficSecrets)) -> (u64, Vec<u8>, Vec<u8>) {
    let (number, secrets) = secrets;
    let (ConnectionTrafficSecrets::Aes128Gcm { key, iv }
    | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
    | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv }) = secrets
    else {
        unreachable!();
    };
    (*number, key.as_ref().to_vec(), iv.as_ref().to_vec())
}

fn agree(client: &ExtractedSecrets, server: &ExtractedSecrets) {
    assert_eq!(parts(&client.tx), parts(&server.rx));
    assert_eq!(parts(&client.rx), parts(&server.tx));
}

/// Uses the connection after the handshake, and returns the sequence numbers at its end.
fn use_afterwards(scenario: &Scenario, config: &Config, mut client: ClientConnection) -> [u64; 2] {
    let mut server = Server::new();
    server.converse(&mut client, config);
    let mut connection = server.complete();
    for _ in 0..3 {
        exchange(&mut client, &mut connection);
        if !scenario.tls12 {
            update_keys(&mut client, &mut connection);
        }
    }
    let server = connection.into_rustls().unwrap();
    let of_client = client.export_keying_material([0; 32], b"label", Some(b"context"));
    assert_eq!(exported(&server), of_client.unwrap());
    let server = server.dangerous_extract_secrets().unwrap();
    agree(&client.dangerous_extract_secrets().unwrap(), &server);
    audit::check();
    [server.tx.0, server.rx.0]
}

#[test]
fn a_connection_has_the_keys_and_sequence_numbers_of_rustls() {
    for scenario in Scenario::ALL {
        let (config, client) = scenario.pair();
        let ours = use_afterwards(&scenario, &config, client);
        let (config, client) = scenario.pair_of(audit::provider(), |config| config);
        let config = Config::new(config).unwrap();
        assert!(!config.encrypts_alerts());
        let rustls = use_afterwards(&scenario, &config, client);
        assert_eq!(ours, rustls, "{scenario:?}");
    }
}

#[test]
fn rustls_has_its_keys_alone_once_the_handshake_is_written() {
    for scenario in Scenario::ALL {
        let (config, mut client) = scenario.pair();
        let mut server = Server::new();
        // all but the last flight
        let mut connection = loop {
            server.receive(&config, &written(&mut client));
            match server {
                Server::Complete(connection) => break connection,
                Server::Handshake(_) => hear(&mut client, &written(&mut server)),
                other => panic!("{other:?}"),
            }
            if !client.wants_write() {
                server.wait();
            }
        };
        let early = connection.early_data().is_some();
        let last = match connection.wants_write() {
            false => Vec::new(),
            true => {
                connection = connection.into_rustls().unwrap_err();
                written(&mut connection)
            }
        };
        hear(&mut client, &last);
        let mut rustls = connection.into_rustls().unwrap();
        assert_eq!(rustls.early_data().is_some(), early);
        rustls.writer().write_all(b"an answer").unwrap();
        rustls.send_close_notify();
        hear(&mut client, &written(&mut rustls));
        let mut answer = Vec::new();
        client.reader().read_to_end(&mut answer).unwrap();
        assert_eq!(answer, b"an answer", "{scenario:?}");
        assert!(!client.is_handshaking());
        audit::check();
    }
}

/// The provider is rustls's for a connection that rustls makes.
#[test]
fn a_connection_of_rustls_is_as_without_encrypted_alerts() {
    for scenario in Scenario::ALL {
        let run = |provider| {
            let (config, mut client) = scenario.pair_of(provider, |config| config);
            let mut server = ServerConnection::new(config.into()).unwrap();
            loop {
                let (said, answer) = (written(&mut client), written(&mut server));
                if said.is_empty() && answer.is_empty() {
                    break;
                }
                hear(&mut client, &answer);
                let mut said = &said[..];
                while !said.is_empty() {
                    server.read_tls(&mut said).unwrap();
                    server.process_new_packets().unwrap();
                }
            }
            assert!(!client.is_handshaking() && !server.is_handshaking());
            let server = server.dangerous_extract_secrets().unwrap();
            agree(&client.dangerous_extract_secrets().unwrap(), &server);
            [server.tx.0, server.rx.0]
        };
        let wrapped = run(encrypted_alerts(audit::provider()));
        assert_eq!(wrapped, run(ring::default_provider()), "{scenario:?}");
        audit::check();
    }
}

/// Also, `Accepted::into_connection` returns a connection that rustls has alone.
#[test]
fn a_connection_that_is_taken_at_the_client_hello_is_rustls_own() {
    for scenario in Scenario::ALL {
        let (config, mut client) = scenario.pair();
        let hello = written(&mut client);
        let mut rest = &hello[..];
        let accepted = lastword_acceptor::Handshake::default().receive(&mut rest);
        let lastword_acceptor::Progress::ClientHello(accepted) = accepted.unwrap() else {
            panic!("no ClientHello");
        };
        let mut server = accepted.into_connection(&config).unwrap();
        let mut said = rest.to_vec();
        while client.is_handshaking() || server.is_handshaking() || server.wants_write() {
            let mut bytes = &said[..];
            while !bytes.is_empty() {
                server.read_tls(&mut bytes).unwrap();
                server.process_new_packets().unwrap();
            }
            hear(&mut client, &written(&mut server));
            said = written(&mut client);
        }
        server.writer().write_all(b"an answer").unwrap();
        hear(&mut client, &written(&mut server));
        let mut answer = [0; 9];
        client.reader().read_exact(&mut answer).unwrap();
        audit::check();
    }
}
