//! Whatever schedule lets the bytes through, the client receives the same.

use lastword_io::Delivery;
use lastword_io::step::Options;
use lastword_record::{LengthLimit, Records};
use lastword_testkit::script::{Schedules, ScriptedStream, schedules};
use proptest::prelude::*;

use crate::scripted::styles::STYLES;
use crate::scripted::{CONFIG, Scripted, UNEXPECTED_MESSAGE, hello};

fn scripted(input: &[u8], schedules: Schedules) -> Scripted {
    Scripted::new(schedules.on(ScriptedStream::new(input))).ticking()
}

proptest! {
    #[test]
    fn a_refused_client_receives_the_whole_alert(
        schedules in schedules(),
        style in prop::sample::select(&STYLES[..]),
    ) {
        let stream = ScriptedStream::new(b"SSH-2.0-OpenSSH_9.2\r\n").closes_when_told();
        let stream = Scripted::new(schedules.on(stream)).ticking();
        let refused = style.accept_any(stream, &Options::default(), &CONFIG);
        let (error, stream) = refused.unwrap_err();
        prop_assert_eq!(error.delivery(), Delivery::Delivered);
        prop_assert_eq!(stream.shut(), Some(&UNEXPECTED_MESSAGE[..]));
    }

    #[test]
    fn a_client_that_breaks_off_received_the_whole_flight(
        schedules in schedules(),
        style in prop::sample::select(&STYLES[..]),
    ) {
        let stream = scripted(&hello(), schedules);
        let refused = style.accept_any(stream, &Options::default(), &CONFIG);
        let (error, stream) = refused.unwrap_err();
        prop_assert_eq!(error.delivery(), Delivery::NothingToSend);
        let flight = stream.shut().unwrap();
        let mut records = Records::new(flight, LengthLimit::TLS13_CIPHERTEXT);
        let types: Vec<u8> = records.by_ref().map(|record| record.header.content_type.0).collect();
        // ServerHello, change_cipher_spec, and what is encrypted
        prop_assert_eq!(&types[..3], &[22, 20, 23]);
        prop_assert!(records.remainder().is_empty());
    }
}
