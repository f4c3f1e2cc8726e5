//! Whatever schedule lets the bytes through, whole handshakes complete, and who fails is told.

use std::io::{Read, Write};

use lastword_io::Delivery;
use lastword_io::acceptor::{AlertDescription as Alert, Config, Phase, Reason};
use lastword_io::step::Options;
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::script::{Outcome, Schedules, ScriptedStream, schedules};
use lastword_testkit::server::{DECRYPT_ERROR, DECRYPT_ERROR_WORDS};
use lastword_testkit::wire::records;
use proptest::prelude::*;
use rustls::AlertDescription;
use rustls::Error::AlertReceived;

use crate::scripted::styles::{Established, STYLES, Style};
use crate::scripted::{CONFIG, PKI, Scripted, client};

fn style() -> impl Strategy<Value = Style> {
    prop::sample::select(&STYLES[..])
}

fn versions() -> impl Strategy<Value = Versions> {
    prop::sample::select(&[Versions::Tls12, Versions::Tls13][..])
}

fn scripted(schedules: Schedules, profile: &ClientProfile) -> Scripted {
    let stream = ScriptedStream::new(&[]).with_client(client(profile));
    Scripted::new(schedules.on(stream)).ticking()
}

/// What has made an end of the connection for the client.
fn client_error(scripted: &Scripted) -> Option<&rustls::Error> {
    scripted.stream.client().unwrap().error()
}

#[test]
fn what_came_right_behind_the_handshake_is_in_the_connection() {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    for style in STYLES {
        let client = client(&profile).saying(b"a request");
        let scripted = Scripted::new(ScriptedStream::new(&[]).with_client(client));
        let established = style.accept_any(scripted, &Options::default(), &CONFIG);
        let (mut connection, _) = established.unwrap().into_parts();
        assert_eq!(connection.plaintext().unwrap(), b"a request", "{style:?}");
    }
}

/// A record that is spoilt, after so many good ones of the client's.
fn spoilt_after(records: usize) -> Scripted {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    let spoilt = [&[23, 3, 3, 0, 20][..], &[0; 20]].concat();
    let client = client(&profile)
        .saying(b"a request")
        .ending_in(records, &spoilt);
    Scripted::new(ScriptedStream::new(&[]).with_client(client)).ticking()
}

#[test]
fn what_comes_with_the_finished_and_fails_is_told_and_ends_the_connection() {
    // the ClientHello, change_cipher_spec and Finished
    for style in STYLES {
        let refused = style.accept_any(spoilt_after(3), &Options::default(), &CONFIG);
        let (error, scripted) = refused.map(drop).unwrap_err();
        assert_eq!(error.phase(), Phase::Established);
        assert_eq!(error.reason(), Reason::Decrypt);
        assert_eq!(error.alert(), Some(Alert::BAD_RECORD_MAC));
        assert_eq!(error.delivery(), Delivery::Delivered, "{style:?}");
        let told = AlertDescription::BadRecordMac;
        assert_eq!(
            client_error(&scripted),
            Some(&AlertReceived(told)),
            "{style:?}"
        );
        assert!(scripted.shut().is_some(), "{style:?}");
    }
}

#[test]
fn what_comes_with_the_finished_and_is_good_is_read_before_the_error() {
    for style in STYLES {
        let accepted = style.accept_any(spoilt_after(4), &Options::default(), &CONFIG);
        let scripted = match accepted.map_err(drop).unwrap() {
            Established::Blocking(mut stream) => {
                let mut words = [0; 20];
                let read = stream.read(&mut words).unwrap();
                assert_eq!(&words[..read], b"a request");
                for _ in 0..2 {
                    let error = stream.read(&mut words).unwrap_err();
                    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
                    assert_eq!(error.to_string(), DECRYPT_ERROR_WORDS);
                    let error = stream.write(b"a reply").unwrap_err();
                    assert_eq!(error.to_string(), DECRYPT_ERROR_WORDS);
                }
                assert!(stream.get_ref().0.shut().is_some());
                stream.into_inner().0
            }
            Established::Nonblocking(mut connection, mut scripted) => {
                let mut words = [0; 20];
                assert_eq!(connection.plaintext().unwrap(), b"a request");
                connection.consume(9);
                let error = connection.process().unwrap_err();
                let rustls = error.rustls().unwrap().as_rustls();
                assert_eq!(rustls, &DECRYPT_ERROR);
                assert!(!connection.wants_write(), "the alert is not written");
                assert_eq!(scripted.read(&mut words).unwrap(), 0);
                scripted
            }
        };
        let told = AlertDescription::BadRecordMac;
        assert_eq!(
            client_error(&scripted),
            Some(&AlertReceived(told)),
            "{style:?}"
        );
    }
}

/// Of the record behind the handshake the same read takes some bytes, of its header for the most.
#[test]
fn what_came_right_behind_the_handshake_may_be_cut_at_any_byte() {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    let accept = |style: Style, handshake: usize| {
        let client = client(&profile).saying(b"a request");
        let stream = ScriptedStream::new(&[]).with_client(client);
        let scripted = Scripted::new(stream.reads([Outcome::UpTo(4096), Outcome::UpTo(handshake)]));
        let established = style.accept_any(scripted, &Options::default(), &CONFIG);
        established.unwrap().into_parts()
    };
    let (_, scripted) = accept(Style::Blocking, usize::MAX);
    let sent = scripted.stream.client().unwrap().sent();
    let [_hello, change_cipher_spec, finished, _request] = records(sent)[..] else {
        panic!("{sent:?}");
    };
    let handshake = change_cipher_spec.len() + finished.len();
    for cut in 0..9 {
        for style in STYLES {
            let (mut connection, mut scripted) = accept(style, handshake + cut);
            // what is left of it, if anything is
            if scripted.stream.unread() > 0 {
                connection.read_tls(&mut scripted).unwrap();
                connection.process().unwrap();
            }
            let request = connection.plaintext().unwrap();
            assert_eq!(request, b"a request", "{style:?} at {cut}");
        }
    }
}

proptest! {
    #![proptest_config(lastword_testkit::cases(128))]

    #[test]
    fn a_good_client_is_served_to_the_last_byte(
        style in style(),
        versions in versions(),
        schedules in schedules(),
    ) {
        let profile = ClientProfile { versions, ..ClientProfile::DEFAULT };
        let scripted = scripted(schedules, &profile);
        let established = style.accept_any(scripted, &Options::default(), &CONFIG).unwrap();
        prop_assert!(!established.wants_write());
        let (delivery, scripted) = established.close(b"the last word");
        prop_assert_eq!(delivery, Delivery::Delivered);
        prop_assert_eq!(client_error(&scripted), None);
        let client = scripted.stream.client().unwrap();
        prop_assert_eq!(client.plaintext(), b"the last word");
        prop_assert!(!client.is_handshaking());
    }

    #[test]
    fn a_client_without_its_certificate_is_told_behind_the_server_hello(
        style in style(),
        versions in versions(),
        schedules in schedules(),
    ) {
        let required = ServerProfile { client_auth: ClientAuth::Required, ..ServerProfile::DEFAULT };
        let config = Config::new(PKI.server_config(&required)).unwrap();
        let profile = ClientProfile { versions, ..ClientProfile::DEFAULT };
        let scripted = scripted(schedules, &profile);
        let (error, scripted) = style.accept_any(scripted, &Options::default(), &config).unwrap_err();
        prop_assert_eq!(error.delivery(), Delivery::Delivered);
        let told = match versions {
            Versions::Tls12 => AlertDescription::HandshakeFailure,
            _ => AlertDescription::CertificateRequired,
        };
        prop_assert_eq!(client_error(&scripted), Some(&AlertReceived(told)));
    }

    #[test]
    fn a_client_of_an_authority_unknown_is_told_so(
        style in style(),
        versions in versions(),
        schedules in schedules(),
    ) {
        let required = ServerProfile { client_auth: ClientAuth::Required, ..ServerProfile::DEFAULT };
        let config = Config::new(PKI.server_config(&required)).unwrap();
        let identity = Identity::UnknownCa;
        let profile = ClientProfile { versions, identity, ..ClientProfile::DEFAULT };
        let scripted = scripted(schedules, &profile);
        let (error, scripted) = style.accept_any(scripted, &Options::default(), &config).unwrap_err();
        prop_assert_eq!(error.delivery(), Delivery::Delivered);
        let told = AlertDescription::UnknownCA;
        prop_assert_eq!(client_error(&scripted), Some(&AlertReceived(told)));
    }
}
