//! Any cut of the bytes, over records and over segments, collects the same ClientHello.

use lastword_hello::{Collected, Collector, Limits};
use proptest::prelude::*;

use crate::collector::{collect, message, record, records};

proptest! {
    #[test]
    fn any_records_in_any_segments_hold_the_same_hello(
        lengths in prop::collection::vec(1_usize..50, 0..10),
        most in 1_usize..80,
    ) {
        let bytes = records(&message(), &lengths);
        let hello = collect(&bytes, most, Limits::default()).unwrap();
        prop_assert_eq!(hello.message(), message());
        prop_assert_eq!(hello.received(), &bytes[..]);
        prop_assert_eq!(hello.received_len(), bytes.len());
        prop_assert_eq!(hello.into_received(), bytes);
    }

    #[test]
    fn records_cut_anywhere_come_back_as_they_came(
        warnings in 0_usize..4,
        lengths in prop::collection::vec(1_usize..12, 0..40),
        taken in any::<prop::sample::Index>(),
        most in 1_usize..80,
    ) {
        let mut bytes = [record(21, &[1, 90]).repeat(warnings), records(&message(), &lengths)].concat();
        number_versions(&mut bytes);
        let taken = taken.index(bytes.len());
        let mut collector = Collector::new(Limits::default());
        for mut chunk in bytes[..taken].chunks(most) {
            let Ok(Collected::NeedsInput(next)) = collector.receive(&mut chunk) else {
                panic!("over")
            };
            collector = next;
        }
        prop_assert_eq!(collector.received(), taken);
        prop_assert_eq!(collector.into_received(), &bytes[..taken]);
    }

    #[test]
    fn any_bytes_are_refused_at_the_same_byte_in_any_segments(
        mut bytes in prop::collection::vec(any::<u8>(), 0..120),
        tls: bool,
        most in 1_usize..40,
    ) {
        if tls && bytes.len() > 9 {
            bytes[..3].copy_from_slice(&[22, 3, 1]);
            bytes[5..8].copy_from_slice(&[1, 0, 0]);
        }
        let whole = outcome(&bytes, usize::MAX);
        prop_assert_eq!(outcome(&bytes, most), whole);
    }

    #[test]
    fn what_was_taken_is_what_came(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut input = &bytes[..];
        let received = match Collector::new(Limits::default()).receive(&mut input) {
            Ok(Collected::NeedsInput(collector)) => collector.into_received(),
            Ok(Collected::Hello(hello)) => hello.into_received(),
            Err(failed) => failed.received,
        };
        prop_assert_eq!([&received[..], input].concat(), bytes);
    }
}

/// Gives each record but the first another version in its header, which is to be ignored.
fn number_versions(mut bytes: &mut [u8]) {
    for n in 0..=255 {
        let [_, _, _, high, low, ..] = *bytes else {
            return;
        };
        if n > 0 {
            bytes[1..3].fill(n);
        }
        bytes = &mut bytes[5 + usize::from(u16::from_be_bytes([high, low]))..];
    }
}

/// What became of the bytes in words, and how many were taken.
fn outcome(bytes: &[u8], most: usize) -> (String, usize) {
    let mut collector = Collector::new(Limits::default());
    for mut chunk in bytes.chunks(most) {
        match collector.receive(&mut chunk) {
            Ok(Collected::NeedsInput(next)) => collector = next,
            Ok(Collected::Hello(hello)) => return ("whole".into(), hello.received().len()),
            Err(failed) => return (failed.error.to_string(), failed.received.len()),
        }
    }
    ("waits".into(), collector.received())
}
