//! The states, stepped one by one: a choice that takes its time, an alert held back, a client given up.

use std::io;
use std::time::Duration;

use lastword_io::acceptor::{ErrorAndAlert, ErrorKind, Rejection, Silence};
use lastword_io::step::{Accepted, Awaiting, Handshaking, Untold};
use lastword_io::{Delivery, Options, Report, Step, Transport};
use lastword_testkit::script::Outcome::{Fail, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;

use crate::styles::STYLES;
use crate::{CONFIG, Scripted, hello};

/// `user_canceled`, then `close_notify`.
const CANCELED: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

fn over<S, T>(step: Step<S, T>) -> T {
    match step {
        Step::Over(over) => over,
        Step::Reading(_) | Step::Writing(_) => panic!("it waits"),
    }
}

fn reading<S, T>(step: Step<S, T>) -> S {
    match step {
        Step::Reading(state) => state,
        Step::Writing(_) | Step::Over(_) => panic!("it does not wait to read"),
    }
}

fn accepted(stream: &mut Scripted) -> Accepted {
    over(Awaiting::new(&Options::default(), stream.now()).step(stream)).unwrap()
}

/// A client that closes when it is told something.
fn told_once(input: &[u8]) -> Scripted {
    Scripted::new(ScriptedStream::new(input).closes_when_told()).without_timeouts()
}

fn tell(untold: Untold, stream: &mut Scripted) -> Report {
    over(untold.tell(stream.now()).step(stream))
}

fn is_canceled(error: &ErrorAndAlert) -> bool {
    matches!(error.error().kind(), ErrorKind::Canceled)
}

#[test]
fn what_is_behind_the_hello_is_kept_while_a_configuration_is_chosen() {
    let bytes = [&hello()[..], b"behind"].concat();
    let accepted = accepted(&mut Scripted::new(ScriptedStream::new(&bytes)));
    assert_eq!(accepted.into_passthrough(), bytes);
}

#[test]
fn what_there_is_of_a_hello_is_handed_on() {
    let half = &hello()[..40];
    let mut stream = Scripted::new(ScriptedStream::new(half).stays_open());
    let awaiting = reading(Awaiting::new(&Options::default(), stream.now()).step(&mut stream));
    assert_eq!(awaiting.into_passthrough(), half);
}

#[test]
fn what_is_behind_the_hello_goes_to_the_handshake() {
    // an unknown content type behind the hello, in the same read
    let bytes = [&hello()[..], &[99, 3, 3, 0, 1, 0]].concat();
    let mut stream = told_once(&bytes);
    let handshaking = accepted(&mut stream).into_handshake(&CONFIG).unwrap();
    let report = tell(
        over(handshaking.step(&mut stream)).unwrap_err(),
        &mut stream,
    );
    assert_eq!(
        report.to_string(),
        "content type 99 record after the ClientHello; alert unexpected_message (10) delivered"
    );
}

#[test]
fn a_choice_that_takes_too_long_is_told_as_a_deadline_that_passed() {
    let mut stream = Scripted::new(ScriptedStream::new(&hello()));
    let accepted = accepted(&mut stream);
    assert_eq!(
        accepted.deadline(),
        stream.now() + Options::default().deadline
    );
    let report = tell(accepted.expire(), &mut stream);
    assert!(matches!(report.error().kind(), ErrorKind::Expired));
    assert_eq!(stream.shut(), Some(&CANCELED[..]));
}

#[test]
fn a_client_given_up_before_its_first_byte_is_told_nothing() {
    let mut stream = Scripted::new(ScriptedStream::new(&[]).stays_open());
    let awaiting = reading(Awaiting::new(&Options::default(), stream.now()).step(&mut stream));
    let untold = awaiting.cancel();
    assert!(is_canceled(untold.error()));
    assert_eq!(untold.error().silence(), Some(Silence::NothingReceived));
}

#[test]
fn a_client_given_up_before_its_server_hello_is_told_so() {
    let half = || {
        let mut stream = Scripted::new(ScriptedStream::new(&hello()[..40]).stays_open());
        let awaiting = Awaiting::new(&Options::default(), stream.now()).step(&mut stream);
        reading(awaiting).cancel()
    };
    let whole = || accepted(&mut Scripted::new(ScriptedStream::new(&hello()))).cancel();
    let direct = || {
        let mut stream = Scripted::new(ScriptedStream::new(&hello()[..40]).stays_open());
        let now = stream.now();
        let direct = Handshaking::direct(&Options::default(), now, &CONFIG);
        reading(direct.step(&mut stream)).cancel()
    };
    for (untold, words) in [
        (
            half(),
            "server gave up before the ClientHello was complete, 40 bytes received",
        ),
        (whole(), "server gave up before the ServerHello"),
        (
            direct(),
            "server gave up before the ClientHello was complete, 40 bytes received",
        ),
    ] {
        assert!(is_canceled(untold.error()));
        assert_eq!(untold.error().to_string(), words);
        assert_eq!(untold.error().tls(), CANCELED);
    }
}

#[test]
fn a_client_given_up_after_its_server_hello_is_told_close_notify_behind_the_flight() {
    let mut stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
    let handshaking = accepted(&mut stream).into_handshake(&CONFIG).unwrap();
    let untold = reading(handshaking.step(&mut stream)).cancel();
    assert!(is_canceled(untold.error()));
    assert_eq!(
        untold.error().to_string(),
        "server gave up after the ServerHello"
    );
    // a record of one alert and its content type, and the tag
    assert_eq!(untold.error().tls()[..5], [23, 3, 3, 0, 19]);
}

#[test]
fn an_alert_held_back_is_told_when_its_time_comes() {
    let mut stream = told_once(&hello());
    let untold = accepted(&mut stream).reject(Rejection::unrecognized_name());
    stream.stream.clock().advance(Duration::from_secs(3));
    let report = tell(untold, &mut stream);
    assert_eq!(stream.shut(), Some(&[21, 3, 3, 0, 2, 2, 112][..]));
    assert_eq!(report.elapsed(), Duration::from_secs(3));
    assert_eq!(report.delivery(), Delivery::Delivered);
}

/// As a stream that the system has given up, for want of an answer (ETIMEDOUT).
#[test]
fn a_connection_that_timed_out_has_failed_and_is_not_waited_for() {
    for style in STYLES.into_iter().filter(|style| !style.blocks()) {
        let stream = ScriptedStream::new(&hello())
            .stays_open()
            .reads([UpTo(20), Fail(io::ErrorKind::TimedOut)]);
        let refused = style.accept_any(Scripted::new(stream), &Options::default(), &CONFIG);
        let (report, _) = refused.unwrap_err();
        assert_eq!(report.silence(), Some(Silence::StreamFailed), "{style:?}");
        assert_eq!(report.io_error().unwrap().kind(), io::ErrorKind::TimedOut);
        assert_eq!(report.elapsed(), Duration::ZERO);
    }
}

#[test]
fn a_write_side_that_is_not_shut_at_once_is_waited_for() {
    let stream = ScriptedStream::new(b"SSH-2.0-x\r\n").shutdowns([WouldBlock, WouldBlock]);
    let mut stream = Scripted::new(stream.closes_when_told()).ticking();
    let untold =
        over(Awaiting::new(&Options::default(), stream.now()).step(&mut stream)).unwrap_err();
    let mut telling = untold.tell(stream.now());
    for _ in 0..2 {
        telling = match telling.step(&mut stream) {
            Step::Writing(next) => next,
            _ => panic!("it does not wait for the shut"),
        };
    }
    let report = over(telling.step(&mut stream));
    assert_eq!(report.delivery(), Delivery::Delivered);
    assert_eq!(stream.shut(), Some(&crate::UNEXPECTED_MESSAGE[..]));
}
