//! Alerts that are encrypted: by this crate, or by rustls, which has no alert for some errors.

use std::sync::Arc;

use crate::handshake::clients::{
    PROVIDERS, client, flight, greeted, read_by, reads_close_notify, shake_hands, written,
};
use lastword_acceptor::{
    AlertDescription, Certificate, Config, ErrorAndAlert, Handshake, Phase, Reason, Silence,
};
use lastword_testkit::catalogue::{ClientAuth, Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::server;
use lastword_testkit::wire::{HelloBuilder, records};
use rustls::{AlertDescription as Told, ClientConfig, RootCertStore, SupportedProtocolVersion};

const REQUIRED: ServerProfile = ServerProfile {
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

fn config(pki: &Pki, profile: &ServerProfile) -> Config {
    Config::new(pki.server_config(profile)).unwrap()
}

fn refused(handshake: Handshake, mut bytes: &[u8]) -> ErrorAndAlert {
    handshake.receive(&mut bytes).map(drop).unwrap_err()
}

#[test]
fn a_scheme_that_the_key_has_not_is_found_in_the_answer() {
    let hello = HelloBuilder::default().signature_algorithms(&[0x0503]); // the key is on P-256
    let config = config(&Pki::new(), &ServerProfile::DEFAULT);
    let error = crate::handshake::clients::refused(&config, &hello.record());
    assert_eq!(error.alert(), Some(AlertDescription::HANDSHAKE_FAILURE));
    let types = records(error.tls()).into_iter().map(|record| record[0]);
    let found = types.collect::<Vec<_>>();
    match server::MINOR {
        23 => assert_eq!(found, [22, 20, 23]),
        _ => assert_eq!(found, [21]), // before the ServerHello
    }
    assert_eq!(error.error().reason(), Reason::SignatureScheme);
    assert_eq!(error.error().phase(), Phase::ServerHello);
}

/// A client of this version whose certificate chain is of more than 64 KiB.
fn with_long_chain(pki: &Pki, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
    let own = pki.client(Identity::Known).unwrap();
    let chain = vec![own.certificate(); (1 << 16) / own.certificate().len() + 1];
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let config = ClientConfig::builder_with_protocol_versions(&[version])
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, own.key());
    Arc::new(config.unwrap())
}

/// rustls 0.23.46 queues no alert for it.
#[test]
fn a_message_longer_than_rustls_takes_is_a_decode_error() {
    let pki = Pki::new();
    let of = |version, profile: &ServerProfile| {
        let mut client = client(with_long_chain(&pki, version));
        let error = shake_hands(&mut client, &config(&pki, profile), |_| {}).unwrap_err();
        let is_hidden = version == &rustls::version::TLS13 && *profile != REQUIRED;
        let message = if is_hidden { "" } else { ": its certificate" };
        assert_eq!(
            error.to_string(),
            format!("client sent a handshake message of more than 65535 bytes{message}")
        );
        assert_eq!(error.error().reason(), Reason::TooLong);
        (client, error)
    };
    for profile in [REQUIRED, REQUIRED.with_rustls_provider()] {
        let (_, error) = of(&rustls::version::TLS12, &profile);
        assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 50]);
    }

    let (mut client, error) = of(&rustls::version::TLS13, &REQUIRED);
    assert_eq!(error.alert(), Some(AlertDescription::DECODE_ERROR));
    assert_eq!(read_by(&mut client, &error), Told::DecodeError);

    let (mut client, error) = of(&rustls::version::TLS13, &REQUIRED.with_rustls_provider());
    if server::MINOR > 23 {
        assert_eq!(error.error().required_alert(), None);
        assert_eq!(read_by(&mut client, &error), Told::DecodeError);
        return;
    }
    assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY));
    let required = Some(AlertDescription::DECODE_ERROR);
    assert_eq!(error.error().required_alert(), required);
    assert!(reads_close_notify(&mut client, &error));
}

#[test]
fn a_client_of_tls13_that_closes_by_an_encrypted_alert_is_told_nothing() {
    let pki = Pki::new();
    let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
    let mut handshake = greeted(&mut client, &config(&pki, &ServerProfile::DEFAULT));
    // it has the keys of the handshake, and no Finished of the server's
    let flight = flight(&mut handshake);
    client.read_tls(&mut records(&flight)[0]).unwrap();
    client.process_new_packets().unwrap();
    client.send_close_notify();

    let error = refused(handshake, &written(&mut client));
    assert_eq!(error.silence(), Some(Silence::PeerClosed));
    assert_eq!(error.tls(), b"");
    assert_eq!(
        error.to_string(),
        "client closed the connection with close_notify after the ServerHello, 30 bytes received since"
    );
}

#[test]
fn a_client_of_tls13_that_refuses_by_an_encrypted_alert_is_told_nothing() {
    let pki = Pki::new();
    let mut client = client(pki.client_config(&ClientProfile {
        distrusts: true,
        ..ClientProfile::DEFAULT
    }));
    let mut handshake = greeted(&mut client, &config(&pki, &ServerProfile::DEFAULT));
    client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
    client.process_new_packets().unwrap_err();

    let error = refused(handshake, &written(&mut client));
    assert_eq!(error.silence(), Some(Silence::PeerAlert));
    assert_eq!(error.tls(), b"");
    let words = error.to_string();
    let (reason, certificate) = words.split_once("; ").unwrap();
    assert_eq!(
        reason,
        "client sent the alert unknown_ca (48): \
        it does not trust this server's certificate, whose issuer it does not know"
    );
    let chain = pki.server_chain();
    let own = Certificate::new(&chain[0]);
    let words = format!("this server sent {own}, and no other certificate");
    assert_eq!(certificate, words);
}

/// In TLS 1.2 only on resumption does the server encrypt before the client does.
#[test]
fn a_client_resuming_a_session_of_tls12_reads_what_was_wrong_with_a_record() {
    for (provider, profile) in PROVIDERS {
        reads_what_was_wrong_with_a_record(provider, &profile);
    }
}

fn reads_what_was_wrong_with_a_record(provider: Provider, profile: &ServerProfile) {
    let pki = Pki::new();
    let server = config(&pki, profile);
    let config = pki.client_config(&ClientProfile {
        versions: Versions::Tls12,
        ..ClientProfile::DEFAULT
    });
    shake_hands(&mut client(Arc::clone(&config)), &server, |_| {}).unwrap();
    let overflow = match provider {
        Provider::EncryptedAlerts => (AlertDescription::RECORD_OVERFLOW, Told::RecordOverflow),
        Provider::Rustls => (AlertDescription::DECODE_ERROR, Told::DecodeError),
    };

    let unknown = [99, 3, 3, 0, 1, 0];
    let behind_keys = [&[20, 3, 3, 0, 1, 1][..], &unknown].concat();
    let too_long = [23, 3, 3, 0x48, 1];
    let split = [&[22, 3, 3, 0, 1, 20][..], &[20, 3, 3, 0, 1, 1]].concat();
    for (bytes, alert, told) in [
        (
            &unknown[..],
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
        ),
        (
            &behind_keys,
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
        ),
        (&too_long, overflow.0, overflow.1),
        // a Finished in plaintext, and split by a change_cipher_spec: rustls queues no alert for it
        (
            &split,
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
        ),
    ] {
        let mut client = client(Arc::clone(&config));
        let mut handshake = greeted(&mut client, &server);
        client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
        client.process_new_packets().unwrap();

        let error = refused(handshake, bytes);
        assert_eq!(error.alert(), Some(alert));
        assert_eq!(error.tls()[..5], [21, 3, 3, 0, 26]);
        assert_eq!(read_by(&mut client, &error), told);
    }
}
