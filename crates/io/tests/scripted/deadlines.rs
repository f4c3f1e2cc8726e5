//! One deadline for all of a handshake, held by the stream's own clock.

use std::time::Duration;

use lastword_io::acceptor::Rejection;
use lastword_io::acceptor::{AlertDescription, Phase, Silence};
use lastword_io::step::{Options, Step};
use lastword_io::{Delivery, Drain, TlsAcceptor, Transport};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::script::Outcome::{Interrupted, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;

use crate::scripted::styles::STYLES;
use crate::scripted::{ACCEPTOR, CONFIG, Call, PKI, Scripted, acceptor, hello};

const DEADLINE: Duration = Duration::from_secs(10);

fn options() -> Options {
    Options::default().with_timeout(DEADLINE)
}

#[test]
fn a_client_that_sends_nothing_is_told_nothing() {
    let stream = Scripted::new(ScriptedStream::new(&[]).stays_open());
    let error = ACCEPTOR.accept(stream).unwrap_err();
    assert_eq!(error.silence(), Some(Silence::NothingReceived));
    assert_eq!(error.delivery(), Delivery::NothingToSend);
    assert_eq!(error.elapsed(), DEADLINE);
    assert_eq!(error.into_stream().shut(), Some(&[][..]));
}

#[test]
fn half_a_hello_is_cancelled_in_two_alerts() {
    let stream = Scripted::new(ScriptedStream::new(&hello()[..50]).stays_open());
    let error = ACCEPTOR.accept(stream).unwrap_err();
    assert_eq!(error.alert(), Some(AlertDescription::USER_CANCELED));
    assert_eq!(error.delivery(), Delivery::Written);
    assert_eq!(error.elapsed(), DEADLINE);
    assert_eq!(
        error.error().to_string(),
        "handshake timed out before the ClientHello was complete, 50 bytes received"
    );
    assert_eq!(
        error.into_stream().shut(),
        Some(&[21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0][..])
    );
}

#[test]
fn a_byte_before_each_timeout_does_not_put_the_deadline_off() {
    let byte = UpTo(1).in_time(Duration::from_millis(900));
    let stream = ScriptedStream::new(&hello())
        .stays_open()
        .reads(vec![byte; 1000]);
    let error = ACCEPTOR.accept(Scripted::new(stream)).unwrap_err();
    assert_eq!(error.phase(), Phase::ClientHello);
    // the twelfth byte came after the deadline, and there was no thirteenth
    assert_eq!(error.elapsed(), 12 * Duration::from_millis(900));
    assert_eq!(error.error().received(), &hello()[..12]);
}

#[test]
fn no_timeout_outlasts_the_deadline() {
    let slow = UpTo(1).in_time(Duration::from_millis(400));
    let stream = ScriptedStream::new(&hello()[..5])
        .stays_open()
        .reads(vec![slow; 5]);
    let error = ACCEPTOR.accept(Scripted::new(stream)).unwrap_err();
    assert_eq!(error.elapsed(), DEADLINE);
}

#[test]
fn a_client_that_goes_silent_after_the_server_hello_gets_encrypted_alerts() {
    let rustls = PKI.server_config(&ServerProfile::DEFAULT.with_rustls_provider());
    for (acceptor, alert, alerts) in [
        (&*ACCEPTOR, AlertDescription::USER_CANCELED, 2),
        (&TlsAcceptor::new(rustls), AlertDescription::CLOSE_NOTIFY, 1),
    ] {
        let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
        let error = acceptor.accept(stream).unwrap_err();
        assert_eq!(error.phase(), Phase::AfterServerHello);
        assert_eq!(error.alert(), Some(alert));
        assert_eq!(error.server_name(), Some("localhost"));
        // encrypted: two bytes, the content type, and the tag
        let stream = error.into_stream();
        let told = stream.shut().unwrap();
        assert_eq!(told[..2], [22, 3]);
        for alert in told[told.len() - 24 * alerts..].chunks(24) {
            assert_eq!(alert[..5], [23, 3, 3, 0, 19]);
        }
    }
}

#[test]
fn sets_the_timeout_once_for_a_handshake_that_is_quick() {
    let stream = ScriptedStream::new(&hello()).reads(vec![UpTo(1); 400]);
    let error = ACCEPTOR.accept(Scripted::new(stream)).unwrap_err();
    assert_eq!(error.phase(), Phase::AfterServerHello); // it closed after its hello
    // once for reading and once for writing, and once for the drain; short by more than a system
    // rounds up
    let short = |time: Duration| Some(time - time / 4);
    let drain = Options::default().drain.time;
    assert_eq!(
        error.into_stream().timeouts,
        [
            (Call::Reading, short(DEADLINE)),
            (Call::Writing, short(DEADLINE)),
            (Call::Reading, short(drain)),
        ]
    );
}

#[test]
fn a_nonblocking_accept_says_when_it_must_be_stepped_at_the_latest() {
    let drain = Options::default().drain.time;
    for (bytes, time) in [(&hello()[..50], DEADLINE), (b"GET / HTTP/1.0\r\n", drain)] {
        let mut stream = Scripted::new(ScriptedStream::new(bytes).stays_open()).without_timeouts();
        let start = stream.now();
        let accept = ACCEPTOR.start(start);
        assert_eq!(accept.deadline(), start + DEADLINE);
        match accept.step(&mut stream) {
            Step::Reading(next) => assert_eq!(next.deadline(), start + time),
            other => panic!("{other:?}"),
        }
    }
}

/// What is written blocks for so many calls, whatever failed and when.
fn slow(input: &[u8], calls: usize) -> ScriptedStream {
    let stream = ScriptedStream::new(input).stays_open();
    let blocks = vec![WouldBlock; calls];
    stream
        .writes(blocks.clone())
        .flushes(blocks.clone())
        .shutdowns(blocks)
}

#[test]
fn a_client_takes_no_longer_than_the_timeout_and_the_drain() {
    let hello = hello();
    for (deadline, drain) in [(2000, 1000), (1000, 2000), (2000, 0), (10, 10), (0, 1000)] {
        let [deadline, drain] = [deadline, drain].map(Duration::from_millis);
        let most = deadline + drain.max(Duration::from_millis(100));
        let options = options()
            .with_timeout(deadline)
            .with_drain(Drain::default().with_time(drain));
        for input in [&b"GET / HTTP/1.0\r\n"[..], &hello[..50], &hello] {
            for (calls, style) in (0..8).flat_map(|n| STYLES.map(|style| (n, style))) {
                let mut stream = Scripted::new(slow(input, calls)).rounding();
                // a step is late by no more than a tick
                let tick = Duration::from_millis(5);
                if !style.blocks() {
                    stream = stream.ticking();
                }
                let (_, stream) = style.accept_any(stream, &options, &CONFIG).unwrap_err();
                let took = stream.elapsed();
                assert!(
                    took <= most + tick,
                    "{style:?} {calls}: {took:?} of {most:?}"
                );
            }
        }
    }
}

#[test]
fn an_alert_and_the_drain_share_the_drain_time_after_a_timeout() {
    let options = options()
        .with_timeout(Duration::from_secs(2))
        .with_drain(Drain::default().with_time(Duration::from_secs(1)));
    let stream = ScriptedStream::new(&hello()[..50]).stays_open();
    let stream = Scripted::new(stream.writes([WouldBlock]));
    let error = acceptor(&options, &CONFIG).accept(stream).unwrap_err();
    assert_eq!(error.delivery(), Delivery::Written);
    assert_eq!(error.into_stream().elapsed(), Duration::from_secs(3));
}

#[test]
fn a_timeout_that_the_system_rounds_up_does_not_put_the_deadline_off() {
    let millis = Duration::from_millis;
    for late in [1, 500, 1250, 1600, 2000, 2400, 2500, 5000, 9000] {
        let reads = [UpTo(1).in_time(millis(late))];
        let stream = ScriptedStream::new(&hello()).stays_open().reads(reads);
        let stream = Scripted::new(stream.reads([WouldBlock; 30])).rounding();
        let error = ACCEPTOR.accept(stream).unwrap_err();
        let late_by = error.elapsed() - DEADLINE;
        assert!(late_by <= millis(1), "{late}: {late_by:?}");
    }
}

#[test]
fn a_stream_without_timeouts_is_tried_again_after_pauses() {
    let stream = ScriptedStream::new(&hello()[..50]).stays_open();
    let stream = Scripted::new(stream).without_timeouts();
    let error = ACCEPTOR.accept(stream).unwrap_err();
    assert_eq!(error.elapsed(), DEADLINE);
    let stream = error.into_stream();
    assert_eq!(stream.elapsed(), DEADLINE + options().drain.time);
    // one in 50 milliseconds, after the first that come faster
    let reads = stream.stream.calls().reads;
    assert!((220..240).contains(&reads), "{reads}");
}

#[test]
fn a_write_side_that_blocks_is_shut_after_pauses_and_interrupts() {
    let shutdowns = [Interrupted, WouldBlock, Interrupted, WouldBlock];
    let stream = ScriptedStream::new(b"GET / HTTP/1.0\r\n").shutdowns(shutdowns);
    for style in STYLES {
        let stream = ScriptedStream::new(b"GET / HTTP/1.0\r\n").shutdowns(shutdowns);
        let stream = Scripted::new(stream).without_timeouts();
        let (_, stream) = style.accept_any(stream, &options(), &CONFIG).unwrap_err();
        assert!(stream.shut().is_some(), "{style:?}");
        // a pause of one millisecond, then one of two
        let paused = if style.blocks() { 3 } else { 0 };
        assert_eq!(stream.elapsed(), Duration::from_millis(paused), "{style:?}");
    }
    let blocks = vec![WouldBlock; 1000];
    let stream = Scripted::new(stream.shutdowns(blocks)).without_timeouts();
    let error = ACCEPTOR.accept(stream).unwrap_err();
    assert_eq!(error.delivery(), Delivery::Written);
    assert_eq!(error.into_stream().elapsed(), DEADLINE);
}

#[test]
fn a_choice_that_comes_too_late_costs_no_flight() {
    for style in STYLES.into_iter().filter(|style| style.chooses()) {
        for refuses in [false, true] {
            let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
            let clock = stream.stream.clock();
            let chosen = style.accept(stream.ticking(), &options(), &CONFIG, move |_| {
                clock.advance(DEADLINE);
                match refuses {
                    true => Err(Rejection::unrecognized_name()),
                    false => Ok(CONFIG.clone()),
                }
            });
            let (error, stream) = chosen.unwrap_err();
            let words = "handshake timed out before the ServerHello";
            assert_eq!(error.error().to_string(), words, "{style:?}");
            assert_eq!(
                stream.shut(),
                Some(&[21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0][..])
            );
        }
    }
}
