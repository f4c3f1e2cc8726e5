//! A provider with encrypted alerts is of use for QUIC too, which has no records.

use std::sync::Arc;

use lastword_acceptor::encrypted_alerts;
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use rustls::crypto::ring;
use rustls::quic::{self, KeyChange, Keys, Version};

/// Moves the bytes of one flight. Returns the keys that come after it.
fn flight(from: &mut quic::Connection, to: &mut quic::Connection) -> Vec<KeyChange> {
    let mut keys = Vec::new();
    loop {
        let mut bytes = Vec::new();
        let change = from.write_hs(&mut bytes);
        if !bytes.is_empty() {
            to.read_hs(&bytes).unwrap();
        }
        match change {
            Some(change) => keys.push(change),
            None if bytes.is_empty() => return keys,
            None => {}
        }
    }
}

/// Returns the keys for application data.
fn one_rtt(keys: Vec<KeyChange>) -> Option<Keys> {
    keys.into_iter().find_map(|change| match change {
        KeyChange::OneRtt { keys, .. } => Some(keys),
        KeyChange::Handshake { .. } => None,
    })
}

#[test]
fn quic_connections_of_the_provider_encrypt_as_without_it() {
    let pki = Pki::new();
    let tls13 = ServerProfile {
        versions: Versions::Tls13,
        ..ServerProfile::DEFAULT
    };
    let server = pki.server_config_with(&tls13, encrypted_alerts(ring::default_provider()));
    let client = pki.client_config(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    });
    let name = "localhost".try_into().unwrap();
    let client = quic::ClientConnection::new(client, Version::V1, name, Vec::new());
    let server = quic::ServerConnection::new(Arc::clone(&server), Version::V1, Vec::new());
    let mut client = quic::Connection::from(client.unwrap());
    let mut server = quic::Connection::from(server.unwrap());

    flight(&mut client, &mut server);
    let theirs = one_rtt(flight(&mut server, &mut client)).unwrap();
    let ours = one_rtt(flight(&mut client, &mut server)).unwrap();
    assert!(!client.is_handshaking() && !server.is_handshaking());

    let mut packet = b"datagram".to_vec();
    let tag = theirs
        .local
        .packet
        .encrypt_in_place(7, b"header", &mut packet);
    packet.extend_from_slice(tag.unwrap().as_ref());
    let plain = ours
        .remote
        .packet
        .decrypt_in_place(7, b"header", &mut packet);
    assert_eq!(plain.unwrap(), b"datagram");
}
