//! Whatever schedule lets the bytes through, the client receives the same.

use lastword_io::{Delivery, Options};
use lastword_record::{LengthLimit, Records};
use lastword_testkit::script::{Outcome, ScriptedStream};
use proptest::prelude::*;

use crate::styles::STYLES;
use crate::{CONFIG, Scripted, UNEXPECTED_MESSAGE, hello};

/// Calls that go through, or are to be made again.
fn schedule() -> impl Strategy<Value = Vec<Outcome>> {
    let outcome = prop_oneof![
        3 => (1_usize..9).prop_map(Outcome::UpTo),
        1 => Just(Outcome::Interrupted),
        1 => Just(Outcome::WouldBlock),
    ];
    prop::collection::vec(outcome, 0..60)
}

fn scripted(input: &[u8], schedules: [Vec<Outcome>; 3], buffering: bool) -> Scripted {
    let [reads, writes, flushes] = schedules;
    let stream = ScriptedStream::new(input)
        .reads(reads)
        .writes(writes)
        .flushes(flushes);
    let stream = if buffering {
        stream.buffering()
    } else {
        stream
    };
    Scripted::new(stream).ticking()
}

proptest! {
    #[test]
    fn a_refused_client_receives_the_whole_alert(
        reads in schedule(),
        writes in schedule(),
        flushes in schedule(),
        buffering: bool,
        style in prop::sample::select(&STYLES[..]),
    ) {
        let stream = scripted(b"SSH-2.0-OpenSSH_9.2\r\n", [reads, writes, flushes], buffering);
        let refused = style.accept_any(stream, &Options::default(), &CONFIG);
        let (report, stream) = refused.unwrap_err();
        prop_assert_eq!(report.delivery(), Delivery::PeerClosed);
        prop_assert_eq!(stream.shut, Some(UNEXPECTED_MESSAGE.to_vec()));
    }

    #[test]
    fn a_client_that_breaks_off_received_the_whole_flight(
        reads in schedule(),
        writes in schedule(),
        flushes in schedule(),
        buffering: bool,
        style in prop::sample::select(&STYLES[..]),
    ) {
        let stream = scripted(&hello(), [reads, writes, flushes], buffering);
        let refused = style.accept_any(stream, &Options::default(), &CONFIG);
        let (report, stream) = refused.unwrap_err();
        prop_assert_eq!(report.delivery(), Delivery::NothingToSend);
        let flight = stream.shut.unwrap();
        let mut records = Records::new(&flight, LengthLimit::TLS13_CIPHERTEXT);
        let types: Vec<u8> = records.by_ref().map(|record| record.header.content_type.0).collect();
        // ServerHello, change_cipher_spec, and what is encrypted
        prop_assert_eq!(&types[..3], &[22, 20, 23]);
        prop_assert!(records.remainder().is_empty());
    }
}
