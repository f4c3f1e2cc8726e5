//! How much memory a client can have a server hold: what it sent, and a constant.

#[allow(dead_code, reason = "some of it is for whole conversations")]
#[path = "../conversation/client.rs"]
mod client;
mod failing;
mod handshaking;

use std::alloc::System;

use lastword_acceptor::{Accepted, Config, ErrorAndAlert, Handshake, Progress};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::sans_io::receive;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Over what it sent, in bytes, while its ClientHello is not whole.
const BEFORE_HELLO: usize = 1024;

/// The extension `padding`, RFC 7685.
const PADDING: ExtensionType = ExtensionType(21);

/// The longest ClientHello, in bytes.
const LONGEST: usize = 65_536;

/// What is received of any ClientHello, in bytes, its record headers included.
const MOST_RECEIVED: usize = LONGEST + 1024;

/// The bytes on the heap.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// How a client was collected.
struct Collected {
    /// The most that was held over what had been given, in bytes.
    most_over: usize,
    /// The most that was held, in bytes.
    most: usize,
    /// What came of it in the end.
    end: Option<Result<Accepted, ErrorAndAlert>>,
}

/// Gives these bytes to a handshake, in chunks of this length, up to the end of the ClientHello.
fn collect(bytes: &[u8], chunk: usize) -> Collected {
    let before = held();
    let (mut most, mut most_over, mut given) = (0, 0, 0);
    let mut measure = |given: usize| {
        let held = held() - before;
        most = most.max(held);
        most_over = most_over.max(held.saturating_sub(given));
    };
    let mut handshake = Handshake::default();
    for mut chunk in bytes.chunks(chunk) {
        given += chunk.len();
        let end = match handshake.receive(&mut chunk) {
            Ok(Progress::Continue(next)) => {
                handshake = next;
                measure(given);
                continue;
            }
            Ok(Progress::ClientHello(accepted)) => Ok(accepted),
            Ok(Progress::Authenticated(_) | Progress::Complete(_)) => unreachable!(),
            Err(error) => Err(error),
        };
        measure(given);
        let end = Some(end);
        return Collected {
            most_over,
            most,
            end,
        };
    }
    let end = None;
    Collected {
        most_over,
        most,
        end,
    }
}

/// The most that a handshake holds over what it was given of a hello that is not whole.
fn most_over(bytes: &[u8], chunk: usize) -> usize {
    let collected = collect(bytes, chunk);
    if let Some(Err(error)) = collected.end {
        panic!("{error}");
    }
    assert!(collected.end.is_none(), "the ClientHello is whole");
    collected.most_over
}

/// A whole ClientHello of so many bytes.
fn padded(len: usize) -> Vec<u8> {
    padded_hello(&HelloBuilder::default(), len)
}

/// This ClientHello, padded to so many bytes.
fn padded_hello(hello: &HelloBuilder, len: usize) -> Vec<u8> {
    let padded = |padding: usize| {
        let hello = hello.clone();
        hello.extension(PADDING, &vec![0; padding]).message()
    };
    let message = padded(len - padded(0).len());
    assert_eq!(message.len(), len);
    message
}

/// A hello of any length in records of any length holds what was given and a constant, and never
/// more than the limit and a constant.
fn whole_hellos_hold_each_byte_once() {
    for (len, record) in [
        (LONGEST, 0x4000),
        (LONGEST, 400),
        (LONGEST, 100),
        (LONGEST, 2),
        (LONGEST, 1),
        (30_000, 100),
        (11_000, 1),
        (18_000, 2),
        (500, 500),
        (500, 499),
        (500, 1),
    ] {
        let message = padded(len);
        let bytes = split_into_records(&message, &vec![record; len / record]);
        for chunk in [1, 4096, usize::MAX] {
            let how = format!("{len} bytes in records of {record}, {chunk} at a time");
            let collected = collect(&bytes, chunk);
            assert!(
                collected.most_over <= BEFORE_HELLO,
                "{} over, {how}",
                collected.most_over
            );
            let most = MOST_RECEIVED + BEFORE_HELLO;
            assert!(collected.most <= most, "{} held, {how}", collected.most);
            match collected.end.unwrap() {
                Ok(accepted) => {
                    assert!(bytes.len() <= MOST_RECEIVED, "{how}");
                    assert_eq!(accepted.client_hello().message(), message, "{how}");
                    assert_eq!(accepted.into_passthrough(), bytes, "{how}");
                }
                Err(error) => {
                    assert!(bytes.len() > MOST_RECEIVED, "{how}");
                    let received = error.error().received();
                    assert_eq!(received, &bytes[..received.len()], "{how}");
                }
            }
        }
    }
}

/// What is at hand of a hello is held in one allocation, up to 8 headers of later records in another,
/// and all more in a third.
fn room_is_made_once_for_what_is_at_hand() {
    for (record, allocations) in [(1000, 1), (999, 2), (500, 2), (112, 2), (100, 3), (4, 3)] {
        let bytes = split_into_records(&padded(1000), &vec![record; 1000 / record]);
        let region = Region::new(ALLOCATOR);
        let progress = Handshake::default().receive(&mut &bytes[..]);
        let Ok(Progress::ClientHello(accepted)) = progress else {
            panic!("not whole")
        };
        let change = region.change();
        let made = change.allocations + change.reallocations;
        assert_eq!(made, allocations, "records of {record}");
        let held = change.bytes_allocated - change.bytes_deallocated;
        let over = held - bytes.len();
        assert!(over <= 72, "{over} over, records of {record}");
        drop(accepted);
    }
}

/// To forward a hello in several records takes as much again for a moment, and no more.
fn a_hello_is_forwarded_from_twice_its_bytes_at_most() {
    let bytes = split_into_records(&padded(LONGEST), &[400; LONGEST / 400]);
    let Some(Ok(accepted)) = collect(&bytes, 4096).end else {
        panic!("not whole")
    };
    let before = held();
    let region = Region::new(ALLOCATOR);
    let forwarded = accepted.into_passthrough();
    assert_eq!(region.change().bytes_allocated, bytes.len());
    assert!(held() <= before);
    assert_eq!(forwarded, bytes);
}

/// Waits until no other thread allocates: the test harness does, when it has begun the test.
fn wait_for_the_harness(longest: &[u8]) {
    let bytes = split_into_records(longest, &[1000; 65]);
    let most = || collect(&bytes, 1).most_over;
    let mut same = 0;
    while same < 3 {
        same = if most() == most() { same + 1 } else { 0 };
    }
}

/// One test, for the heap is one for all.
#[test]
fn holds_what_was_sent_and_a_constant() {
    let before = held();
    let handshake = Handshake::default();
    assert_eq!(held(), before, "on the heap before the first byte");
    let size = size_of_val(&handshake);
    assert!(size <= 128, "{size}");
    drop(handshake);

    // as long as may be, and all of it but the last byte, in records and segments of any length
    let longest = [&[1, 0, 0xff, 0xfc][..], &[3; 0xfffb]].concat();
    wait_for_the_harness(&longest);
    for record in [400, 1000, 0x4000] {
        let bytes = split_into_records(&longest, &vec![record; longest.len() / record]);
        for chunk in [1, 5, 1400, usize::MAX] {
            let over = most_over(&bytes, chunk);
            assert!(
                over <= BEFORE_HELLO,
                "{over} with records of {record}, {chunk} at a time"
            );
        }
    }

    // a client that declares much and sends little
    assert!(most_over(&[22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xfc], 1) <= BEFORE_HELLO);

    whole_hellos_hold_each_byte_once();
    room_is_made_once_for_what_is_at_hand();
    a_hello_is_forwarded_from_twice_its_bytes_at_most();

    let pki = Pki::new();
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    awaiting_finished(&config);
    let rustls = ServerProfile::DEFAULT.with_rustls_provider();
    awaiting_finished(&Config::new(pki.server_config(&rustls)).unwrap());

    let h2 = ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    };
    words(&Config::new(pki.server_config(&h2)).unwrap());

    handshaking::is_bounded(&pki);
    failing::is_bounded(&pki);
}

/// The words for a client cost what the longest line takes, whatever it offers.
fn words(config: &Config) {
    let hello = HelloBuilder::default().alpn(&["a"; 32_600]).message();
    let records = split_into_records(&hello, &[0x4000; 4]);
    let progress = Handshake::default().receive(&mut &records[..]);
    let Ok(Progress::ClientHello(accepted)) = progress else {
        panic!("no ClientHello");
    };
    let error = accepted.into_connection(config).unwrap_err();
    let region = Region::new(ALLOCATOR);
    let said = error.to_string();
    let allocated = region.change().bytes_allocated;
    let end = "a and 32588 more, server has h2";
    assert!(said.ends_with(end), "{said}");
    assert!(allocated <= 4096, "{allocated} for a line");
}

/// A client that was answered takes at most 512 bytes more than with rustls alone.
fn awaiting_finished(config: &Config) {
    let hello = HelloBuilder::default().record();
    let before = held();
    let mut connection = rustls::ServerConnection::new(config.rustls().clone()).unwrap();
    connection.read_tls(&mut &hello[..]).unwrap();
    connection.process_new_packets().unwrap();
    connection.write_tls(&mut std::io::sink()).unwrap();
    let rustls = held() - before + size_of_val(&connection);
    drop(connection);

    let before = held();
    let progress = receive(Handshake::default(), config, &mut &hello[..]);
    let Ok(Progress::Continue(mut handshake)) = progress else {
        panic!("not answered")
    };
    handshake.write_tls(&mut std::io::sink()).unwrap();
    let ours = held() - before + size_of_val(&handshake);
    println!(
        "{} bytes more than rustls alone, encrypted alerts: {}",
        ours.saturating_sub(rustls),
        config.encrypts_alerts()
    );
    assert!(
        ours <= rustls + 512,
        "{ours} against {rustls} of rustls alone"
    );
}
