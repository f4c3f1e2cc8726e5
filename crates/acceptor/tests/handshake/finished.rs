//! What a client sends after its Finished, and within it.

use std::io::Write;
use std::sync::Arc;

use crate::handshake::clients::{PROVIDERS, answered, client, read_by, written};
use lastword_acceptor::{
    AlertDescription, Config, Connection, End, ErrorAndAlert, Handshake, Phase, Progress, Silence,
};
use lastword_testkit::catalogue::{Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::HelloBuilder;
use rustls::{AlertDescription as Told, ClientConfig, ClientConnection};

/// A client of these versions.
pub(crate) fn config(pki: &Pki, versions: Versions) -> Arc<ClientConfig> {
    pki.client_config(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// A client that has had the server's flight, and the server's handshake.
fn before_finished(pki: &Pki, config: Arc<ClientConfig>) -> (ClientConnection, Handshake) {
    before_finished_to(&ServerProfile::DEFAULT, pki, config)
}

/// The same with a server of this profile.
pub(crate) fn before_finished_to(
    profile: &ServerProfile,
    pki: &Pki,
    config: Arc<ClientConfig>,
) -> (ClientConnection, Handshake) {
    let mut client = client(config);
    let config = Config::new(pki.server_config(profile)).unwrap();
    let handshake = answered(&mut client, &config);
    (client, handshake)
}

/// What the handshake comes to when it gets the bytes in chunks of this length, all of them.
///
/// What comes after the chunk that completes the handshake is the connection's, as any other data.
pub(crate) fn complete(
    mut handshake: Handshake,
    bytes: &[u8],
    most: usize,
) -> Result<Connection, ErrorAndAlert> {
    for mut chunk in bytes.chunks(most) {
        match handshake.receive(&mut chunk)? {
            Progress::Continue(next) => handshake = next,
            Progress::Complete(connection) => {
                assert_eq!(chunk, b"");
                return Ok(connection);
            }
            Progress::ClientHello(_) | Progress::Authenticated(_) => unreachable!(),
        }
    }
    panic!("{most} bytes at a time: it is not complete")
}

/// The client's Finished, with a request in records of its own, and the server's handshake.
fn finished_and_request(pki: &Pki, versions: Versions) -> (ClientConnection, Vec<u8>, Handshake) {
    let (mut client, handshake) = before_finished(pki, config(pki, versions));
    let mut bytes = written(&mut client);
    if versions == Versions::Tls13 {
        client
            .writer()
            .write_all(b"GET / HTTP/1.1\r\n\r\n")
            .unwrap();
        bytes.extend(written(&mut client));
    }
    (client, bytes, handshake)
}

#[test]
fn what_comes_with_the_finished_and_fails_is_the_handshakes_error() {
    let pki = Pki::new();
    for (behind, alert, told, words) in [
        (
            &[99, 3, 3, 0, 1, 7][..],
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
            "client sent an unexpected content type 99 record after the ClientHello",
        ),
        (
            b"GET / HTTP/1.1\r\n\r\n",
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
            "client sent an unexpected content type 71 record after the ClientHello",
        ),
        (
            &[
                23, 3, 3, 0, 20, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
            ],
            AlertDescription::BAD_RECORD_MAC,
            Told::BadRecordMac,
            "client sent a record that does not decrypt",
        ),
        (
            &[20, 3, 3, 0, 1, 1],
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
            "client sent an unexpected change_cipher_spec record",
        ),
    ] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let (mut client, handshake) = before_finished(&pki, config(&pki, versions));
            let bytes = [&written(&mut client)[..], behind].concat();
            let error = complete(handshake, &bytes, usize::MAX).unwrap_err();
            assert_eq!(error.alert(), Some(alert), "{versions:?} {behind:02x?}");
            assert!(error.to_string().starts_with(words), "{error}");
            assert_eq!(error.error().phase(), Phase::Established);
            assert_eq!(
                read_by(&mut client, &error),
                told,
                "{versions:?} {behind:02x?}"
            );
        }
    }
}

#[test]
fn a_message_in_plaintext_with_the_finished_is_unexpected() {
    let pki = Pki::new();
    let (mut client, handshake) = before_finished(&pki, config(&pki, Versions::Tls13));
    let hello = HelloBuilder::default().record();
    let bytes = [&written(&mut client)[..], &hello].concat();
    let error = complete(handshake, &bytes, usize::MAX).unwrap_err();
    assert_eq!(
        error.to_string(),
        "client sent a plaintext handshake record after the ServerHello"
    );
    assert_eq!(read_by(&mut client, &error), Told::UnexpectedMessage);
}

#[test]
fn an_alert_with_the_finished_is_reported_and_not_answered() {
    let pki = Pki::new();
    let config = config(&pki, Versions::Tls13);
    let (mut client, handshake) = before_finished(&pki, config);
    let mut bytes = written(&mut client);
    client.read_tls(&mut &[99, 3, 3, 0, 1, 7][..]).unwrap(); // it sends decode_error
    client.process_new_packets().unwrap_err();
    bytes.extend(written(&mut client));
    let error = complete(handshake, &bytes, usize::MAX).unwrap_err();
    assert_eq!(error.silence(), Some(Silence::PeerAlert));
    assert_eq!(error.tls(), b"");
    assert!(
        error
            .to_string()
            .starts_with("client sent the alert decode_error (50)"),
        "{error}"
    );
}

#[test]
fn what_is_good_is_the_applications_and_the_error_comes_after_it() {
    let pki = Pki::new();
    let (_, mut bytes, handshake) = finished_and_request(&pki, Versions::Tls13);
    bytes.extend([99, 3, 3, 0, 1, 7]);
    let mut connection = complete(handshake, &bytes, usize::MAX).unwrap();
    let request = b"GET / HTTP/1.1\r\n\r\n";
    assert_eq!(connection.plaintext().unwrap(), request);
    connection.consume(request.len());
    let error = connection.process().unwrap_err();
    let words = "client sent an unexpected content type 99 record after the ClientHello";
    assert_eq!(error.to_string(), words);
    assert!(connection.wants_write());
}

#[test]
fn every_byte_that_comes_with_the_finished_is_the_connections() {
    let pki = Pki::new();
    for most in [1, 7, 70, usize::MAX] {
        let (mut client, mut bytes, handshake) = finished_and_request(&pki, Versions::Tls13);
        client.send_close_notify();
        bytes.extend(written(&mut client));
        bytes.extend([99, 3, 3, 0, 1, 7]); // ignored after close_notify
        let mut left = &bytes[..];
        let mut connection = None;
        let mut handshake = Some(handshake);
        while !left.is_empty() {
            let (mut chunk, rest) = left.split_at(most.min(left.len()));
            left = rest;
            match (handshake.take(), &mut connection) {
                (Some(shaking), _) => match shaking.receive(&mut chunk).unwrap() {
                    Progress::Continue(next) => handshake = Some(next),
                    Progress::Complete(complete) => connection = Some(complete),
                    Progress::ClientHello(_) | Progress::Authenticated(_) => unreachable!(),
                },
                (None, Some(connection)) => {
                    if connection.read_tls(&mut chunk).unwrap() > 0 {
                        connection.process().unwrap();
                    }
                }
                (None, None) => unreachable!(),
            }
        }
        let mut connection = connection.unwrap();
        let request = b"GET / HTTP/1.1\r\n\r\n";
        assert_eq!(connection.plaintext().unwrap(), request, "{most} at a time");
        connection.consume(request.len());
        assert_eq!(connection.plaintext().unwrap(), b"");
    }
}

/// rustls takes any record there for one that is encrypted.
#[test]
fn an_unknown_record_within_a_finished_is_unexpected() {
    let pki = Pki::new();
    let mut config = Arc::unwrap_or_clone(config(&pki, Versions::Tls13));
    config.max_fragment_size = Some(32); // its Finished is longer
    let config = Arc::new(config);
    for (provider, profile) in PROVIDERS {
        let (mut client, handshake) = before_finished_to(&profile, &pki, Arc::clone(&config));
        let own = written(&mut client);
        let (change_cipher_spec, finished) = own.split_at(6);
        let first = &finished[..5 + usize::from(finished[4])];
        let bytes = [change_cipher_spec, first, &[99, 3, 3, 0, 1, 7]].concat();

        let error = handshake.receive(&mut &bytes[..]).unwrap_err();
        let unexpected = AlertDescription::UNEXPECTED_MESSAGE;
        let (alert, told, required) = match provider {
            Provider::EncryptedAlerts => (unexpected, Told::UnexpectedMessage, None),
            Provider::Rustls => {
                let alert = AlertDescription::BAD_RECORD_MAC;
                (alert, Told::BadRecordMac, Some(unexpected))
            }
        };
        assert_eq!(read_by(&mut client, &error), told);
        assert_eq!(error.alert(), Some(alert));
        assert_eq!(error.error().required_alert(), required);
    }
}

/// RFC 8446 6.1: what comes after close_notify is ignored.
#[test]
fn what_comes_after_a_close_notify_is_no_error() {
    let pki = Pki::new();
    for versions in [Versions::Tls12, Versions::Tls13] {
        for behind in [
            &[99, 3, 3, 0, 1, 7][..],
            &[22, 3, 3, 0, 1, 7],
            b"GET / HTTP/1.1\r\n\r\n",
        ] {
            let (mut client, handshake) = before_finished(&pki, config(&pki, versions));
            client.send_close_notify();
            let bytes = [&written(&mut client)[..], behind].concat();
            let mut connection = complete(handshake, &bytes, usize::MAX).unwrap();
            assert_eq!(connection.plaintext().unwrap(), b"");
            assert!(connection.kept_error().is_none());
        }
    }
}

#[test]
fn a_connection_that_ends_with_a_kept_error_has_the_alert_of_that() {
    let pki = Pki::new();
    for end in [End::TimedOut, End::Aborted] {
        let (mut client, mut bytes, handshake) = finished_and_request(&pki, Versions::Tls13);
        bytes.extend([99, 3, 3, 0, 1, 7]);
        let connection = complete(handshake, &bytes, usize::MAX).unwrap();
        let error = connection.end(end);
        assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
        assert_eq!(read_by(&mut client, &error), Told::UnexpectedMessage);
    }
}

#[test]
fn a_connection_that_ends_after_the_clients_alert_is_not_answered() {
    let pki = Pki::new();
    let (mut client, mut bytes, handshake) = finished_and_request(&pki, Versions::Tls13);
    client.read_tls(&mut &[99, 3, 3, 0, 1, 7][..]).unwrap(); // it sends decode_error
    client.process_new_packets().unwrap_err();
    bytes.extend(written(&mut client));
    let connection = complete(handshake, &bytes, usize::MAX).unwrap();
    let error = connection.end(End::TimedOut);
    assert_eq!(error.silence(), Some(Silence::PeerAlert));
    assert_eq!(error.tls(), b"");
}

#[test]
fn a_bad_record_after_as_much_plaintext_as_there_is_room_for_is_found() {
    let pki = Pki::new();
    let (mut client, handshake) = before_finished(&pki, config(&pki, Versions::Tls13));
    let mut bytes = written(&mut client);
    for len in [16_384, 1] {
        client.writer().write_all(&vec![b'x'; len]).unwrap();
        bytes.extend(written(&mut client));
    }
    let bad = [99, 3, 3, 0, 1, 7];
    bytes.extend(bad);
    let mut left = &bytes[..];
    let progress = handshake.receive(&mut left).unwrap();
    let Progress::Complete(mut connection) = progress else {
        panic!("{progress:?}");
    };
    assert_eq!(left, b"");
    assert_eq!(connection.process().unwrap_err().to_string(), UNKNOWN_TYPE);
}

/// The words for a record of the content type 99.
pub(crate) const UNKNOWN_TYPE: &str =
    "client sent an unexpected content type 99 record after the ClientHello";

#[test]
fn a_part_of_a_header_with_the_finished_is_refused_as_the_whole_is() {
    let pki = Pki::new();
    for len in 1..=6 {
        let (mut client, handshake) = before_finished(&pki, config(&pki, Versions::Tls13));
        let bytes = [&written(&mut client)[..], &[99, 3, 3, 0, 1, 7][..len]].concat();
        let error = complete(handshake, &bytes, usize::MAX).unwrap_err();
        let words = "client sent an unexpected content type 99 record after the ClientHello";
        assert!(error.to_string().starts_with(words), "{error}");
        assert_eq!(read_by(&mut client, &error), Told::UnexpectedMessage);
    }
}
