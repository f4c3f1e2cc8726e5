//! Clients that fail once they are answered: what they are told, as they themselves read it.

use std::sync::Arc;

use crate::handshake::clients::{
    PROVIDERS, client, flight, read_by, refused, shake_hands, shake_hands_within, written,
};
use lastword_acceptor::{
    AlertDescription, Config, ErrorKind, Handshake, Limits, Phase, Progress, Reason, RecordError,
};
use lastword_testkit::catalogue::{ClientAuth, Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::wire::HelloBuilder;
use rustls::AlertDescription as Told;

const REQUIRED: ServerProfile = ServerProfile {
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

#[test]
fn a_client_without_a_good_certificate_is_told_which_it_lacks() {
    let pki = Pki::new();
    let config = Config::new(pki.server_config(&REQUIRED)).unwrap();
    for (versions, identity, told, reason) in [
        // RFC 5246 7.4.6: in TLS 1.2 none -> handshake_failure
        (
            Versions::Tls12,
            Identity::None,
            Told::HandshakeFailure,
            "client sent no certificate, and this server requires one",
        ),
        (
            Versions::Tls13,
            Identity::None,
            Told::CertificateRequired,
            "client sent no certificate, and this server requires one",
        ),
        (
            Versions::Tls12,
            Identity::UnknownCa,
            Told::UnknownCA,
            "client certificate not accepted: its issuer is not known to this server",
        ),
        (
            Versions::Tls13,
            Identity::UnknownCa,
            Told::UnknownCA,
            "client certificate not accepted: its issuer is not known to this server",
        ),
    ] {
        let profile = ClientProfile {
            versions,
            identity,
            ..ClientProfile::DEFAULT
        };
        let mut client = client(pki.client_config(&profile));
        let error = shake_hands(&mut client, &config, |_| {}).unwrap_err();

        assert_eq!(error.alert().map(|alert| alert.0), Some(told.into()));
        assert_eq!(read_by(&mut client, &error), told, "{versions:?}");
        let authorities =
            "; this server asks for certificates of 1 authority: \"CN=lastword test CA\"";
        let summary = error.error().summary().to_string();
        assert_eq!(summary, format!("{reason}{authorities}"));
        assert_eq!(error.error().phase(), Phase::AfterServerHello);
        assert_eq!(error.error().reason(), Reason::ClientCertificate);
        assert_eq!(error.error().server_name(), Some("localhost"));
        assert_eq!(error.error().received_len(), 0);
        assert_eq!(error.into_parts().0.into_received(), b"");
    }
}

#[test]
fn a_client_resuming_a_session_of_tls12_reads_an_encrypted_alert() {
    let pki = Pki::new();
    let server = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    let profile = ClientProfile {
        versions: Versions::Tls12,
        ..ClientProfile::DEFAULT
    };
    let config = pki.client_config(&profile);
    let mut first = client(Arc::clone(&config));
    shake_hands(&mut first, &server, |_| {}).unwrap();

    let mut second = client(config);
    let spoil = |bytes: &mut Vec<u8>| {
        // not the ClientHello but the Finished
        if bytes[0] == 20 {
            *bytes.last_mut().unwrap() ^= 1;
        }
    };
    let error = shake_hands(&mut second, &server, spoil).unwrap_err();

    assert_eq!(error.alert(), Some(AlertDescription::BAD_RECORD_MAC));
    // 2 bytes, encrypted: 8 of a nonce in front and a tag of 16 behind
    assert_eq!(error.tls()[..5], [21, 3, 3, 0, 26]);
    assert_eq!(error.tls().len(), 5 + 26);
    assert_eq!(read_by(&mut second, &error), Told::BadRecordMac);
    assert_eq!(error.error().reason(), Reason::Decrypt);
}

#[test]
fn a_client_of_tls13_reads_what_was_wrong_with_a_record() {
    let pki = Pki::new();
    for (record, alert, told) in [
        // a content type that is none
        (
            &[99, 3, 3, 0, 1, 0][..],
            AlertDescription::UNEXPECTED_MESSAGE,
            Told::UnexpectedMessage,
        ),
        // longer than rustls 0.23.46 takes
        (
            &[23, 3, 3, 0x48, 1],
            AlertDescription::RECORD_OVERFLOW,
            Told::RecordOverflow,
        ),
        (
            &[
                23, 3, 3, 0, 20, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
            ],
            AlertDescription::BAD_RECORD_MAC,
            Told::BadRecordMac,
        ),
    ] {
        for (provider, profile) in PROVIDERS {
            let server = Config::new(pki.server_config(&profile)).unwrap();
            let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
            let spoil = |bytes: &mut Vec<u8>| {
                if bytes[0] != 22 {
                    *bytes = record.to_vec();
                }
            };
            let error = shake_hands(&mut client, &server, spoil).unwrap_err();
            let (alert, told, required) = match (provider, told) {
                // nothing makes rustls send record_overflow
                (Provider::Rustls, Told::RecordOverflow) => (
                    AlertDescription::DECODE_ERROR,
                    Told::DecodeError,
                    Some(alert),
                ),
                _ => (alert, told, None),
            };
            assert_eq!(error.alert(), Some(alert), "{record:?}");
            assert_eq!(error.error().required_alert(), required, "{record:?}");
            assert_eq!(read_by(&mut client, &error), told, "{record:?}");
        }
    }
}

#[test]
fn the_alert_comes_behind_a_flight_that_is_not_yet_written() {
    let server = Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap();
    let hello = HelloBuilder::tls12().record();
    let finished = [22, 3, 3, 0, 4, 20, 0, 0, 0];
    let error = refused(&server, &[&hello[..], &finished].concat());
    let (flight, alert) = error.tls().split_at(error.tls().len() - 7);
    assert_eq!(flight[..3], [22, 3, 3]);
    assert_eq!(flight[5], 2, "no ServerHello");
    assert_eq!(alert, [21, 3, 3, 0, 2, 2, 10]);
    assert_eq!(error.error().reason(), Reason::UnexpectedMessage);
}

#[test]
fn a_handshake_may_be_as_long_as_its_limit_and_not_longer() {
    let pki = Pki::new();
    let config = Config::new(pki.server_config(&REQUIRED)).unwrap();
    let profile = ClientProfile {
        identity: Identity::Known,
        versions: Versions::Tls12,
        ..ClientProfile::DEFAULT
    };
    let hand = |handshake_len| {
        let mut client = client(pki.client_config(&profile));
        let limits = Limits::default().with_handshake_len(handshake_len);
        let hello = written(&mut client);
        let progress = Handshake::new(limits).receive(&mut &hello[..]).unwrap();
        let Progress::ClientHello(accepted) = progress else {
            panic!("{progress:?}")
        };
        let mut handshake = accepted.into_handshake(&config).unwrap();
        client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
        client.process_new_packets().unwrap();
        let answer = written(&mut client);
        let outcome = handshake.receive(&mut &answer[..]);
        (answer.len(), outcome.map(drop))
    };
    let (needed, outcome) = hand(1 << 18);
    outcome.unwrap();
    let needed = u32::try_from(needed).unwrap();
    assert!((100..1000).contains(&needed), "{needed}");

    let signature = 8; // its length varies by less
    hand(needed + signature).1.unwrap();
    let error = hand(needed - signature).1.unwrap_err();
    let limit = u64::from(needed - signature);
    assert!(
        matches!(
            error.error().kind(),
            ErrorKind::Record(RecordError::HandshakeTooLong { limit: at }) if *at == limit
        ),
        "{error}"
    );
}

#[test]
fn a_handshake_that_is_too_long_is_a_decode_error() {
    let pki = Pki::new();
    let server = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    let profile = ClientProfile {
        versions: Versions::Tls12,
        ..ClientProfile::DEFAULT
    };
    let mut client = client(pki.client_config(&profile));
    let limits = Limits::default().with_handshake_len(20);
    let error = shake_hands_within(limits, &mut client, &server, |_| {}).unwrap_err();
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 50]);
    assert_eq!(
        error.to_string(),
        "client sent more than 20 bytes in one handshake"
    );
    assert_eq!(error.error().reason(), Reason::TooLong);
}
