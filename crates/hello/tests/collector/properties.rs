//! Any cut of the bytes, over records and over segments, collects the same ClientHello.

use lastword_hello::{Collected, Collector, Limits};
use proptest::prelude::*;

use crate::{collect, message, records};

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
