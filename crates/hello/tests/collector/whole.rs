//! ClientHellos that arrive whole.

use lastword_hello::{ClientHello, Collected, Collector, Limits};

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
        hello.client_hello(),
        ClientHello::parse(&message()).unwrap()
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

/// A collector that has been given `bytes`, at most `most` at a time, and wants more.
fn given(bytes: &[u8], most: usize) -> Collector {
    let mut collector = Collector::new(Limits::default());
    for mut chunk in bytes.chunks(most) {
        let Ok(Collected::NeedsInput(next)) = collector.receive(&mut chunk) else {
            panic!("over before {} bytes", bytes.len())
        };
        collector = next;
    }
    collector
}

#[test]
fn counts_and_keeps_every_byte_it_is_given() {
    let mut bytes = [record(21, &[1, 90]), records(&message(), &[10])].concat();
    for version in [[3, 1], [9, 9]] {
        bytes[8..10].copy_from_slice(&version);
        for taken in 0..bytes.len() {
            for most in [1, 4, usize::MAX] {
                let collector = given(&bytes[..taken], most);
                assert_eq!(collector.received(), taken, "{most} at a time");
                assert_eq!(collector.into_received(), bytes[..taken]);
            }
        }
    }
    // a version for which it is not known for TLS before its tenth byte
    let mut bytes = record(22, &message());
    bytes[1..3].copy_from_slice(&[9, 9]);
    for taken in 0..bytes.len() {
        assert_eq!(given(&bytes[..taken], 1).received(), taken);
    }
}

#[test]
fn holds_at_most_512_bytes_more_than_have_arrived() {
    let message = [&[1, 0, 0x0f, 0xfc][..], &[0; 4092]].concat();
    let bytes = record(22, &message);
    for most in [1, 3, 600, usize::MAX] {
        for taken in (6..bytes.len()).step_by(101) {
            let held = given(&bytes[..taken], most).into_received().capacity();
            assert!(held <= taken + 512, "{held} for {taken}, {most} at a time");
        }
    }
}

#[test]
fn holds_a_hello_that_comes_at_once_in_one_record_and_no_byte_more() {
    let bytes = record(22, &message());
    let with_more = [&bytes[..], &[0; 100]].concat();
    for mut input in [&bytes[..], &with_more] {
        let collected = Collector::new(Limits::default()).receive(&mut input);
        let Ok(Collected::Hello(hello)) = collected else {
            panic!("not whole")
        };
        assert_eq!(hello.into_received().capacity(), bytes.len());
    }
}

/// Room is made once for what is at hand of a hello in several records, and for the hello at most.
#[test]
fn makes_room_once_for_what_is_at_hand() {
    let message = [&[1, 0, 0x0f, 0x9c][..], &[0; 3996]].concat();
    let first = record(22, &message[..600]);
    let bad = record(99, &[0; 9000]);
    let made = |collector: Collector, bytes: &[u8]| {
        let failed = collector.receive(&mut &bytes[..]).unwrap_err();
        failed.received.capacity()
    };
    let at_once = [&first[..], &bad].concat();
    let collector = Collector::new(Limits::default().with_hello_len(4000));
    assert_eq!(made(collector, &at_once), 5 + 4000 + 512);

    let all = first.len() + 1005;
    for (last, room) in [
        (record(99, &[0; 900]), all + 905),
        (record(22, &[0; 2401]), all + 2406),
        (record(99, &[0; 9000]), first.len() + 5 + 3400 + 512),
    ] {
        let rest = [record(22, &[0; 1000]), last].concat();
        assert_eq!(made(given(&first, usize::MAX), &rest), room);
    }
}

/// None is made for what is no ClientHello, is longer than the limit, or is not known yet.
#[test]
fn makes_no_room_for_what_will_not_be_joined() {
    for header in [[2, 0, 0x0f, 0xfc], [1, 0x0e, 0xff, 0xfc]] {
        let bytes = records(&[&header[..], &[0; 4092]].concat(), &[600]);
        let failed = Collector::new(Limits::default()).receive(&mut &bytes[..]);
        assert_eq!(
            failed.unwrap_err().received.capacity(),
            605,
            "{header:02x?}"
        );
    }
    // the record ends before the length does, and what follows is another record's header
    for (header, first, body) in [([1, 0, 0x0f, 0xff], 3, 3880), ([1, 0, 0x16, 0x40], 2, 5690)] {
        let bytes = records(&[&header[..], &vec![0; body]].concat(), &[first]);
        let held = given(&bytes, usize::MAX).into_received().capacity();
        assert!(held <= bytes.len() + 512, "{held} for {}", bytes.len());
    }
}

/// What is pending of a header when it is over takes its own room and no more.
#[test]
fn holds_a_header_that_was_cut_and_no_byte_more() {
    let message = [&[1, 0, 0xff, 0xfc][..], &[0; 16_380]].concat();
    let bytes = record(22, &message);
    let Ok(Collected::NeedsInput(cut)) = given(&bytes, usize::MAX).receive(&mut &[22, 3, 3][..])
    else {
        panic!("not cut")
    };
    let held = cut.into_received();
    assert_eq!(held.len(), bytes.len() + 3);
    assert!(held.capacity() <= held.len() + 512, "{}", held.capacity());
}

/// And once more for the hello, to join it, but not before it is whole.
#[test]
fn makes_room_once_for_a_hello_that_is_whole() {
    let message = [&[1, 0, 0x0f, 0x9c][..], &[0; 3997]].concat();
    let short = records(&message[..3999], &[600]);
    let held = given(&short, usize::MAX).into_received();
    assert_eq!(held.capacity(), short.len());

    for first in [4, 600] {
        let one_too_many = records(&message, &[first]);
        let collected = Collector::new(Limits::default()).receive(&mut &one_too_many[..]);
        let received = collected.unwrap_err().received;
        assert_eq!(received.capacity(), one_too_many.len() + 4000, "{first}");
    }
}

#[test]
fn holds_little_before_the_first_byte() {
    assert!(size_of::<Collector>() <= 128, "{}", size_of::<Collector>());
}
