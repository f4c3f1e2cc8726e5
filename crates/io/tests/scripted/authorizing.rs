//! The states of a verdict, stepped over a stream that blocks.

use lastword_io::Transport;
use lastword_io::acceptor::Reason;
use lastword_io::step::{Accepting, Handshaking, Options, Step};
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};

use crate::{CONFIG, Scripted, client};

/// Steps a handshake with a stream that blocks at its write after `writes` others. Returns the state
/// that waits for it.
fn writing(writes: usize) -> Option<(Handshaking, Scripted)> {
    let client = client(&ClientProfile::DEFAULT);
    let stream = ScriptedStream::new(&[]).with_client(client);
    let schedule = std::iter::repeat_n(UpTo(usize::MAX), writes);
    let stream = stream.writes(schedule.chain([WouldBlock]));
    let mut stream = Scripted::new(stream).without_timeouts();
    let accepting = Accepting::new(&Options::default(), stream.now());
    let Step::Over(Ok(accepted)) = accepting.step(&mut stream) else {
        panic!("no ClientHello");
    };
    match accepted.into_handshake(&CONFIG).unwrap().step(&mut stream) {
        Step::Writing(handshaking) => Some((handshaking, stream)),
        _ => None,
    }
}

/// It is too late for a verdict once the client is accepted.
#[test]
fn a_verdict_is_asked_for_in_time_or_the_client_is_not_served() {
    let mut aborted = 0;
    let mut writes = 0;
    while let Some((handshaking, mut stream)) = writing(writes) {
        match handshaking.authorizing().step(&mut stream) {
            Step::Over(Ok(client)) => assert!(client.accept().is_ok()),
            Step::Over(Err(undelivered)) => {
                assert_eq!(undelivered.error().error().reason(), Reason::Aborted);
                aborted += 1;
            }
            other => panic!("{other:?}"),
        }
        writes += 1;
    }
    assert!(writes >= 2, "{writes}");
    assert_eq!(aborted, 1);
}
