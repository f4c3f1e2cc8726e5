//! The alert held back: another answer instead of it, and every byte returned.

use std::io::{self, ErrorKind as IoErrorKind};
use std::iter::repeat_n;

use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::records;
use lastword_tokio::acceptor::{AlertDescription, Config, ErrorKind, Rejection};
use lastword_tokio::step::{Accepted, Accepting, Options};
use lastword_tokio::{Delivery, TlsAcceptor, Undelivered};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::scripted::stream::Wake;
use crate::scripted::{
    CANCELED, CONFIG, GARBAGE, Scripted, UNEXPECTED_MESSAGE, choosing, hello, paused, poll_once,
    soon,
};

async fn refused(stream: Scripted) -> Undelivered<Scripted> {
    let accepted = soon(choosing().accept_undelivered(stream)).await;
    accepted.unwrap_err()
}

async fn accepted(stream: Scripted) -> Accepted<Scripted> {
    let accepting = Accepting::new(stream, &Options::default());
    soon(accepting).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn answers_a_plain_request_in_plaintext() {
    for most in [1, 3, 1000] {
        let stream = ScriptedStream::new(GARBAGE).reads(vec![UpTo(most); 30]);
        let undelivered = refused(Scripted::new(stream)).await;
        let words = "client sent an HTTP GET request instead of TLS";
        assert_eq!(undelivered.error().to_string(), words);
        let (error, mut stream, mut received) = undelivered.into_parts();
        assert_eq!(error.tls(), UNEXPECTED_MESSAGE);
        assert_eq!(stream.shut(), None);
        stream.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, GARBAGE, "{most} at a time");
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        assert_eq!(stream.written(), answer);
    }
}

#[tokio::test(start_paused = true)]
async fn returns_a_hello_that_was_refused_and_what_came_after_it() {
    let bytes = [&hello()[..], b"early"].concat();
    let stream = Scripted::new(ScriptedStream::new(&bytes));
    let refuse = |_| Err::<Config, _>(Rejection::access_denied("not here"));
    let undelivered = TlsAcceptor::choosing(refuse).accept_undelivered(stream);
    let (error, _, received) = undelivered.await.unwrap_err().into_parts();
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 49]);
    assert_eq!(received, bytes);
}

#[tokio::test(start_paused = true)]
async fn returns_nothing_that_was_read_after_the_server_hello() {
    // an unknown content type after the hello, in the same read
    let bytes = [&hello()[..], &[99, 3, 3, 0, 1, 0]].concat();
    let stream = Scripted::new(ScriptedStream::new(&bytes));
    let (error, stream, _) = refused(stream).await.into_parts();
    let words = "client sent an unexpected content type 99 record after the ClientHello";
    assert_eq!(error.to_string(), words);
    // the flight is in front of the alert
    assert_eq!((stream.written(), error.tls()[0]), (vec![], 22));
}

#[tokio::test(start_paused = true)]
async fn an_alert_held_back_is_delivered_later() {
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).closes_when_told());
    let undelivered = refused(stream).await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let failure = soon(undelivered.deliver()).await;
    assert_eq!(failure.delivery(), Delivery::Delivered);
    let shut = failure.into_stream().shut();
    assert_eq!(shut.as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn an_alert_delivered_at_once_is_what_the_stream_takes_without_waiting() {
    for (stream, delivery, written) in [
        (
            ScriptedStream::new(GARBAGE).closes_when_told(),
            Delivery::Delivered,
            7,
        ),
        (ScriptedStream::new(GARBAGE), Delivery::Written, 7),
        (
            ScriptedStream::new(GARBAGE).stays_open(),
            Delivery::Written,
            7,
        ),
        (
            ScriptedStream::new(GARBAGE).shutdowns([WouldBlock]),
            Delivery::Written,
            7,
        ),
        (
            ScriptedStream::new(GARBAGE).writes([UpTo(3), WouldBlock]),
            Delivery::TimedOut,
            3,
        ),
        (
            ScriptedStream::new(GARBAGE).writes([WouldBlock]),
            Delivery::TimedOut,
            0,
        ),
        (
            ScriptedStream::new(GARBAGE)
                .buffering()
                .flushes([WouldBlock]),
            Delivery::TimedOut,
            0,
        ),
    ] {
        let undelivered = refused(Scripted::new(stream)).await;
        let failure = undelivered.deliver_at_once();
        assert_eq!(failure.delivery(), delivery);
        let stream = failure.into_stream();
        assert_eq!(stream.written(), UNEXPECTED_MESSAGE[..written]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_hello_is_complete_can_be_refused_aborted_or_timed_out() {
    let rejected = accepted(Scripted::new(ScriptedStream::new(&hello()))).await;
    assert_eq!(rejected.get_ref().unread(), 0);
    let rejected = rejected.reject(Rejection::unrecognized_name());
    assert_eq!(rejected.get_ref().written(), []);
    assert_eq!(rejected.error().tls(), [21, 3, 3, 0, 2, 2, 112]);
    assert!(matches!(
        rejected.error().error().kind(),
        ErrorKind::Rejected(_)
    ));

    let aborted = accepted(Scripted::new(ScriptedStream::new(&hello())))
        .await
        .aborted();
    assert_eq!(aborted.error().tls(), CANCELED);
    assert_eq!(
        aborted.error().to_string(),
        "server aborted the handshake before the ServerHello"
    );

    let timed_out = accepted(Scripted::new(ScriptedStream::new(&hello())))
        .await
        .timed_out();
    assert_eq!(timed_out.error().tls(), CANCELED);
    assert_eq!(
        timed_out.error().to_string(),
        "handshake timed out before the ServerHello"
    );

    for undelivered in [rejected, aborted, timed_out] {
        let alert = undelivered.error().tls().to_vec();
        let (_, stream, received) = undelivered.into_parts();
        assert_eq!((stream.written(), received), (vec![], hello()));
        assert!(!alert.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sent_part_of_its_hello_is_told_that_the_server_aborts() {
    for (bytes, tls) in [(&[][..], &[][..]), (&hello()[..40], &CANCELED)] {
        let stream = Scripted::new(ScriptedStream::new(bytes).stays_open());
        let mut accepting = Accepting::new(stream, &Options::default());
        assert!(poll_once(&mut accepting).is_none());
        let undelivered = accepting.aborted();
        assert!(matches!(
            undelivered.error().error().kind(),
            ErrorKind::Aborted
        ));
        assert_eq!(undelivered.error().tls(), tls);
        let (_, _, received) = undelivered.into_parts();
        assert_eq!(received, bytes);
    }
}

/// Whatever has been written of the flight when the server aborts.
#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_aborted_ends_with_alerts_after_its_flight() {
    for polls in 0..9 {
        let writes = repeat_n([UpTo(90), WouldBlock], 99).flatten();
        let stream = ScriptedStream::new(&hello()).stays_open().writes(writes);
        let stream = Scripted::new(stream).waking(repeat_n(Wake::AtOnce, 99));
        let accepted = accepted(stream).await;
        let mut handshaking = accepted.into_handshake(&CONFIG);
        for _ in 0..polls {
            assert!(poll_once(&mut handshaking).is_none());
        }
        let undelivered = handshaking.aborted();
        let error = undelivered.error();
        assert_eq!(
            error.to_string(),
            "server aborted the handshake after the ServerHello, nothing received since"
        );
        assert_eq!(error.alert(), Some(AlertDescription::USER_CANCELED));
        let failure = soon(undelivered.deliver()).await;
        let told = failure.into_stream().shut().unwrap();
        let told = records(&told);
        let types: Vec<u8> = told.iter().map(|record| record[0]).collect();
        // after the flight user_canceled and close_notify
        assert_eq!(types, [22, 20, 23, 23, 23], "after {polls} polls");
        for alert in &told[3..] {
            assert_eq!((alert.len(), &alert[..5]), (24, &[23, 3, 3, 0, 19][..]));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_converts_into_an_io_error() {
    let kind = async |stream: ScriptedStream| {
        let failure = soon(refused(Scripted::new(stream)).await.deliver()).await;
        let line = failure.to_string();
        let error = io::Error::from(failure);
        assert_eq!(error.to_string(), line);
        error.kind()
    };
    assert_eq!(
        kind(ScriptedStream::new(&[])).await,
        IoErrorKind::UnexpectedEof
    );
    let waits = ScriptedStream::new(&[]).stays_open();
    assert_eq!(kind(waits).await, IoErrorKind::TimedOut);
    assert_eq!(
        kind(ScriptedStream::new(b"????")).await,
        IoErrorKind::InvalidData
    );
}

proptest! {
    #![proptest_config(lastword_testkit::cases(128))]

    /// The states before an answer return the stream and all that was read from it.
    #[test]
    fn every_byte_read_is_returned_however_it_was_cut(
        reads in prop::collection::vec(1_usize..300, 1..300),
        polls in 0_usize..4,
        has_more: bool,
    ) {
        let more: &[u8] = if has_more { b"and what comes after it" } else { &[] };
        let bytes = [&hello()[..], more].concat();
        let reads = reads.into_iter().flat_map(|n| [UpTo(n), WouldBlock]);
        let stream = Scripted::new(ScriptedStream::new(&bytes).reads(reads));
        let (remote, options) = (stream.clone(), Options::default());
        paused().block_on(async {
            let mut accepting = Accepting::new(stream, &options);
            let mut accepted = None;
            for _ in 0..polls {
                if accepted.is_none() {
                    accepted = poll_once(&mut accepting);
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            }
            let (mut stream, mut received) = match accepted {
                Some(accepted) => accepted.unwrap().into_passthrough(),
                None => accepting.into_passthrough(),
            };
            assert_eq!(received, bytes[..bytes.len() - remote.unread()]);
            assert_eq!((stream.written(), stream.shut()), (vec![], None));
            stream.read_to_end(&mut received).await.unwrap();
            assert_eq!(received, bytes);
            stream.write_all(b"an answer").await.unwrap();
            assert_eq!(remote.written(), b"an answer");
        });
    }
}
