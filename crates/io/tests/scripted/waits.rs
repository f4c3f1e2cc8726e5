//! Rejected early data waits for the client's next record, from when the client has its answer.

use std::time::Duration;

use lastword_io::Transport;
use lastword_io::acceptor::Handshake;
use lastword_io::step::{Accepting, Handshaking, Options, Step};
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

use crate::scripted::{CONFIG, Scripted};

/// A client that offers early data with a key that the server does not know, and so many records of
/// early data.
fn early(records: usize) -> Vec<u8> {
    let psk = [&[0, 7, 0, 1, 7, 0, 0, 0, 0, 0, 33, 32][..], &[0; 32]].concat();
    let hello = HelloBuilder::default()
        .extension(ExtensionType(45), &[1, 1]) // psk_key_exchange_modes
        .extension(ExtensionType(42), &[]) // early_data
        .extension(ExtensionType::PRE_SHARED_KEY, &psk);
    let record = [&[23, 3, 3, 0, 100][..], &[7; 100]].concat();
    [hello.record(), record.repeat(records)].concat()
}

/// The handshake of a client whose ClientHello has arrived.
fn answered(stream: &mut Scripted) -> Handshaking {
    let accepting = Accepting::new(&Options::default(), stream.now());
    let Step::Over(Ok(accepted)) = accepting.step(stream) else {
        panic!("no ClientHello")
    };
    accepted.into_handshake(&CONFIG).unwrap()
}

fn stepped(stream: &mut Scripted) -> (Step<Handshaking, ()>, Duration) {
    let started = stream.now();
    let step = match answered(stream).step(stream) {
        Step::Reading(state) => Step::Reading(state),
        Step::Writing(state) => Step::Writing(state),
        Step::Over(_) => Step::Over(()),
    };
    let deadline = match &step {
        Step::Reading(state) | Step::Writing(state) => state.deadline(),
        Step::Over(()) => panic!("it is over"),
    };
    (step, deadline - started)
}

#[test]
fn early_data_waits_100_milliseconds_once_the_answer_is_written() {
    let stream = ScriptedStream::new(&early(1)).stays_open();
    let (step, deadline) = stepped(&mut Scripted::new(stream).without_timeouts());
    assert!(matches!(step, Step::Reading(_)));
    assert_eq!(deadline, Handshake::WAIT);
}

/// What is processed could fail, and an alert would come in the middle of a record.
#[test]
fn early_data_does_not_wait_while_the_answer_is_not_written() {
    let stream = ScriptedStream::new(&early(1)).stays_open();
    let stream = stream.writes([UpTo(50), WouldBlock]);
    let mut stream = Scripted::new(stream).without_timeouts();
    let (step, deadline) = stepped(&mut stream);
    assert_eq!(deadline, Options::default().timeout);
    let Step::Writing(handshaking) = step else {
        panic!("it is written")
    };
    // and from then on it does
    let Step::Reading(handshaking) = handshaking.step(&mut stream) else {
        panic!("it is not written")
    };
    let until = handshaking.deadline() - handshaking.started();
    assert_eq!(until, Handshake::WAIT);
}

#[test]
fn each_record_of_early_data_waits_anew() {
    let bytes = early(3);
    let stream = ScriptedStream::new(&bytes).stays_open();
    let next = [UpTo(105), WouldBlock];
    let reads = [UpTo(bytes.len() - 210), WouldBlock].into_iter();
    let stream = stream.reads(reads.chain(next).chain(next));
    let clock = stream.clock();
    let mut stream = Scripted::new(stream).without_timeouts();
    let mut state = answered(&mut stream);
    for _ in 0..3 {
        let before = clock.now();
        let Step::Reading(next) = state.step(&mut stream) else {
            panic!("it does not read")
        };
        assert_eq!(next.deadline() - before, Handshake::WAIT);
        clock.advance(Handshake::WAIT - Duration::from_millis(1));
        state = next;
    }
}
