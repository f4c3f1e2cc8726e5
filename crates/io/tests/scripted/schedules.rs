//! Whatever schedule lets the bytes through, whole handshakes complete, and who fails is told.

use std::io::Read;

use lastword_io::acceptor::Config;
use lastword_io::{Delivery, Options};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::script::{Outcome, ScriptedStream};
use proptest::prelude::*;
use rustls::AlertDescription;

use crate::pipe::Pipe;
use crate::styles::{STYLES, Style};
use crate::{CONFIG, PKI};

/// What a stream does: reads, writes and flushes.
type Schedules = [Vec<Outcome>; 3];

/// Calls that go through, or are to be made again. Some are of no use until the first have passed.
fn schedule() -> impl Strategy<Value = Vec<Outcome>> {
    let outcome = prop_oneof![
        2 => (1_usize..9).prop_map(Outcome::UpTo),
        1 => (9_usize..500).prop_map(Outcome::UpTo),
        1 => Just(Outcome::Interrupted),
        1 => Just(Outcome::WouldBlock),
    ];
    prop::collection::vec(outcome, 0..80)
}

fn schedules() -> impl Strategy<Value = Schedules> {
    [schedule(), schedule(), schedule()]
}

fn style() -> impl Strategy<Value = Style> {
    prop::sample::select(&STYLES[..])
}

fn versions() -> impl Strategy<Value = Versions> {
    prop::sample::select(&[Versions::Tls12, Versions::Tls13][..])
}

fn pipe(schedules: Schedules, buffering: bool, client: &ClientProfile) -> Pipe {
    let [reads, writes, flushes] = schedules;
    let stream = ScriptedStream::new(&[])
        .reads(reads)
        .writes(writes)
        .flushes(flushes);
    let stream = if buffering {
        stream.buffering()
    } else {
        stream
    };
    Pipe::new(stream, client)
}

#[test]
fn what_came_right_behind_the_handshake_is_in_the_connection() {
    let client = ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    for style in STYLES {
        let pipe = Pipe::new(ScriptedStream::new(&[]), &client).saying(b"a request");
        let established = style.accept_any(pipe, &Options::default(), &CONFIG);
        let (mut connection, _) = established.unwrap().into_parts();
        let mut words = [0; 20];
        let read = connection.reader().read(&mut words).unwrap();
        assert_eq!(&words[..read], b"a request", "{style:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_good_client_is_served_to_the_last_byte(
        style in style(),
        versions in versions(),
        schedules in schedules(),
        buffering: bool,
    ) {
        let client = ClientProfile { versions, ..ClientProfile::DEFAULT };
        let pipe = pipe(schedules, buffering, &client);
        let established = style.accept_any(pipe, &Options::default(), &CONFIG).unwrap();
        prop_assert!(!established.wants_write());
        let (delivery, pipe) = established.close(b"the last word");
        prop_assert_eq!(delivery, Delivery::PeerClosed);
        prop_assert_eq!(pipe.plaintext, b"the last word");
        prop_assert_eq!(pipe.error, None);
        prop_assert!(!pipe.client.is_handshaking());
    }

    #[test]
    fn a_client_without_its_certificate_is_told_behind_the_server_hello(
        style in style(),
        versions in versions(),
        schedules in schedules(),
        buffering: bool,
    ) {
        let required = ServerProfile { client_auth: ClientAuth::Required, ..ServerProfile::DEFAULT };
        let config = Config::new(PKI.server_config(&required));
        let client = ClientProfile { versions, ..ClientProfile::DEFAULT };
        let pipe = pipe(schedules, buffering, &client);
        let (report, pipe) = style.accept_any(pipe, &Options::default(), &config).unwrap_err();
        prop_assert_eq!(report.delivery(), Delivery::PeerClosed);
        let told = match versions {
            Versions::Tls12 => AlertDescription::HandshakeFailure,
            _ => AlertDescription::CertificateRequired,
        };
        prop_assert_eq!(pipe.error, Some(rustls::Error::AlertReceived(told)));
    }

    #[test]
    fn a_client_of_an_authority_unknown_is_told_so(
        style in style(),
        versions in versions(),
        schedules in schedules(),
        buffering: bool,
    ) {
        let required = ServerProfile { client_auth: ClientAuth::Required, ..ServerProfile::DEFAULT };
        let config = Config::new(PKI.server_config(&required));
        let identity = Identity::UnknownCa;
        let client = ClientProfile { versions, identity, ..ClientProfile::DEFAULT };
        let pipe = pipe(schedules, buffering, &client);
        let (report, pipe) = style.accept_any(pipe, &Options::default(), &config).unwrap_err();
        prop_assert_eq!(report.delivery(), Delivery::PeerClosed);
        let told = AlertDescription::UnknownCA;
        prop_assert_eq!(pipe.error, Some(rustls::Error::AlertReceived(told)));
    }
}
