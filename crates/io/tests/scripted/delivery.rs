//! What becomes of an alert: the ways to lose it, each guarded, and each outcome by its name.

use std::io::ErrorKind;
use std::time::Duration;

use lastword_io::acceptor::{AlertDescription, Reason, Silence};
use lastword_io::step::Options;
use lastword_io::{AcceptError, Delivery, Drain, Plain};
use lastword_testkit::script::Outcome::{End, Fail, Interrupted, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;

use crate::scripted::{ACCEPTOR, CONFIG, Scripted, UNEXPECTED_MESSAGE, acceptor, hello};

const GARBAGE: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

fn refuse(stream: ScriptedStream) -> AcceptError<Scripted> {
    refuse_within(stream, &Options::default())
}

fn refuse_within(stream: ScriptedStream, options: &Options) -> AcceptError<Scripted> {
    let stream = Scripted::new(stream.closes_when_told());
    let error = acceptor(options, &CONFIG).accept(stream).unwrap_err();
    assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
    error
}

/// Asserts that the whole alert was written, flushed, and the write side shut behind it.
fn told(error: AcceptError<Scripted>, delivery: Delivery) {
    assert_eq!(error.delivery(), delivery);
    assert_eq!(error.into_stream().shut(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[test]
fn writes_flushes_shuts_and_reads_to_the_end() {
    let error = refuse(ScriptedStream::new(GARBAGE));
    assert_eq!(
        untimed(&error),
        "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered"
    );
    assert_eq!(error.delivery(), Delivery::Delivered);
    let stream = error.into_stream().stream;
    assert_eq!(
        (
            stream.calls().reads,
            stream.calls().writes,
            stream.calls().flushes
        ),
        (3, 1, 1) // once before the alert is written
    );
}

#[test]
fn goes_on_after_short_writes() {
    told(
        refuse(ScriptedStream::new(GARBAGE).writes([UpTo(3), UpTo(1)])),
        Delivery::Delivered,
    );
}

#[test]
fn goes_on_after_interrupts_and_writes_that_would_block() {
    let stream = ScriptedStream::new(GARBAGE)
        .reads([Interrupted, UpTo(100), Interrupted])
        .writes([Interrupted, UpTo(1), Interrupted, UpTo(3), Interrupted])
        .flushes([Interrupted, Interrupted]);
    told(refuse(stream), Delivery::Delivered);
}

#[test]
fn flushes_what_a_stream_holds_back() {
    told(
        refuse(ScriptedStream::new(GARBAGE).buffering()),
        Delivery::Delivered,
    );
}

#[test]
fn reads_what_is_still_to_come_before_it_closes() {
    // with more in flight than is read before the alert, the end may have been there before it
    for (length, delivery) in [(200_000, Delivery::Delivered), (300_000, Delivery::Written)] {
        let upload = [GARBAGE, &vec![b'x'; length]].concat();
        let error = refuse(ScriptedStream::new(&upload));
        assert_eq!(error.delivery(), delivery, "{length}");
        assert_eq!(error.into_stream().stream.unread(), 0);
    }
}

#[test]
fn a_write_that_takes_nothing_is_the_end_and_not_a_loop() {
    let error = refuse(ScriptedStream::new(GARBAGE).writes([UpTo(3), End]));
    assert_eq!(error.delivery(), Delivery::Failed);
    assert_eq!(
        error.into_stream().stream.written(),
        &UNEXPECTED_MESSAGE[..3]
    );
}

#[test]
fn a_reset_is_told_apart_before_and_after_the_alert() {
    for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe] {
        let error = refuse(ScriptedStream::new(GARBAGE).writes([UpTo(3), Fail(kind)]));
        assert_eq!(error.delivery(), Delivery::PeerReset);
        assert_eq!(error.into_stream().shut(), None);
    }
    let reads = [UpTo(100), Fail(ErrorKind::ConnectionReset)];
    let error = refuse(ScriptedStream::new(GARBAGE).reads(reads));
    assert_eq!(error.delivery(), Delivery::PeerReset);
    assert_eq!(error.into_stream().stream.written(), []);
    let reads = [UpTo(100), WouldBlock, Fail(ErrorKind::ConnectionReset)];
    told(
        refuse(ScriptedStream::new(GARBAGE).reads(reads)),
        Delivery::PeerReset,
    );
}

#[test]
fn a_write_side_that_cannot_be_shut_is_left_to_the_drain() {
    let shutdowns = [Fail(ErrorKind::NotConnected)];
    let error = refuse(ScriptedStream::new(GARBAGE).shutdowns(shutdowns));
    assert_eq!(error.delivery(), Delivery::Delivered);
    assert_eq!(error.into_stream().shut(), None);
}

#[test]
fn a_drain_that_fails_otherwise_than_by_a_reset_takes_nothing_back() {
    let reads = [UpTo(100), WouldBlock, Fail(ErrorKind::Other)];
    told(
        refuse(ScriptedStream::new(GARBAGE).reads(reads)),
        Delivery::Written,
    );
}

#[test]
fn the_error_that_delivery_hits_does_not_hide_the_first() {
    let writes = [Fail(ErrorKind::ConnectionReset)];
    let error = refuse(ScriptedStream::new(GARBAGE).writes(writes));
    assert!(error.io_error().is_none());
    assert_eq!(
        untimed(&error),
        "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, reset by the client"
    );
}

#[test]
fn a_client_that_never_reads_costs_the_deadline_and_no_more() {
    let never = std::iter::repeat_n(WouldBlock, 1000);
    let error = refuse(ScriptedStream::new(GARBAGE).stays_open().writes(never));
    assert_eq!(error.delivery(), Delivery::TimedOut);
    let stream = error.into_stream();
    assert_eq!(
        (stream.elapsed(), stream.shut()),
        (Options::default().timeout, None)
    );
}

#[test]
fn a_client_that_never_closes_costs_the_drain_and_no_more() {
    let options = Options::default().with_drain(Drain::default().with_time(Duration::from_secs(3)));
    let error = refuse_within(ScriptedStream::new(GARBAGE).stays_open(), &options);
    assert_eq!(error.delivery(), Delivery::Written);
    assert_eq!(error.into_stream().elapsed(), Duration::from_secs(3));
}

#[test]
fn a_client_that_never_stops_sending_costs_the_drain_and_no_more() {
    let upload = [GARBAGE, &[b'x'; 100_000]].concat();
    let options = Options::default().with_drain(Drain::default().with_bytes(50_000));
    let error = refuse_within(ScriptedStream::new(&upload), &options);
    assert_eq!(error.delivery(), Delivery::Written);
    // one read of 4 KiB for the request, and 13 for the drain
    assert_eq!(
        error.into_stream().stream.unread(),
        upload.len() - 14 * 4096
    );
}

#[test]
fn a_stream_without_a_write_side_to_shut_is_not_waited_for() {
    let stream = Plain(ScriptedStream::new(GARBAGE).stays_open());
    let error = ACCEPTOR.accept(stream).unwrap_err();
    assert_eq!(error.delivery(), Delivery::Written);
    let Plain(stream) = error.into_stream();
    assert_eq!(
        (stream.written(), stream.calls().reads),
        (&UNEXPECTED_MESSAGE[..], 1)
    );
}

#[test]
fn a_drain_without_end_is_no_overflow_and_one_without_time_still_writes() {
    let endless = Options::default().with_drain(Drain::default().with_time(Duration::MAX));
    told(
        refuse_within(ScriptedStream::new(GARBAGE), &endless),
        Delivery::Delivered,
    );

    let none = Options::default().with_drain(Drain::default().with_time(Duration::ZERO));
    let stream = Scripted::new(ScriptedStream::new(&[22, 3]).stays_open());
    let error = acceptor(&none, &CONFIG).accept(stream).unwrap_err();
    assert_eq!(error.alert(), Some(AlertDescription::USER_CANCELED));
    assert_eq!(error.delivery(), Delivery::Written);
    assert_eq!(error.into_stream().stream.written().len(), 14);
}

#[test]
fn a_failing_stream_is_not_taken_for_the_clients_doing() {
    for (stream, words) in [
        (
            ScriptedStream::new(&[]).reads([Fail(ErrorKind::Other)]),
            "stream failed before any part of a ClientHello arrived (other error)",
        ),
        (
            ScriptedStream::new(&hello()).writes([End]),
            "stream failed after the ServerHello, nothing received since (write zero)",
        ),
    ] {
        let error = ACCEPTOR.accept(Scripted::new(stream)).unwrap_err();
        assert!(untimed(&error).starts_with(&format!("{words}; no alert sent")));
        assert_eq!(error.silence(), Some(Silence::StreamFailed));
        assert_eq!(error.reason(), Reason::StreamFailed);
        assert!(!error.is_probe());
    }
}
