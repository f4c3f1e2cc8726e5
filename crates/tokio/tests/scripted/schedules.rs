//! Whatever schedule lets the bytes through, whole handshakes complete, and who fails is told.
//!
//! Every future here is watched: one that spins, or waits where nobody will wake it, fails too.

use std::time::Duration;

use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::script::{Schedules, ScriptedStream, schedules};
use lastword_testkit::wire::records;
use lastword_tokio::acceptor::Config;
use lastword_tokio::step::Options;
use lastword_tokio::{Delivery, Drain};
use proptest::prelude::*;
use rustls::AlertDescription;

use crate::scripted::stream::Wake;
use crate::scripted::styles::{Accepted, STYLES, Style, anew};
use crate::scripted::watched::watched;
use crate::scripted::{
    CONFIG, GARBAGE, PKI, Scripted, UNEXPECTED_MESSAGE, client, hello, paused, with_client,
};

fn style() -> impl Strategy<Value = Style> {
    prop::sample::select(&STYLES[..])
}

pub(crate) fn versions() -> impl Strategy<Value = Versions> {
    prop::sample::select(&[Versions::Tls12, Versions::Tls13][..])
}

/// What a stream does, and how those are woken that it has wait.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    schedules: Schedules,
    wakes: Vec<Wake>,
}

pub(crate) fn weather() -> impl Strategy<Value = Weather> {
    let wake = prop::sample::select(&[Wake::AtOnce, Wake::Later][..]);
    let wakes = prop::collection::vec(wake, 0..60);
    (schedules(), wakes).prop_map(|(schedules, wakes)| Weather { schedules, wakes })
}

impl Weather {
    pub(crate) fn on(self, stream: ScriptedStream) -> Scripted {
        Scripted::new(self.schedules.on(stream)).waking(self.wakes)
    }

    fn with_client(self, profile: &ClientProfile) -> Scripted {
        self.on(with_client(client(profile)))
    }
}

/// What comes of a client, and of its stream.
fn accept(style: Style, stream: Scripted, config: &Config) -> Accepted {
    let options = Options::default();
    paused().block_on(style.accept_any(stream, &options, config))
}

/// What has made an end of the connection for the client.
fn error(stream: &Scripted) -> Option<rustls::Error> {
    stream.look(|stream| stream.client().unwrap().error().cloned())
}

fn required() -> Config {
    let client_auth = ClientAuth::Required;
    Config::new(PKI.server_config(&ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    }))
    .unwrap()
}

proptest! {
    #![proptest_config(lastword_testkit::cases(128))]

    #[test]
    fn a_refused_client_receives_the_whole_alert(style in style(), weather in weather()) {
        let stream = weather.on(ScriptedStream::new(GARBAGE).closes_when_told());
        let (error, stream) = accept(style, stream, &CONFIG).unwrap_err().split_stream();
        prop_assert_eq!(error.delivery(), Delivery::Delivered);
        prop_assert_eq!(stream.shut(), Some(UNEXPECTED_MESSAGE.to_vec()));
    }

    #[test]
    fn a_client_that_breaks_off_received_the_whole_flight(
        style in style(),
        weather in weather(),
    ) {
        let stream = weather.on(ScriptedStream::new(&hello()));
        let (error, stream) = accept(style, stream, &CONFIG).unwrap_err().split_stream();
        prop_assert_eq!(error.delivery(), Delivery::NothingToSend);
        let flight = stream.shut().unwrap();
        // ServerHello, change_cipher_spec, and what is encrypted
        let records = records(&flight);
        let types: Vec<u8> = records.iter().map(|record| record[0]).collect();
        prop_assert_eq!(types, [22, 20, 23]);
        let length = usize::from(u16::from_be_bytes([records[2][3], records[2][4]]));
        prop_assert_eq!(records[2].len(), 5 + length);
    }

    #[test]
    fn a_good_client_is_served_to_the_last_byte(
        style in style(),
        versions in versions(),
        weather in weather(),
    ) {
        let stream = weather.with_client(&ClientProfile { versions, ..ClientProfile::DEFAULT });
        let remote = stream.clone();
        let delivery = paused().block_on(async {
            let options = Options::default();
            let mut stream = style.accept_any(stream, &options, &CONFIG).await.unwrap();
            assert!(!stream.get_ref().1.wants_write());
            // tokio-rustls would write them twice if it were interrupted
            let words = b"the last word";
            assert_eq!(stream.get_mut().1.write(words).unwrap(), words.len());
            // however long the schedule is
            let drain = Drain::default().with_time(Duration::from_secs(5));
            watched(&remote, anew(stream.close_within(drain))).await.0
        });
        prop_assert_eq!(delivery, Delivery::Delivered);
        prop_assert_eq!(error(&remote), None);
        remote.look(|stream| {
            let client = stream.client().unwrap();
            assert_eq!(client.plaintext(), b"the last word");
            assert!(!client.is_handshaking());
        });
    }

    #[test]
    fn a_client_without_its_certificate_is_told_behind_the_server_hello(
        style in style(),
        versions in versions(),
        weather in weather(),
    ) {
        let stream = weather.with_client(&ClientProfile { versions, ..ClientProfile::DEFAULT });
        let failure = accept(style, stream, &required()).unwrap_err();
        prop_assert_eq!(failure.delivery(), Delivery::Delivered);
        let told = match versions {
            Versions::Tls12 => AlertDescription::HandshakeFailure,
            _ => AlertDescription::CertificateRequired,
        };
        let told = rustls::Error::AlertReceived(told);
        prop_assert_eq!(error(&failure.into_stream()), Some(told));
    }

    #[test]
    fn a_client_of_an_authority_unknown_is_told_so(
        style in style(),
        versions in versions(),
        weather in weather(),
    ) {
        let identity = Identity::UnknownCa;
        let profile = ClientProfile { versions, identity, ..ClientProfile::DEFAULT };
        let failure = accept(style, weather.with_client(&profile), &required()).unwrap_err();
        prop_assert_eq!(failure.delivery(), Delivery::Delivered);
        let told = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
        prop_assert_eq!(error(&failure.into_stream()), Some(told));
    }
}
