//! One deadline for all of a handshake, held by the stream's own clock.

use std::time::Duration;

use lastword_io::acceptor::{AlertDescription, Phase, Silence};
use lastword_io::{Accept, Delivery, Options, Step, Transport, accept_direct};
use lastword_testkit::script::Outcome::UpTo;
use lastword_testkit::script::ScriptedStream;

use crate::{CONFIG, Call, Scripted, hello};

const DEADLINE: Duration = Duration::from_secs(10);

fn options() -> Options {
    Options::default().with_deadline(DEADLINE)
}

#[test]
fn a_client_that_sends_nothing_is_told_nothing() {
    let stream = Scripted::new(ScriptedStream::new(&[]).stays_open());
    let failure = accept_direct(stream, &options(), &CONFIG).unwrap_err();
    assert_eq!(failure.silence(), Some(Silence::NothingReceived));
    assert_eq!(failure.delivery(), Delivery::NothingToSend);
    assert_eq!(failure.elapsed(), DEADLINE);
    assert_eq!(failure.into_stream().shut(), Some(&[][..]));
}

#[test]
fn half_a_hello_is_cancelled_in_two_alerts() {
    let stream = Scripted::new(ScriptedStream::new(&hello()[..50]).stays_open());
    let failure = accept_direct(stream, &options(), &CONFIG).unwrap_err();
    assert_eq!(failure.alert(), Some(AlertDescription::USER_CANCELED));
    assert_eq!(failure.delivery(), Delivery::Written);
    assert_eq!(failure.elapsed(), DEADLINE);
    assert_eq!(
        failure.error().to_string(),
        "deadline passed before the ClientHello was complete, 50 bytes received"
    );
    assert_eq!(
        failure.into_stream().shut(),
        Some(&[21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0][..])
    );
}

#[test]
fn a_byte_before_each_timeout_does_not_put_the_deadline_off() {
    let byte = UpTo(1).in_time(Duration::from_millis(900));
    let stream = ScriptedStream::new(&hello())
        .stays_open()
        .reads(vec![byte; 1000]);
    let failure = accept_direct(Scripted::new(stream), &options(), &CONFIG).unwrap_err();
    assert_eq!(failure.error().phase(), Phase::ClientHello);
    // the twelfth byte came after the deadline, and there was no thirteenth
    assert_eq!(failure.elapsed(), 12 * Duration::from_millis(900));
    assert_eq!(failure.error().received(), &hello()[..12]);
}

#[test]
fn no_timeout_outlasts_the_deadline() {
    let slow = UpTo(1).in_time(Duration::from_millis(400));
    let stream = ScriptedStream::new(&hello()[..5])
        .stays_open()
        .reads(vec![slow; 5]);
    let failure = accept_direct(Scripted::new(stream), &options(), &CONFIG).unwrap_err();
    assert_eq!(failure.elapsed(), DEADLINE);
}

#[test]
fn a_client_that_goes_silent_after_the_server_hello_is_told_close_notify() {
    let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
    let failure = accept_direct(stream, &options(), &CONFIG).unwrap_err();
    assert_eq!(failure.error().phase(), Phase::Finished);
    assert_eq!(failure.alert(), Some(AlertDescription::CLOSE_NOTIFY));
    assert_eq!(failure.error().server_name(), Some("localhost"));
    // encrypted: two bytes, the content type, and the tag
    let stream = failure.into_stream();
    let told = stream.shut().unwrap();
    assert_eq!(told[..2], [22, 3]);
    assert_eq!(told[told.len() - 24..][..5], [23, 3, 3, 0, 19]);
}

#[test]
fn sets_the_timeout_once_for_a_handshake_that_is_quick() {
    let stream = ScriptedStream::new(&hello()).reads(vec![UpTo(1); 400]);
    let failure = accept_direct(Scripted::new(stream), &options(), &CONFIG).unwrap_err();
    assert_eq!(failure.error().phase(), Phase::Finished); // it closed after its hello
    // once for reading and once for writing, and once for the drain; short by what a system may
    // round up
    let short = |time: Duration| Some(time - time / 8);
    let drain = Options::default().drain.time;
    assert_eq!(
        failure.into_stream().timeouts,
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
        let mut stream = Scripted::new(ScriptedStream::new(bytes).stays_open()).ticking();
        let start = stream.now();
        let accept = Accept::direct(&options(), start, &CONFIG);
        assert_eq!(accept.deadline(), start + DEADLINE);
        match accept.step(&mut stream) {
            Step::Reading(next) => assert_eq!(next.deadline(), start + time),
            other => panic!("{other:?}"),
        }
    }
}
