//! ClientHellos that arrive whole.

use lastword_hello::{Collected, Collector, Limits};
use lastword_record::ProtocolVersion;

use crate::{collect, message, record, records};

#[test]
fn takes_a_hello_in_one_record_and_nothing_behind_it() {
    let bytes = record(22, &message());
    let with_more = [&bytes[..], &[20, 3, 3, 0, 1, 1]].concat();
    let mut input = &with_more[..];
    let Ok(Collected::Hello(hello)) = Collector::new(Limits::default()).receive(&mut input) else {
        panic!("not whole")
    };
    assert_eq!(input, [20, 3, 3, 0, 1, 1]);
    assert_eq!(hello.message(), message());
    assert_eq!(hello.received(), bytes);
    assert_eq!(
        hello.client_hello().legacy_version(),
        ProtocolVersion::TLS_1_2
    );
    assert_eq!(hello.into_received(), bytes);
}

#[test]
fn joins_a_hello_that_is_spread_over_records() {
    for lengths in [&[1, 2, 3, 4, 5][..], &[3, 1], &[46], &[1; 47]] {
        let bytes = records(&message(), lengths);
        let hello = collect(&bytes, usize::MAX, Limits::default()).unwrap();
        assert_eq!(hello.message(), message(), "{lengths:?}");
        assert_eq!(hello.received(), bytes, "{lengths:?}");
        assert_eq!(hello.into_received(), bytes, "{lengths:?}");
    }
}

#[test]
fn ignores_the_version_in_a_record_header() {
    for version in [[0, 0], [2, 0], [3, 0], [3, 9], [5, 5], [0xff, 0xff]] {
        let mut bytes = records(&message(), &[10]);
        bytes[1..3].copy_from_slice(&version);
        bytes[16..18].copy_from_slice(&[9, 9]);
        let hello = collect(&bytes, usize::MAX, Limits::default()).unwrap();
        assert_eq!(hello.message(), message(), "{version:02x?}");
        assert_eq!(hello.received(), bytes, "{version:02x?}");
    }
}

#[test]
fn bears_warnings_before_the_hello_and_keeps_them() {
    let warnings = record(21, &[1, 90]).repeat(4);
    let bytes = [warnings, record(22, &message())].concat();
    let hello = collect(&bytes, usize::MAX, Limits::default()).unwrap();
    assert_eq!(hello.message(), message());
    assert_eq!(hello.received(), bytes);
}

#[test]
fn a_hello_exactly_as_long_as_the_limit_is_taken() {
    let bytes = record(22, &message());
    let limits = Limits::default().with_hello_len(47);
    assert_eq!(
        collect(&bytes, usize::MAX, limits).unwrap().message(),
        message()
    );
}

#[test]
fn holds_little_before_the_first_byte() {
    assert!(size_of::<Collector>() <= 128, "{}", size_of::<Collector>());
}
