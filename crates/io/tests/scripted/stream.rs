//! The stream of an established connection, over transports that are short, blocked or interrupted.

use std::error::Error as _;
use std::io::{ErrorKind, Read, Write};
use std::iter::repeat_n;

use lastword_io::acceptor::ConnectionError;
use lastword_io::{Drain, TlsStream};
use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{End, Fail, Interrupted, UpTo, WouldBlock};
use lastword_testkit::script::{Client, Outcome, ScriptedStream};
use lastword_testkit::server::{ANSWERS_KEY_UPDATES_AT_ONCE, DECRYPT_ERROR, DECRYPT_ERROR_WORDS};
use lastword_testkit::wire::records;

use crate::scripted::{ACCEPTOR, Scripted, client};

/// A client of TLS 1.3.
fn modern() -> Client {
    client(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    })
}

/// The stream of a client whose handshake succeeds.
fn accept(stream: ScriptedStream) -> TlsStream<Scripted> {
    ACCEPTOR.accept(Scripted::new(stream)).unwrap()
}

/// A buffering stream with a client whose handshake succeeds. The calls after the handshake have
/// these outcomes.
fn buffering(writes: &[Outcome], flushes: &[Outcome]) -> TlsStream<Scripted> {
    let stream = || ScriptedStream::new(&[]).with_client(modern()).buffering();
    let calls = accept(stream()).get_ref().0.stream.calls();
    let free = |calls| repeat_n(UpTo(usize::MAX), calls);
    let writes = free(calls.writes).chain(writes.iter().copied());
    let flushes = free(calls.flushes).chain(flushes.iter().copied());
    accept(stream().writes(writes).flushes(flushes))
}

/// What the client has read of what was written and flushed.
fn received(stream: &mut TlsStream<Scripted>) -> Vec<u8> {
    let blocked = stream.read(&mut [0; 9]).unwrap_err();
    assert_eq!(blocked.kind(), ErrorKind::WouldBlock);
    client_of(stream).plaintext().to_vec()
}

fn client_of(stream: &TlsStream<Scripted>) -> &Client {
    stream.get_ref().0.stream.client().unwrap()
}

/// A client that completes the handshake. Then one read has its KeyUpdate and the next has its words.
fn updating_keys() -> ScriptedStream {
    let with = |client: Client| ScriptedStream::new(&[]).with_client(client).buffering();
    let stream = accept(with(modern().updating_keys(b"a request")));
    let sent = client_of(&stream).sent();
    let [_hello, change_cipher_spec, finished, key_update, _request] = records(sent)[..] else {
        panic!("{sent:?}");
    };
    let handshake = change_cipher_spec.len() + finished.len();
    let reads = [UpTo(4096), UpTo(handshake), UpTo(key_update.len())];
    with(modern().updating_keys(b"a request")).reads(reads)
}

/// The lengths of the records of application data that were written and flushed after the tickets.
fn answers(stream: &TlsStream<Scripted>) -> Vec<usize> {
    let written = stream.get_ref().0.stream.written();
    let records = records(written).into_iter().skip(4);
    records.map(<[u8]>::len).collect()
}

/// The length of a KeyUpdate, encrypted: its header and one byte, its content type and the tag.
const KEY_UPDATE: usize = 5 + 5 + 1 + 16;

/// What a read sends after a KeyUpdate.
fn answer() -> &'static [usize] {
    match ANSWERS_KEY_UPDATES_AT_ONCE {
        true => &[KEY_UPDATE],
        false => &[],
    }
}

#[test]
fn a_read_sends_the_answer_to_a_key_update() {
    let mut stream = accept(updating_keys());
    let mut request = [0; 9];
    stream.read_exact(&mut request).unwrap();
    assert_eq!(&request, b"a request");
    assert_eq!(answers(&stream), answer());
    // the client takes it, and what is written after it
    stream.write_all(b"a reply").unwrap();
    assert_eq!(received(&mut stream), b"a reply");
    assert_eq!(client_of(&stream).error(), None);
}

#[test]
fn an_answer_to_a_key_update_in_the_read_of_the_finished_is_sent() {
    let client = modern().updating_keys(b"a request");
    let mut stream = accept(ScriptedStream::new(&[]).with_client(client));
    stream.read_exact(&mut [0; 9]).unwrap();
    assert_eq!(answers(&stream), answer());
}

#[test]
fn a_read_does_not_fail_because_of_an_answer_that_the_stream_does_not_take() {
    if !ANSWERS_KEY_UPDATES_AT_ONCE {
        return; // then a read has nothing to send
    }
    let calls = accept(updating_keys()).get_ref().0.stream.calls();
    let free = || repeat_n(UpTo(usize::MAX), calls.writes);
    for outcome in [WouldBlock, Fail(ErrorKind::BrokenPipe), End] {
        let writes = free().chain([outcome]);
        let mut stream = accept(updating_keys().writes(writes));
        let mut request = [0; 9];
        stream.read_exact(&mut request).unwrap();
        assert_eq!(&request, b"a request", "{outcome:?}");
        assert_eq!(answers(&stream), [], "{outcome:?}");
        assert_eq!(received(&mut stream), b"");
        assert_eq!(answers(&stream), [KEY_UPDATE], "{outcome:?}");
    }
}

/// A client that sends a request and then this record, which comes in a read of its own if it is
/// `late`.
fn ending_in(record: &[u8], late: bool) -> ScriptedStream {
    let client = || modern().saying(b"a request").ending_in(4, record);
    let stream = accept(ScriptedStream::new(&[]).with_client(client()));
    let sent = records(client_of(&stream).sent());
    let flight = sent[1..4].iter().map(|record| record.len()).sum();
    let reads = [UpTo(4096), UpTo(if late { flight } else { usize::MAX })];
    ScriptedStream::new(&[]).with_client(client()).reads(reads)
}

#[test]
fn a_record_that_fails_is_named_in_words_and_with_rustls_error() {
    let spoilt = [&[23, 3, 3, 0, 30][..], &[7; 30]].concat();
    let garbage = [99, 3, 3, 0, 1, 7];
    for (record, words, rustls) in [
        (&spoilt[..], DECRYPT_ERROR_WORDS, Some(DECRYPT_ERROR)),
        (
            &garbage,
            "client sent an unexpected content type 99 record after the ClientHello",
            None,
        ),
    ] {
        for is_late in [false, true] {
            let mut stream = accept(ending_in(record, is_late));
            stream.read_exact(&mut [0; 9]).unwrap();
            let errors = [
                stream.read(&mut [0; 9]).unwrap_err(),
                stream.write(b"a reply").unwrap_err(),
                stream.flush().unwrap_err(),
                stream.read(&mut [0; 9]).unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::InvalidData);
                assert_eq!(error.to_string(), words);
                let inside = error.get_ref().unwrap();
                assert!(inside.is::<ConnectionError>(), "{inside:?}");
                let source = error.source().and_then(|it| it.downcast_ref());
                assert_eq!(source, rustls.as_ref(), "{words}");
            }
            assert!(client_of(&stream).error().is_some()); // it has read the alert
            assert!(stream.get_ref().0.shut().is_some());
        }
    }
}

/// The drain has its whole time, however long the application works on the plaintext.
#[test]
fn the_time_of_the_close_begins_with_the_read_that_fails() {
    let mut stream = accept(ending_in(&[99, 3, 3, 0, 1, 7], false));
    stream.read_exact(&mut [0; 9]).unwrap();
    let below = &mut stream.get_mut().0.stream;
    below.clock().advance(2 * Drain::default().time);
    below.feed(b"what the client had sent before it read the alert");
    let error = stream.read(&mut [0; 9]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let below = stream.get_ref().0;
    assert!(below.shut().is_some());
    assert_eq!(below.stream.unread(), 0);
}

#[test]
fn a_flush_flushes_what_an_earlier_call_could_not() {
    for outcomes in [&[WouldBlock][..], &[Interrupted, WouldBlock]] {
        let mut stream = buffering(&[], outcomes);
        assert_eq!(stream.write(b"a reply").unwrap(), 7);
        assert_ne!(stream.get_ref().0.stream.unflushed(), 0);
        stream.flush().unwrap();
        assert_eq!(stream.get_ref().0.stream.unflushed(), 0);
        assert_eq!(received(&mut stream), b"a reply", "{outcomes:?}");
    }
}

#[test]
fn a_flush_flushes_the_stream_below_if_nothing_is_left_to_write() {
    let mut stream = buffering(&[], &[]);
    let before = stream.get_ref().0.stream.calls().flushes;
    stream.flush().unwrap();
    assert_eq!(stream.get_ref().0.stream.calls().flushes, before + 1);
}

#[test]
fn a_close_flushes_what_an_earlier_call_could_not() {
    let mut stream = buffering(&[], &[WouldBlock, WouldBlock]);
    stream.write_all(b"a reply").unwrap();
    let blocked = stream.flush().unwrap_err();
    assert_eq!(blocked.kind(), ErrorKind::WouldBlock);
    let (_, stream) = stream.close();
    assert_eq!(stream.stream.client().unwrap().plaintext(), b"a reply");
    assert_eq!(stream.stream.unflushed(), 0);
}

#[test]
fn short_interrupted_and_blocked_calls_lose_nothing() {
    let reply: Vec<u8> = (0..40_000_u32).map(|n| n.to_be_bytes()[3]).collect();
    for cycle in [
        &[UpTo(1), Interrupted, WouldBlock, UpTo(700)][..],
        &[WouldBlock, WouldBlock, UpTo(5), UpTo(9999)],
        &[Interrupted, Interrupted, UpTo(33)],
    ] {
        let outcomes: Vec<_> = cycle.iter().copied().cycle().take(600).collect();
        let mut stream = buffering(&outcomes, &outcomes[..20]);
        let mut rest = &reply[..];
        while !rest.is_empty() {
            match stream.write(rest) {
                Ok(taken) => rest = &rest[taken..],
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        while let Err(error) = stream.flush() {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
        }
        assert_eq!(stream.get_ref().0.stream.unflushed(), 0);
        assert!(received(&mut stream) == reply, "{cycle:?}");
    }
}
