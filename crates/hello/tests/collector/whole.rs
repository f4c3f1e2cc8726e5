//! ClientHellos that arrive whole.

use lastword_hello::{ClientHello, Collected, Collector, Hello, Limits};

use crate::collector::{collect, message, record, records};

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
        assert_eq!(hello.received_len(), bytes.len(), "{lengths:?}");
        assert_eq!(hello.into_received(), bytes, "{lengths:?}");
    }
}

/// The hello of a client that asks for the server by this name.
fn named(name: &[u8]) -> Hello {
    let vector = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat();
    let list = vector(&[&[0][..], &vector(name)].concat());
    let extensions = vector(&[&[0, 0][..], &vector(&list)].concat());
    let mut message = message();
    message.truncate(message.len() - 2); // the length of no extensions
    message.extend(extensions);
    message[3] = (message.len() - 4) as u8;
    collect(&record(22, &message), usize::MAX, Limits::default()).unwrap()
}

#[test]
fn gives_the_server_name_in_lower_case_and_as_sent() {
    for (sent, name, as_sent) in [
        (&b"EXAMPLE.Test"[..], "example.test", "EXAMPLE.Test"),
        (b"EXAMPLE.Test.", "example.test", "EXAMPLE.Test"),
        (b"example.test", "example.test", "example.test"),
    ] {
        let hello = named(sent);
        assert_eq!(hello.server_name(), Some(name));
        assert_eq!(hello.client_hello().server_name_as_sent(), Some(as_sent));
        assert_eq!(hello.clone().server_name(), Some(name));
    }
    let message = message();
    let hello = collect(&record(22, &message), usize::MAX, Limits::default()).unwrap();
    assert_eq!(hello.server_name(), None);
    assert_eq!(named(b"192.0.2.7").server_name(), None);
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
fn warnings_stand_before_a_hello_in_several_records_as_they_came() {
    let warnings = record(21, &[1, 90]).repeat(3);
    let bytes = [warnings, records(&message(), &[1, 20, 3])].concat();
    for most in [1, 5, 9, usize::MAX] {
        let hello = collect(&bytes, most, Limits::default()).unwrap();
        assert_eq!(hello.message(), message());
        assert_eq!(hello.received(), bytes);
        assert_eq!(hello.clone().into_received(), bytes);
    }
}

#[test]
fn a_hello_with_its_records_exactly_as_long_as_the_limit_is_taken() {
    // 47 bytes in 47 records: 282 bytes. 1,024 + 47 - 282 = 789 are left, 112 warnings and 5
    let limits = Limits::default().with_warning_alerts(255);
    let warnings = record(21, &[1, 90]).repeat(112);
    let bytes = [warnings, records(&message(), &[1; 47])].concat();
    assert_eq!(bytes.len(), 1066);
    for most in [1, usize::MAX] {
        let hello = collect(&bytes, most, limits.with_hello_len(47)).unwrap();
        assert_eq!(hello.received(), bytes);
    }
    // one record fewer and one warning more: the same and two bytes
    let warnings = record(21, &[1, 90]).repeat(113);
    let bytes = [warnings, records(&message(), &[2; 24])].concat();
    assert_eq!(bytes.len(), 958);
    assert!(collect(&bytes, 1, limits.with_hello_len(47)).is_ok());
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

/// No room is made for later records of what is no ClientHello or is longer than the limit.
#[test]
fn makes_no_room_for_what_will_be_refused() {
    for header in [[2, 0, 0x0f, 0xfc], [1, 0x0e, 0xff, 0xfc]] {
        let bytes = records(&[&header[..], &[0; 4092]].concat(), &[600]);
        let failed = Collector::new(Limits::default()).receive(&mut &bytes[..]);
        assert_eq!(
            failed.unwrap_err().received.capacity(),
            605,
            "{header:02x?}"
        );
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

#[test]
fn holds_little_before_the_first_byte() {
    assert!(size_of::<Collector>() <= 88, "{}", size_of::<Collector>());
    assert!(size_of::<Hello>() <= 136, "{}", size_of::<Hello>());
}
