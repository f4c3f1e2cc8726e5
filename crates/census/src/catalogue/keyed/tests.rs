//! Whether records are sealed as rustls seals them: a rustls server is asked, in memory.

use std::time::Duration;

use lastword_record::HandshakeType;
use rustls::{AlertDescription, Error, ServerConnection};

use super::*;
use crate::catalogue::{ClientAuth, ServerProfile};
use crate::pki::Pki;

/// A server that has sent its flight, a client that has it, and the client's last: as rustls wrote
/// it, and to be written.
struct Meeting {
    server: ServerConnection,
    client: ClientConnection,
    own: Vec<u8>,
    flight: Flight,
}

fn meet(versions: Versions, client_auth: ClientAuth) -> Meeting {
    let pki = Pki::new();
    let profile = ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    };
    let mut server = ServerConnection::new(pki.server_config(&profile)).unwrap();
    let learned = Arc::new(Learned::default());
    let nobody = ([127, 0, 0, 1], 9).into();
    let target = Target::new(nobody, &pki, Duration::ZERO);
    let config = config::client(&target, versions, Identity::Known, &learned).unwrap();
    let mut client = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();

    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    take(&mut server, &hello).unwrap();
    let mut received = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut received).unwrap();
    }
    let mut bytes = &received[..];
    while !bytes.is_empty() {
        client.read_tls(&mut bytes).unwrap();
        client.process_new_packets().unwrap();
    }
    let mut own = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut own).unwrap();
    }
    let flight = Flight::open(&own, learned.secret().unwrap(), &received, b"").unwrap();
    Meeting {
        server,
        client,
        own,
        flight,
    }
}

fn take(server: &mut ServerConnection, mut bytes: &[u8]) -> Result<(), Error> {
    while !bytes.is_empty() {
        server.read_tls(&mut bytes).unwrap();
        server.process_new_packets()?;
    }
    Ok(())
}

#[test]
fn a_flight_sealed_anew_is_accepted_by_rustls() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for client_auth in [ClientAuth::No, ClientAuth::Required] {
            let Meeting {
                mut server,
                mut flight,
                ..
            } = meet(versions, client_auth);
            flight.whole().unwrap();
            take(&mut server, &flight.into_bytes()).unwrap();
            assert!(!server.is_handshaking(), "{versions:?}, {client_auth:?}");
            let certified = server.peer_certificates().is_some();
            assert_eq!(certified, client_auth == ClientAuth::Required);
        }
    }
}

#[test]
fn a_flight_of_tls13_sealed_anew_has_rustls_s_very_bytes() {
    let Meeting {
        own, mut flight, ..
    } = meet(Versions::Tls13, ClientAuth::No);
    flight.whole().unwrap();
    assert_eq!(flight.into_bytes(), own);
}

#[test]
fn a_flight_has_the_messages_of_its_version() {
    use HandshakeType as H;
    let tls13 = [H::CERTIFICATE, H::CERTIFICATE_VERIFY, H::FINISHED];
    let tls12 = [
        H::CERTIFICATE,
        H::CLIENT_KEY_EXCHANGE,
        H::CERTIFICATE_VERIFY,
        H::FINISHED,
    ];
    for (versions, types) in [(Versions::Tls13, &tls13[..]), (Versions::Tls12, &tls12)] {
        let flight = meet(versions, ClientAuth::Required).flight;
        for which in types {
            assert_eq!(flight.message(*which).unwrap()[0], which.0);
        }
        let error = flight.message(H::KEY_UPDATE).unwrap_err();
        assert_eq!(error.to_string(), "rustls wrote no key_update");
    }
}

#[test]
fn one_flipped_bit_in_finished_is_seen_by_rustls_behind_a_good_seal() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let Meeting {
            mut server,
            mut client,
            mut flight,
            ..
        } = meet(versions, ClientAuth::No);
        flight.flip(HandshakeType::FINISHED).unwrap();
        flight.whole().unwrap();
        take(&mut server, &flight.into_bytes()).unwrap_err();
        let mut told = Vec::new();
        server.write_tls(&mut told).unwrap();
        client.read_tls(&mut &told[..]).unwrap();
        // bad_record_mac would be of the seal
        let alert = Error::AlertReceived(AlertDescription::DecryptError);
        assert_eq!(client.process_new_packets().unwrap_err(), alert);
    }
}

#[test]
fn in_tls12_nothing_is_sealed_in_front_of_change_cipher_spec() {
    let mut flight = meet(Versions::Tls12, ClientAuth::No).flight;
    flight.send(ContentType::ALERT, &[1, 90]).unwrap();
    flight.change_cipher_spec();
    flight.send(ContentType::ALERT, &[1, 90]).unwrap();
    let bytes = flight.into_bytes();
    assert_eq!(bytes[..13], [21, 3, 3, 0, 2, 1, 90, 20, 3, 3, 0, 1, 1]);
    assert_eq!(bytes[13..18], [21, 3, 3, 0, 8 + 2 + 16]);
    assert_eq!(bytes.len(), 13 + 5 + 26);
}
