//! The connection that a handshake ends at, and rustls's own in it.

use std::io::{IoSlice, Read, Write};

use crate::handshake::clients::{accepted, answered, client, written};
use lastword_acceptor::hello::{CipherSuite, NamedGroup};
use lastword_acceptor::{Config, Connection, HandshakeKind, Progress, ProtocolVersion};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use rustls::ClientConnection;

const PROFILE: ServerProfile = ServerProfile {
    alpn: &["h2"],
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

fn certified(pki: &Pki, versions: Versions) -> ClientConnection {
    client(pki.client_config(&ClientProfile {
        versions,
        identity: Identity::Known,
        alpn: &["h2"],
        ..ClientProfile::DEFAULT
    }))
}

/// A client whose handshake is complete, and its connection.
fn complete(pki: &Pki, versions: Versions) -> (ClientConnection, Connection) {
    let config = Config::new(pki.server_config(&PROFILE)).unwrap();
    let mut client = certified(pki, versions);
    let handshake = answered(&mut client, &config);
    match handshake.receive(&mut &written(&mut client)[..]) {
        Ok(Progress::Complete(mut connection)) => {
            read(&mut client, &mut connection);
            (client, connection)
        }
        other => panic!("{other:?}"),
    }
}

/// Has the client read all that the connection has to write.
fn read(client: &mut ClientConnection, connection: &mut Connection) {
    let mut flight = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut flight).unwrap();
    }
    client.read_tls(&mut &flight[..]).unwrap();
    client.process_new_packets().unwrap();
}

#[test]
fn rustls_goes_on_with_a_connection_that_has_answered_the_client_hello() {
    let pki = Pki::new();
    let config = Config::new(pki.server_config(&PROFILE)).unwrap();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let mut client = certified(&pki, versions);
        let server = accepted(&written(&mut client)).into_connection(&config);
        let mut server = server.unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            let mut flight = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut flight).unwrap();
            }
            client.read_tls(&mut &flight[..]).unwrap();
            client.process_new_packets().unwrap();
            let answer = written(&mut client);
            server.read_tls(&mut &answer[..]).unwrap();
            server.process_new_packets().unwrap();
        }
        client.writer().write_all(b"a request").unwrap();
        server.read_tls(&mut &written(&mut client)[..]).unwrap();
        server.process_new_packets().unwrap();
        let mut request = [0; 9];
        server.reader().read_exact(&mut request).unwrap();
        assert_eq!(&request, b"a request", "{versions:?}");
        assert_eq!(server.alpn_protocol(), Some(&b"h2"[..]));
    }
}

#[test]
fn knows_what_was_negotiated() {
    let pki = Pki::new();
    for (versions, version, shown) in [
        (Versions::Tls12, ProtocolVersion::TLS_1_2, "TLS 1.2"),
        (Versions::Tls13, ProtocolVersion::TLS_1_3, "TLS 1.3"),
    ] {
        let (_, mut connection) = complete(&pki, versions);
        assert_eq!(connection.protocol_version(), Some(version));
        assert_eq!(connection.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(connection.alpn_protocol(), Some(&b"h2"[..]));
        assert_eq!(connection.server_name(), Some("localhost"));
        assert!(connection.early_data().is_none());
        let certificates = connection.peer_certificates().unwrap();
        let known = pki.client(Identity::Known).unwrap().certificate();
        assert_eq!(certificates, [known]);

        let rustls = connection.as_rustls();
        let suite = rustls.negotiated_cipher_suite().unwrap().suite();
        let suite = CipherSuite(suite.into());
        assert_eq!(connection.negotiated_cipher_suite(), Some(suite));
        let group = rustls.negotiated_key_exchange_group().unwrap().name();
        let group = NamedGroup(group.into());
        assert_eq!(connection.negotiated_key_exchange_group(), Some(group));

        let line = format!("{shown}, {suite}, h2, name localhost");
        assert_eq!(connection.to_string(), line);
        assert_eq!(
            format!("{connection:?}"),
            format!(
                "Connection {{ protocol_version: Some({version:?}), negotiated_cipher_suite: \
                 Some({suite:?}), handshake_kind: Some(Full), wants_write: false, .. }}"
            )
        );
    }
}

#[test]
fn plaintext_goes_both_ways_to_the_close() {
    let pki = Pki::new();
    let (mut client, mut connection) = complete(&pki, Versions::Both);
    let nothing = connection.plaintext().unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);

    client.writer().write_all(b"a request").unwrap();
    client.send_close_notify();
    let bytes = written(&mut client);
    assert!(connection.wants_read());
    assert_eq!(connection.read_tls(&mut &bytes[..]).unwrap(), bytes.len());
    connection.process().unwrap();
    assert_eq!(connection.plaintext().unwrap(), b"a request");
    connection.consume(2);
    assert_eq!(connection.plaintext().unwrap(), b"request");
    connection.consume(7);
    assert_eq!(connection.plaintext().unwrap(), b"");
    assert!(!connection.wants_read());

    assert_eq!(connection.write(b"an ").unwrap(), 3);
    let rest = [IoSlice::new(b"ans"), IoSlice::new(b"wer")];
    assert_eq!(connection.write_vectored(&rest).unwrap(), 6);
    connection.send_close_notify();
    read(&mut client, &mut connection);
    let mut answer = Vec::new();
    client.reader().read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"an answer");
}

/// What has no method here is rustls's to do.
#[test]
fn rustls_own_connection_is_at_hand() {
    let (mut client, mut connection) = complete(&Pki::new(), Versions::Tls13);
    connection.as_rustls_mut().refresh_traffic_keys().unwrap();
    assert!(connection.wants_write());
    read(&mut client, &mut connection);
    let error = connection.process().err();
    assert!(error.is_none(), "{error:?}");
}
