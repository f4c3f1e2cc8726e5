//! What becomes of an alert: each `Delivery`, and the limits of each.

use std::io::ErrorKind;
use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::script::Outcome::{End, Fail, Interrupted, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_tokio::acceptor::{AlertDescription, Reason, Silence};
use lastword_tokio::step::Options;
use lastword_tokio::{AcceptError, Delivery, Drain};
use tokio::time::Instant;

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{CONFIG, GARBAGE, Scripted, UNEXPECTED_MESSAGE, hello};

async fn refuse(stream: ScriptedStream) -> AcceptError<Scripted> {
    refuse_within(stream, &Options::default()).await
}

async fn refuse_within(stream: ScriptedStream, options: &Options) -> AcceptError<Scripted> {
    let stream = Scripted::new(stream.closes_when_told());
    let accepted = Style::Direct.accept_any(stream, options, &CONFIG).await;
    let failure = accepted.unwrap_err();
    assert_eq!(failure.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
    failure
}

/// Asserts that the whole alert was written, flushed, and the write side shut after it.
fn delivered(failure: AcceptError<Scripted>, delivery: Delivery) {
    assert_eq!(failure.delivery(), delivery);
    let shut = failure.into_stream().shut();
    assert_eq!(shut.as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn writes_flushes_shuts_and_reads_to_the_end() {
    for style in STYLES {
        let stream = Scripted::new(ScriptedStream::new(GARBAGE).closes_when_told());
        let refused = style.accept_any(stream, &Options::default(), &CONFIG).await;
        let (error, stream) = refused.unwrap_err().split_stream();
        assert_eq!(
            untimed(&error),
            "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered"
        );
        assert_eq!(error.delivery(), Delivery::Delivered);
        let calls = stream.look(ScriptedStream::calls);
        // one read before the alert is written
        assert_eq!((calls.reads, calls.writes, calls.flushes), (3, 1, 1));
        assert!(stream.is_closed(), "{style:?} keeps the stream");
    }
}

#[tokio::test(start_paused = true)]
async fn goes_on_after_calls_that_are_pending_at_every_byte() {
    let each = |n| repeat_n([WouldBlock, UpTo(1)], n).flatten();
    let stream = ScriptedStream::new(GARBAGE)
        .reads(each(GARBAGE.len()))
        .writes(each(7))
        .flushes([WouldBlock, WouldBlock])
        .shutdowns([WouldBlock, WouldBlock]);
    let started = Instant::now();
    delivered(refuse(stream).await, Delivery::Delivered);
    // five milliseconds each: 18 bytes and 7, less one byte that is not read before the alert
    assert!(started.elapsed() >= Duration::from_millis(5 * (4 + 7 + 4)));
}

#[tokio::test(start_paused = true)]
async fn goes_on_after_interrupts() {
    let stream = ScriptedStream::new(GARBAGE)
        .reads([Interrupted, UpTo(100), Interrupted])
        .writes([Interrupted, UpTo(1), Interrupted, UpTo(3), Interrupted])
        .flushes([Interrupted, Interrupted]);
    delivered(refuse(stream).await, Delivery::Delivered);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_takes_nothing_is_the_end_and_not_a_loop() {
    let failure = refuse(ScriptedStream::new(GARBAGE).writes([UpTo(3), End])).await;
    assert_eq!(failure.delivery(), Delivery::Failed);
    let stream = failure.into_stream();
    assert_eq!((stream.written(), stream.shut()), (vec![21, 3, 3], None));
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_reported_before_and_after_the_alert() {
    for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe] {
        let failure = refuse(ScriptedStream::new(GARBAGE).writes([UpTo(3), Fail(kind)])).await;
        assert_eq!(failure.delivery(), Delivery::PeerReset);
        assert_eq!(failure.into_stream().shut(), None);
    }
    let reads = [UpTo(100), Fail(ErrorKind::ConnectionReset)];
    let failure = refuse(ScriptedStream::new(GARBAGE).reads(reads)).await;
    assert_eq!(failure.delivery(), Delivery::PeerReset);
    assert_eq!(failure.into_stream().written(), []);
    let reads = [UpTo(100), WouldBlock, Fail(ErrorKind::ConnectionReset)];
    let stream = ScriptedStream::new(GARBAGE).reads(reads);
    delivered(refuse(stream).await, Delivery::PeerReset);
}

#[tokio::test(start_paused = true)]
async fn the_error_that_delivery_hits_does_not_hide_the_first() {
    let writes = [Fail(ErrorKind::ConnectionReset)];
    let failure = refuse(ScriptedStream::new(GARBAGE).writes(writes)).await;
    assert!(failure.io_error().is_none());
    assert_eq!(
        untimed(&failure),
        "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, reset by the client"
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_side_that_cannot_be_shut_is_drained_all_the_same() {
    // a read of a connection that is gone says so
    for (kind, delivery) in [
        (ErrorKind::NotConnected, Delivery::Delivered),
        // a client that waits for the end of the stream would wait for ours, and we for its
        (ErrorKind::Unsupported, Delivery::Written),
    ] {
        let upload = [GARBAGE, b"and more"].concat();
        let stream = ScriptedStream::new(&upload)
            .reads([UpTo(GARBAGE.len())])
            .shutdowns([WouldBlock, Fail(kind)]);
        let failure = refuse(stream).await;
        assert_eq!(failure.delivery(), delivery);
        let stream = failure.into_stream();
        assert_eq!(
            (stream.written(), stream.unread()),
            (UNEXPECTED_MESSAGE.to_vec(), 0)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_costs_the_timeout_and_no_more() {
    // more than the drain is left to the deadline, or less
    for (timeout, bound) in [(10_000, 10_000), (400, 1000)] {
        let never = repeat_n(WouldBlock, 3000);
        let options = Options::default().with_timeout(Duration::from_millis(timeout));
        let started = Instant::now();
        let stream = ScriptedStream::new(GARBAGE).stays_open().writes(never);
        let failure = refuse_within(stream, &options).await;
        assert_eq!(failure.delivery(), Delivery::TimedOut);
        assert_eq!(started.elapsed(), Duration::from_millis(bound));
        assert_eq!(failure.into_stream().shut(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_side_that_is_never_shut_costs_the_timeout_and_no_more() {
    let never = repeat_n(WouldBlock, 3000);
    let started = Instant::now();
    let failure = refuse(ScriptedStream::new(GARBAGE).shutdowns(never)).await;
    assert_eq!(failure.delivery(), Delivery::Written);
    assert_eq!(started.elapsed(), Options::default().timeout);
    assert_eq!(failure.into_stream().written(), UNEXPECTED_MESSAGE);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_closes_costs_the_drain_and_no_more() {
    let time = Duration::from_secs(3);
    let options = Options::default().with_drain(Drain::default().with_time(time));
    let started = Instant::now();
    let failure = refuse_within(ScriptedStream::new(GARBAGE).stays_open(), &options).await;
    assert_eq!(started.elapsed(), time);
    delivered(failure, Delivery::Written);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_stops_sending_costs_the_drain_and_no_more() {
    let upload = [GARBAGE, &[b'x'; 100_000]].concat();
    let options = Options::default().with_drain(Drain::default().with_bytes(50_000));
    let failure = refuse_within(ScriptedStream::new(&upload), &options).await;
    assert_eq!(failure.delivery(), Delivery::Written);
    // one read of 4 KiB for the request, and 13 for the drain
    assert_eq!(failure.into_stream().unread(), upload.len() - 14 * 4096);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_trickles_costs_the_drain_and_no_more() {
    let upload = [GARBAGE, &[b'x'; 1000]].concat();
    let trickle = repeat_n([WouldBlock, UpTo(1)], 1000).flatten();
    let stream = ScriptedStream::new(&upload).reads([UpTo(GARBAGE.len())]);
    let started = Instant::now();
    let failure = refuse(stream.reads(trickle)).await;
    assert_eq!(failure.delivery(), Delivery::Written);
    assert_eq!(started.elapsed(), Options::default().drain.time);
    assert!(failure.into_stream().unread() > 700);
}

#[tokio::test(start_paused = true)]
async fn the_longest_drain_does_not_overflow_and_one_of_zero_still_writes() {
    let endless = Options::default().with_drain(Drain::default().with_time(Duration::MAX));
    let failure = refuse_within(ScriptedStream::new(GARBAGE), &endless).await;
    delivered(failure, Delivery::Delivered);

    let none = Options::default().with_drain(Drain::default().with_time(Duration::ZERO));
    let stream = Scripted::new(ScriptedStream::new(&[22, 3]).stays_open());
    let failure = Style::Direct.accept_any(stream, &none, &CONFIG).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.alert(), Some(AlertDescription::USER_CANCELED));
    assert_eq!(failure.delivery(), Delivery::Written);
    assert_eq!(failure.into_stream().written().len(), 14);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_is_not_a_client_that_closes() {
    for (stream, words) in [
        (
            ScriptedStream::new(&[]).reads([Fail(ErrorKind::Other)]),
            "stream failed before any part of a ClientHello arrived (other error)",
        ),
        (
            ScriptedStream::new(&hello()).writes([End]),
            "stream failed after the ServerHello, nothing received since (write zero)",
        ),
        // as a stream that the system has given up, for want of an answer (ETIMEDOUT)
        (
            ScriptedStream::new(&hello())
                .stays_open()
                .reads([UpTo(20), Fail(ErrorKind::TimedOut)]),
            "stream failed before the ClientHello was complete, 20 bytes received (timed out)",
        ),
    ] {
        let stream = Scripted::new(stream);
        let options = Options::default();
        let accepted = Style::Direct.accept_any(stream, &options, &CONFIG).await;
        let failure = accepted.unwrap_err();
        assert!(untimed(&failure).starts_with(&format!("{words}; no alert sent")));
        assert_eq!(failure.silence(), Some(Silence::StreamFailed));
        assert_eq!(failure.error().reason(), Reason::StreamFailed);
        assert_eq!(failure.elapsed(), Duration::ZERO);
        assert!(!failure.is_probe());
    }
}
