//! A future of `accept` that is dropped delivers in the background, if nothing else is set.

use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_tokio::TlsAcceptor;
use tokio::time::{sleep, timeout};

use crate::scripted::cancel::{ends_in_order, pieces, polled, speaking};
use crate::scripted::{
    CANCELED, GARBAGE, Scripted, UNEXPECTED_MESSAGE, acceptor, choosing, hello, undecided,
    with_client,
};

/// What was written by the time the write side was shut, for a future dropped after each number of
/// polls until it is ready.
async fn dropped_at_each_poll(
    acceptor: &TlsAcceptor,
    stream: impl Fn() -> ScriptedStream,
) -> Vec<(Scripted, Vec<u8>)> {
    let mut ended = Vec::new();
    for polls in 0.. {
        let stream = Scripted::new(stream());
        let remote = stream.clone();
        let mut accept = acceptor.accept(stream);
        if polled(&mut accept, polls).await.is_some() {
            break;
        }
        drop(accept);
        sleep(Duration::from_secs(60)).await;
        assert!(remote.is_closed(), "after {polls} polls");
        let shut = remote.shut().expect("not closed in order");
        ended.push((remote, shut));
    }
    ended
}

#[tokio::test(start_paused = true)]
async fn a_client_that_fails_gets_its_alert_whenever_the_future_is_dropped() {
    for acceptor in [acceptor(), undecided()] {
        let trickle = || {
            ScriptedStream::new(GARBAGE)
                .reads([UpTo(1), WouldBlock].repeat(9))
                .writes(pieces(2))
        };
        let ended = dropped_at_each_poll(&acceptor, trickle).await;
        let mut alerts: Vec<_> = ended.iter().map(|(_, shut)| &shut[..]).collect();
        alerts.dedup();
        // nothing was read, too little to tell what it is, and enough
        assert_eq!(alerts, [&[][..], &CANCELED, &UNEXPECTED_MESSAGE]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_client_reads_an_orderly_close_whenever_the_future_is_dropped() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for acceptor in [acceptor(), choosing()] {
            let stream = || with_client(speaking(versions)).writes(pieces(100));
            let ended = dropped_at_each_poll(&acceptor, stream).await;
            assert!(ended.len() > 8, "{}", ended.len());
            for (remote, shut) in ended {
                ends_in_order(&remote, &shut);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_around_accept_loses_no_alert() {
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    let accepted = timeout(Duration::from_secs(1), undecided().accept(stream)).await;
    assert!(accepted.is_err());
    sleep(Duration::from_secs(60)).await;
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
    assert!(remote.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_failure_held_back_and_dropped_is_delivered() {
    let stream = Scripted::new(ScriptedStream::new(GARBAGE));
    let remote = stream.clone();
    drop(acceptor().accept_undelivered(stream).await.unwrap_err());
    sleep(Duration::from_secs(60)).await;
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
    assert!(remote.is_closed());
}
