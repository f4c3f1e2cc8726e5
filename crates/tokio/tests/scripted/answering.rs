//! A client that does not speak TLS, answered in plaintext instead of with an alert.

use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_tokio::acceptor::{Guess, Silence};
use lastword_tokio::{Delivery, Undelivered};
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

use crate::scripted::{GARBAGE, Scripted, acceptor, poll_once, soon};

const ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

async fn refused(stream: ScriptedStream) -> (Undelivered<Scripted>, Scripted) {
    let stream = Scripted::new(stream);
    let remote = stream.clone();
    let accepted = soon(acceptor().accept_undelivered(stream)).await;
    (accepted.unwrap_err(), remote)
}

#[tokio::test(start_paused = true)]
async fn exactly_the_answer_is_sent_and_the_connection_closed_in_order() {
    let upload = [GARBAGE, &[b'x'; 20_000]].concat();
    for (stream, delivery) in [
        (
            ScriptedStream::new(GARBAGE).closes_when_told(),
            Delivery::Delivered,
        ),
        // what it still sends is read
        (
            ScriptedStream::new(&upload).reads([UpTo(99), WouldBlock, WouldBlock]),
            Delivery::Delivered,
        ),
        (ScriptedStream::new(GARBAGE).stays_open(), Delivery::Written),
    ] {
        let (undelivered, remote) = refused(stream).await;
        assert!(matches!(undelivered.not_tls(), Some(Guess::Http(_))));
        let error = soon(undelivered.answer(ANSWER.to_vec())).await;
        assert_eq!(remote.shut().as_deref(), Some(ANSWER));
        assert_eq!((remote.written(), remote.unread()), (ANSWER.to_vec(), 0));
        assert_eq!(
            (error.alert(), error.silence()),
            (None, Some(Silence::Answered))
        );
        assert_eq!(error.delivery(), delivery);
        let line = format!(
            "client sent an HTTP GET request instead of TLS; answered in plaintext, {delivery}"
        );
        assert_eq!(untimed(&error), line);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_at_any_byte_is_sent_to_its_end() {
    for cut in 1..ANSWER.len() {
        let writes = [UpTo(cut), WouldBlock, UpTo(1), WouldBlock];
        let stream = ScriptedStream::new(GARBAGE).closes_when_told();
        let (undelivered, remote) = refused(stream.writes(writes)).await;
        let error = soon(undelivered.answer(ANSWER.to_vec())).await;
        assert_eq!(error.delivery(), Delivery::Delivered);
        assert_eq!(remote.shut().as_deref(), Some(ANSWER), "cut at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_dropped_is_sent_in_the_background() {
    let writes = repeat_n([UpTo(3), WouldBlock], 99).flatten();
    let (undelivered, remote) = refused(ScriptedStream::new(GARBAGE).writes(writes)).await;
    let mut answering = undelivered.answer(ANSWER.to_vec());
    assert!(poll_once(&mut answering).is_none());
    drop(answering);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(remote.shut().as_deref(), Some(ANSWER));
    assert!(remote.is_closed());
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_request_can_be_read_before_it_is_answered() {
    let (mut undelivered, remote) = refused(
        ScriptedStream::new(GARBAGE)
            .reads([UpTo(5)])
            .closes_when_told(),
    )
    .await;
    let mut request = undelivered.received();
    assert_eq!(request, GARBAGE[..5]);
    while request.len() < GARBAGE.len() {
        let read = undelivered.get_mut().read_buf(&mut request).await;
        assert_ne!(read.unwrap(), 0);
    }
    assert_eq!(request, GARBAGE);
    let error = soon(undelivered.answer(request)).await;
    assert_eq!(error.delivery(), Delivery::Delivered);
    assert_eq!(remote.shut().as_deref(), Some(GARBAGE));
}
