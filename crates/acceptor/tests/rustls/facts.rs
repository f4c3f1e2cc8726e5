//! What our code takes for granted of rustls 0.23.46 and rustls does not promise.

use std::sync::Arc;

use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::{self, ExtensionType, HelloBuilder};
use rustls::server::Acceptor;
use rustls::{AlertDescription, ClientConnection, Error, PeerIncompatible, ServerConnection};

use crate::rustls::RUSTLS;
use crate::rustls::server::Server;
use crate::rustls::told::{Told, direct, feed, queued};

const PADDING: ExtensionType = ExtensionType(21);

fn connection(profile: &ServerProfile) -> ServerConnection {
    ServerConnection::new(Pki::new().server_config(profile)).unwrap()
}

/// `Config::versions` is learned by it.
#[test]
fn a_list_of_versions_without_one_of_its_own_is_refused_by_a_word_of_its_own() {
    for (versions, offered) in [(Versions::Tls13, 0x0303), (Versions::Tls12, 0x0304)] {
        let profile = ServerProfile {
            versions,
            ..ServerProfile::DEFAULT
        };
        let hello = HelloBuilder::default().supported_versions(&[offered]);
        let refused = feed(&mut connection(&profile), &hello.record());
        let word = PeerIncompatible::Tls12NotOfferedOrEnabled;
        assert_eq!(
            refused,
            Err(Error::PeerIncompatible(word)),
            "not as rustls {RUSTLS}"
        );
    }
}

/// `access_denied` is corrected by it.
#[test]
fn a_resolver_without_a_certificate_is_reported_in_these_words() {
    let config = Server::NoCertificate.config(&Pki::new());
    let mut connection = ServerConnection::new(config).unwrap();
    let refused = feed(&mut connection, &HelloBuilder::default().record());
    let words = "no server certificate chain resolved".to_owned();
    assert_eq!(
        refused,
        Err(Error::General(words)),
        "not as rustls {RUSTLS}"
    );
}

/// A client of TLS 1.2 that closes is seen before rustls is asked.
#[test]
fn close_notify_in_a_handshake_of_tls12_is_taken_for_a_warning() {
    let mut connection = connection(&ServerProfile::DEFAULT);
    feed(&mut connection, &HelloBuilder::tls12().record()).unwrap();
    connection.read_tls(&mut &wire::alert(1, 0)[..]).unwrap();
    let state = connection.process_new_packets().unwrap();
    let goes_on = connection.is_handshaking() && !state.peer_has_closed();
    assert!(
        goes_on,
        "rustls {RUSTLS} went on: the correction in lastword may go"
    );
}

/// In TLS 1.3 rustls says so.
#[test]
fn close_notify_in_a_handshake_of_tls13_is_an_error() {
    let mut connection = connection(&ServerProfile::DEFAULT);
    feed(&mut connection, &HelloBuilder::default().record()).unwrap();
    let closed = feed(&mut connection, &wire::alert(1, 0));
    let alert = AlertDescription::CloseNotify;
    assert_eq!(
        closed,
        Err(Error::AlertReceived(alert)),
        "not as rustls {RUSTLS}"
    );
}

#[test]
fn the_acceptor_of_rustls_loses_the_code_of_an_alert() {
    let bytes = wire::alert(2, 40);
    let error = feed(&mut connection(&ServerProfile::DEFAULT), &bytes);
    let alert = AlertDescription::HandshakeFailure;
    assert_eq!(
        error,
        Err(Error::AlertReceived(alert)),
        "not as rustls {RUSTLS}"
    );

    let mut acceptor = Acceptor::default();
    acceptor.read_tls(&mut &bytes[..]).unwrap();
    let (error, _) = acceptor.accept().unwrap_err();
    let loses_it = matches!(error, Error::InappropriateMessage { .. });
    assert!(loses_it, "rustls {RUSTLS} lost it, now: {error}");
}

#[test]
fn the_end_of_the_stream_is_no_error() {
    let mut connection = connection(&ServerProfile::DEFAULT);
    assert_eq!(connection.read_tls(&mut &[][..]).unwrap(), 0);
    connection.process_new_packets().unwrap();
    assert!(connection.wants_read(), "rustls {RUSTLS} went on waiting");

    let mut acceptor = Acceptor::default();
    assert_eq!(acceptor.read_tls(&mut &[][..]).unwrap(), 0);
    assert!(
        acceptor.accept().unwrap().is_none(),
        "rustls {RUSTLS} went on waiting"
    );
}

/// RFC 8446 section 4.1.1: handshake_failure is required. In TLS 1.3 rustls queues it.
#[test]
fn a_signature_scheme_that_the_key_has_not_is_an_error_without_an_alert_in_tls12() {
    let mut connection = connection(&ServerProfile::DEFAULT);
    let hello = HelloBuilder::tls12().signature_algorithms(&[0x0503]); // the key is on P-256
    let refused = feed(&mut connection, &hello.record());
    let words = "incompatible signing key".to_owned();
    assert_eq!(
        refused,
        Err(Error::General(words)),
        "not as rustls {RUSTLS}"
    );
    assert_eq!(
        queued(&mut connection),
        [],
        "rustls {RUSTLS} queued nothing"
    );
}

/// RFC 8446 section 4.2.8: a server may refuse it with illegal_parameter.
#[test]
fn a_share_of_a_group_that_is_not_offered_is_ignored() {
    let config = Server::Default.config(&Pki::new());
    let hello = HelloBuilder::default().groups(&[0x0017]); // the share is of X25519
    assert_eq!(
        direct(&config, &hello.record()),
        Told::Answer,
        "not as rustls {RUSTLS}"
    );
}

/// Its buffer of 65,535 bytes holds the headers of five records too.
#[test]
fn a_message_is_taken_up_to_65_515_bytes() {
    let config = Server::Default.config(&Pki::new());
    let without = HelloBuilder::default()
        .extension(PADDING, &[])
        .message()
        .len();
    for (len, told) in [(65_515, Told::Answer), (65_516, Told::Nothing)] {
        let hello = HelloBuilder::default().extension(PADDING, &vec![0; len - without]);
        let records = wire::split_into_records(&hello.message(), &[1 << 14; 4]);
        assert_eq!(
            direct(&config, &records),
            told,
            "not as rustls {RUSTLS}: {len} bytes"
        );
    }
}

/// What a client without a certificate is told by a server that requires one.
fn told_without_certificate(versions: Versions) -> Vec<u8> {
    let pki = Pki::new();
    let profile = ServerProfile {
        versions,
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let mut server = ServerConnection::new(pki.server_config(&profile)).unwrap();
    let config = pki.client_config(&ClientProfile::DEFAULT);
    let name = "localhost".try_into().unwrap();
    let mut client = ClientConnection::new(Arc::clone(&config), name).unwrap();
    for _ in 0..3 {
        let mut flight = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut flight).unwrap();
        }
        let result = feed(&mut server, &flight);
        let answer = queued(&mut server);
        if result == Err(Error::NoCertificatesPresented) {
            return answer;
        }
        client.read_tls(&mut &answer[..]).unwrap();
        client.process_new_packets().unwrap();
    }
    panic!("a client without a certificate is not refused");
}

/// RFC 5246 section 7.4.6 has handshake_failure there.
#[test]
fn a_client_of_tls12_without_a_certificate_is_told_certificate_required() {
    let told = told_without_certificate(Versions::Tls12);
    assert_eq!(
        told,
        [21, 3, 3, 0, 2, 2, 116],
        "not as rustls {RUSTLS}: if it is now alert 40, the correction in lastword may go"
    );
}
