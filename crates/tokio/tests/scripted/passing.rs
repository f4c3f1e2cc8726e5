//! Clients that the chooser passes through.

use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_tokio::acceptor::{AlertDescription, ErrorKind};
use lastword_tokio::choose::Choice;
use lastword_tokio::{Delivery, TlsAcceptor, Undelivered};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::scripted::{GARBAGE, Scripted, UNEXPECTED_MESSAGE, acceptor, hello, soon};

/// The alert `internal_error`, as it stands on the wire.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

const WORDS: &str = "this server passes the client through, but nothing took the connection: client asks for localhost";

/// Passes every client through.
fn passing() -> TlsAcceptor<&'static str> {
    TlsAcceptor::choosing(async |_| {
        yield_now().await;
        Ok(Choice::pass_through("a backend"))
    })
}

async fn passed(stream: Scripted) -> Undelivered<Scripted, &'static str> {
    let accepted = soon(passing().accept_undelivered(stream)).await;
    accepted.map(drop).unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn every_byte_of_the_client_and_the_value_are_returned() {
    let bytes = [&hello()[..], b"and what comes after it"].concat();
    for most in [1, 50, hello().len(), 4096] {
        let reads = [UpTo(most), WouldBlock].repeat(bytes.len());
        let stream = Scripted::new(ScriptedStream::new(&bytes).reads(reads));
        let undelivered = passed(stream).await;
        assert_eq!(undelivered.error().to_string(), WORDS);
        let (mut client, backend) = undelivered.into_passed_through().unwrap();
        assert_eq!(backend, "a backend");
        let unread = client.get_ref().unread();
        assert_eq!(client.prefix(), &bytes[..bytes.len() - unread]);
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, bytes);
        client.write_all(b"an answer").await.unwrap();
        let (_, stream) = client.into_inner();
        assert_eq!(stream.written(), b"an answer");
        assert_eq!(stream.shut(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_passed_through_is_not_the_servers_when_it_is_dropped() {
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    drop(passed(stream).await.into_passed_through().unwrap());
    sleep(std::time::Duration::from_secs(60)).await;
    assert!(remote.is_closed());
    assert_eq!((remote.written(), remote.shut()), (vec![], None));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_nobody_takes_gets_internal_error() {
    let stream = || Scripted::new(ScriptedStream::new(&hello()).closes_when_told());
    let held_back = passed(stream()).await.deliver().await;
    let accepted = passing().accept(stream()).await.map(drop).unwrap_err();
    for error in [held_back, accepted] {
        assert!(matches!(error.kind(), ErrorKind::PassedThrough));
        assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
        assert_eq!(error.delivery(), Delivery::Delivered);
        let line = format!("{WORDS}; alert internal_error (80) sent, delivered");
        assert_eq!(untimed(&error), line);
        let shut = error.into_stream().shut();
        assert_eq!(shut.as_deref(), Some(&INTERNAL_ERROR[..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_fails_is_not_passed_through() {
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).closes_when_told());
    let accepted = soon(acceptor().accept_undelivered(stream)).await;
    let undelivered = accepted.unwrap_err().into_passed_through().unwrap_err();
    let error = undelivered.deliver().await;
    let shut = error.into_stream().shut();
    assert_eq!(shut.as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}
