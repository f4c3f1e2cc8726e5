//! The states, stepped one by one: a choice that takes its time, an alert held back, a handshake aborted.

use std::io;
use std::time::Duration;

use lastword_io::acceptor::{ErrorAndAlert, ErrorKind, Reason, Rejection, Silence};
use lastword_io::step::{
    Accept, Accepted, Accepting, Close, Delivering, Handshaking, Options, Step, Undelivered,
};
use lastword_io::{AcceptError, Delivery, Transport};
use lastword_testkit::script::Outcome::{Fail, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;

use crate::scripted::styles::STYLES;
use crate::scripted::{ACCEPTOR, CONFIG, Scripted, hello};

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
    over(Accepting::new(&Options::default(), stream.now()).step(stream)).unwrap()
}

/// A client that closes when it is told something.
fn told_once(input: &[u8]) -> Scripted {
    Scripted::new(ScriptedStream::new(input).closes_when_told()).without_timeouts()
}

fn tell(undelivered: Undelivered, stream: &mut Scripted) -> AcceptError {
    over(undelivered.deliver(stream.now()).step(stream))
}

fn is_canceled(error: &ErrorAndAlert) -> bool {
    matches!(error.error().kind(), ErrorKind::Aborted)
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
    let accepting = reading(Accepting::new(&Options::default(), stream.now()).step(&mut stream));
    assert_eq!(accepting.into_passthrough(), half);
}

#[test]
fn what_is_behind_the_hello_goes_to_the_handshake() {
    // an unknown content type behind the hello, in the same read
    let bytes = [&hello()[..], &[99, 3, 3, 0, 1, 0]].concat();
    let mut stream = told_once(&bytes);
    let handshaking = accepted(&mut stream).into_handshake(&CONFIG).unwrap();
    let error = tell(
        over(handshaking.step(&mut stream)).unwrap_err(),
        &mut stream,
    );
    assert_eq!(
        untimed(&error),
        "client sent an unexpected content type 99 record after the ClientHello; alert unexpected_message (10) sent, delivered; name localhost"
    );
}

#[test]
fn a_choice_that_takes_too_long_is_told_as_a_deadline_that_passed() {
    let mut stream = Scripted::new(ScriptedStream::new(&hello()));
    let accepted = accepted(&mut stream);
    assert_eq!(
        accepted.deadline(),
        stream.now() + Options::default().timeout
    );
    let error = tell(accepted.timed_out(), &mut stream);
    assert!(matches!(error.kind(), ErrorKind::TimedOut));
    assert_eq!(stream.shut(), Some(&CANCELED[..]));
}

#[test]
fn a_client_given_up_before_its_first_byte_is_told_nothing() {
    let mut stream = Scripted::new(ScriptedStream::new(&[]).stays_open());
    let accepting = reading(Accepting::new(&Options::default(), stream.now()).step(&mut stream));
    let undelivered = accepting.aborted();
    assert!(is_canceled(undelivered.error()));
    assert_eq!(
        undelivered.error().silence(),
        Some(Silence::NothingReceived)
    );
}

#[test]
fn a_client_given_up_before_its_server_hello_is_told_so() {
    let half = || {
        let mut stream = Scripted::new(ScriptedStream::new(&hello()[..40]).stays_open());
        let accepting = Accepting::new(&Options::default(), stream.now()).step(&mut stream);
        reading(accepting).aborted()
    };
    let whole = || accepted(&mut Scripted::new(ScriptedStream::new(&hello()))).aborted();
    for (undelivered, words) in [
        (
            half(),
            "server aborted the handshake before the ClientHello was complete, 40 bytes received",
        ),
        (
            whole(),
            "server aborted the handshake before the ServerHello",
        ),
    ] {
        assert!(is_canceled(undelivered.error()));
        assert_eq!(undelivered.error().to_string(), words);
        assert_eq!(undelivered.error().tls(), CANCELED);
    }
}

#[test]
fn a_client_given_up_after_its_server_hello_is_told_close_notify_behind_the_flight() {
    let mut stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
    let handshaking = accepted(&mut stream).into_handshake(&CONFIG).unwrap();
    let undelivered = reading(handshaking.step(&mut stream)).aborted();
    assert!(is_canceled(undelivered.error()));
    assert_eq!(
        undelivered.error().to_string(),
        "server aborted the handshake after the ServerHello, nothing received since"
    );
    // a record of one alert and its content type, and the tag
    assert_eq!(undelivered.error().tls()[..5], [23, 3, 3, 0, 19]);
}

#[test]
fn an_alert_held_back_is_told_when_its_time_comes() {
    let mut stream = told_once(&hello());
    let undelivered = accepted(&mut stream).reject(Rejection::unrecognized_name());
    stream.stream.clock().advance(Duration::from_secs(3));
    let error = tell(undelivered, &mut stream);
    assert_eq!(stream.shut(), Some(&[21, 3, 3, 0, 2, 2, 112][..]));
    assert_eq!(error.elapsed(), Duration::from_secs(3));
    assert_eq!(error.delivery(), Delivery::Delivered);
}

/// As a stream that the system has given up, for want of an answer (ETIMEDOUT).
#[test]
fn a_connection_that_timed_out_has_failed_and_is_not_waited_for() {
    for style in STYLES.into_iter().filter(|style| !style.blocks()) {
        let stream = ScriptedStream::new(&hello())
            .stays_open()
            .reads([UpTo(20), Fail(io::ErrorKind::TimedOut)]);
        let refused = style.accept_any(Scripted::new(stream), &Options::default(), &CONFIG);
        let (error, _) = refused.unwrap_err();
        assert_eq!(error.silence(), Some(Silence::StreamFailed), "{style:?}");
        assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::TimedOut);
        assert_eq!(error.elapsed(), Duration::ZERO);
    }
}

#[test]
fn a_write_side_that_is_not_shut_at_once_is_waited_for() {
    let stream = ScriptedStream::new(b"SSH-2.0-x\r\n").shutdowns([WouldBlock, WouldBlock]);
    let mut stream = Scripted::new(stream.closes_when_told()).ticking();
    let undelivered =
        over(Accepting::new(&Options::default(), stream.now()).step(&mut stream)).unwrap_err();
    let mut delivering = undelivered.deliver(stream.now());
    for _ in 0..2 {
        delivering = match delivering.step(&mut stream) {
            Step::Writing(next) => next,
            _ => panic!("it does not wait for the shut"),
        };
    }
    let error = over(delivering.step(&mut stream));
    assert_eq!(error.delivery(), Delivery::Delivered);
    assert_eq!(
        stream.shut(),
        Some(&crate::scripted::UNEXPECTED_MESSAGE[..])
    );
}

#[test]
fn a_client_that_leaves_after_bytes_of_another_protocol_is_no_probe() {
    let leaves_after = |received: &[u8]| {
        let mut stream = Scripted::new(ScriptedStream::new(&[]));
        let accepting = Accepting::new(&Options::default(), stream.now());
        tell(
            accepting.with_received(received.to_vec()).closed(),
            &mut stream,
        )
    };
    assert!(leaves_after(b"").is_probe());
    assert!(!leaves_after(b"PROXY").is_probe());
}

#[test]
fn each_state_ends_the_same_way_for_the_same_reason() {
    let accepting = || {
        let mut stream = Scripted::new(ScriptedStream::new(&hello()[..40]).stays_open());
        reading(Accepting::new(&Options::default(), stream.now()).step(&mut stream))
    };
    let accepted = || accepted(&mut Scripted::new(ScriptedStream::new(&hello())));
    let handshaking = || {
        let mut stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
        let accepted = self::accepted(&mut stream);
        reading(accepted.into_handshake(&CONFIG).unwrap().step(&mut stream))
    };
    let broken = || io::Error::from(io::ErrorKind::NotConnected);
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    for undelivered in [
        accepting().stream_failed(reset()),
        accepted().stream_failed(reset()),
        handshaking().stream_failed(reset()),
    ] {
        // as in a step: a reset is how the client closes
        assert_eq!(undelivered.error().error().reason(), Reason::Closed);
        let error = tell(undelivered, &mut Scripted::new(ScriptedStream::new(&[])));
        assert_eq!(error.silence(), Some(Silence::PeerClosed));
        let kind = error.io_error().unwrap().kind();
        assert_eq!(kind, io::ErrorKind::ConnectionReset);
    }
    for (undelivered, reason) in [
        (accepting().aborted(), Reason::Aborted),
        (accepted().aborted(), Reason::Aborted),
        (handshaking().aborted(), Reason::Aborted),
        (accepting().timed_out(), Reason::TimedOut),
        (accepted().timed_out(), Reason::TimedOut),
        (handshaking().timed_out(), Reason::TimedOut),
        (accepting().stream_failed(broken()), Reason::StreamFailed),
        (accepted().stream_failed(broken()), Reason::StreamFailed),
        (handshaking().stream_failed(broken()), Reason::StreamFailed),
    ] {
        assert_eq!(undelivered.error().error().reason(), reason);
        let is_broken = reason == Reason::StreamFailed;
        assert_eq!(undelivered.error().silence().is_some(), is_broken);
        let error = tell(undelivered, &mut Scripted::new(ScriptedStream::new(&[])));
        assert_eq!(error.io_error().is_some(), is_broken);
    }
}

#[test]
fn a_handshake_as_one_state_is_aborted_and_its_alert_delivered() {
    for input in [&hello()[..40], &hello()] {
        let mut stream = Scripted::new(ScriptedStream::new(input).stays_open()).without_timeouts();
        let accept = reading(ACCEPTOR.start(stream.now()).step(&mut stream));
        // twice is as good as once
        let accept = accept.aborted(stream.now()).aborted(stream.now());
        let accept = reading(accept.step(&mut stream)); // the drain
        assert!(stream.shut().is_some());
        stream.stream.clock().advance(Options::default().drain.time);
        let error = over(accept.step(&mut stream)).unwrap_err();
        assert_eq!(error.reason(), Reason::Aborted);
        assert_eq!(error.delivery(), Delivery::Written);
    }
}

#[test]
fn a_handshake_as_one_state_whose_stream_failed_outside_is_over() {
    for input in [&hello()[..40], &hello()] {
        let mut stream = Scripted::new(ScriptedStream::new(input).stays_open());
        let accept = reading(ACCEPTOR.start(stream.now()).step(&mut stream));
        let broken = io::Error::from(io::ErrorKind::NotConnected);
        let error = accept.stream_failed(broken, stream.now());
        assert_eq!(error.silence(), Some(Silence::StreamFailed));
        assert_eq!(error.delivery(), Delivery::NothingToSend);
        let kind = io::Error::from(error).kind();
        assert_eq!(kind, io::ErrorKind::NotConnected);
    }
}

#[test]
fn an_error_goes_with_a_stream_or_without() {
    let stream = Scripted::new(ScriptedStream::new(b"SSH-2.0-x\r\n"));
    let (error, stream) = ACCEPTOR.accept(stream).unwrap_err().split_stream();
    let words = error.to_string();
    let error = error.with_stream(stream);
    assert_eq!(error.to_string(), words);
    assert_eq!(
        error.into_stream().shut(),
        Some(&crate::scripted::UNEXPECTED_MESSAGE[..])
    );
}

/// An event loop holds one for each client.
#[test]
fn the_states_are_small() {
    assert!(size_of::<Accepting>() <= 176);
    assert!(size_of::<Accepted>() <= 256);
    assert!(size_of::<Handshaking>() <= 200);
    assert!(size_of::<Undelivered>() <= 80);
    assert!(size_of::<Delivering>() <= 176);
    assert!(size_of::<Accept>() <= 208);
    assert!(size_of::<Close>() <= 88);
    assert!(size_of::<AcceptError>() <= size_of::<usize>());
}
