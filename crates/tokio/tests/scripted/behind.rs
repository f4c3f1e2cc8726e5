//! What came right behind the handshake is in the stream, and what the handshake wrote on the wire.

use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::wire::records;
use lastword_tokio::{Delivery, Drain, Options, TlsStream, close};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use crate::styles::{STYLES, Style};
use crate::{CONFIG, Scripted, client, soon, with_client};

fn speaking(versions: Versions) -> Client {
    client(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// A client of TLS 1.3 that says these words behind its Finished, and the server's stream.
async fn established(style: Style, words: &[u8]) -> (TlsStream<Scripted>, Scripted) {
    let client = speaking(Versions::Tls13).saying(words);
    let stream = Scripted::new(with_client(client));
    let (remote, options) = (stream.clone(), Options::default());
    let accepted = style.accept_any(stream, &options, &CONFIG).await;
    (accepted.unwrap().into_stream(), remote)
}

#[tokio::test(start_paused = true)]
async fn what_came_right_behind_the_handshake_is_in_the_stream() {
    for style in STYLES {
        // in the read of the Finished, or beyond what one read takes
        for words in [&b"a request"[..], &[b'x'; 9000]] {
            let (mut stream, remote) = established(style, words).await;
            let reads = remote.look(ScriptedStream::calls).reads;
            let mut request = vec![0; words.len()];
            soon(stream.read_exact(&mut request)).await.unwrap();
            assert_eq!(request, words, "{style:?}");
            if words.len() < 4000 {
                // it was in the connection
                assert_eq!(remote.look(ScriptedStream::calls).reads, reads, "{style:?}");
            }
        }
    }
}

/// Of the record behind the handshake the same read takes some bytes, of its header for the most.
#[tokio::test(start_paused = true)]
async fn what_came_right_behind_may_be_cut_at_any_byte() {
    let (_, remote) = established(Style::Direct, b"a request").await;
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    let [_hello, change_cipher_spec, finished, _request] = records(&sent)[..] else {
        panic!("{sent:?}");
    };
    let handshake = change_cipher_spec.len() + finished.len();
    for (cut, style) in (0..9).zip(STYLES.into_iter().cycle()) {
        let client = speaking(Versions::Tls13).saying(b"a request");
        let reads = [UpTo(4096), UpTo(handshake + cut), WouldBlock];
        let stream = Scripted::new(with_client(client).reads(reads));
        let options = Options::default();
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut request = [0; 9];
        let mut stream = accepted.unwrap().into_stream();
        soon(stream.read_exact(&mut request)).await.unwrap();
        assert_eq!(&request, b"a request", "{style:?} at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_right_behind_can_be_read_as_lines() {
    let (mut stream, _) = established(Style::Acceptor, b"first\nsecond\n").await;
    let mut lines = String::new();
    soon(stream.read_line(&mut lines)).await.unwrap();
    soon(stream.read_line(&mut lines)).await.unwrap();
    assert_eq!(lines, "first\nsecond\n");
}

#[tokio::test(start_paused = true)]
async fn what_is_written_arrives_and_the_close_behind_it() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for style in STYLES {
            let stream = Scripted::new(with_client(speaking(versions)));
            let (remote, options) = (stream.clone(), Options::default());
            let accepted = style.accept_any(stream, &options, &CONFIG).await;
            let mut stream = accepted.unwrap().into_stream();
            stream.write_all(b"the last word").await.unwrap();
            let (delivery, _) = close(stream, Drain::default()).await;
            assert_eq!(delivery, Delivery::Delivered);
            remote.look(|stream| {
                let client = stream.client().unwrap();
                assert_eq!(client.plaintext(), b"the last word");
                assert_eq!(client.error(), None);
                assert_eq!(stream.shut(), Some(stream.written()));
            });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tickets_are_on_the_wire_and_flushed_before_the_future_is_ready() {
    for style in STYLES {
        let stream = Scripted::new(with_client(speaking(Versions::Tls13)).buffering());
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let established = accepted.unwrap();
        assert!(!established.connection().wants_write());
        assert_eq!(remote.look(ScriptedStream::unflushed), 0);
        let written = remote.written();
        let types: Vec<u8> = records(&written).iter().map(|record| record[0]).collect();
        // ServerHello, change_cipher_spec, the rest of the flight in one record, and the tickets
        assert_eq!(types, [22, 20, 23, 23], "{style:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_right_behind_its_finished_is_established_and_read_to_its_end() {
    for style in STYLES {
        let (stream, remote) = established(style, b"a request").await;
        drop(stream);
        // the same once more, cut behind what it sent
        let sent = remote.look(|stream| stream.client().unwrap().sent().len());
        let client = speaking(Versions::Tls13).saying(b"a request").cut_at(sent);
        let stream = Scripted::new(with_client(client));
        let options = Options::default();
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut stream = accepted.unwrap().into_stream();
        let mut request = Vec::new();
        let end = soon(stream.read_to_end(&mut request)).await;
        assert_eq!(request, b"a request", "{style:?}");
        // without a close_notify
        let kind = end.unwrap_err().kind();
        assert_eq!(kind, std::io::ErrorKind::UnexpectedEof, "{style:?}");
    }
}

/// Once when the handshake has written its last, and once more by tokio-rustls.
#[tokio::test(start_paused = true)]
async fn a_stream_that_is_pending_when_it_is_flushed_once_more_is_waited_for() {
    for style in STYLES {
        let flushes = [UpTo(1), UpTo(1), WouldBlock, WouldBlock];
        let stream = with_client(speaking(Versions::Tls13)).flushes(flushes);
        let stream = Scripted::new(stream).flushing_always();
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        assert_eq!(accepted.unwrap().elapsed(), Duration::ZERO, "{style:?}");
        assert_eq!(remote.look(ScriptedStream::calls).flushes, 5, "{style:?}");
    }
}

/// A client that sends a record right behind its Finished that is none.
fn spoilt() -> ScriptedStream {
    let record = [&[23, 3, 3, 0, 30][..], &[7; 30]].concat();
    let client = speaking(Versions::Tls13).saying(b"a request");
    with_client(client.ending_in(3, &record))
}

#[tokio::test(start_paused = true)]
async fn a_record_right_behind_the_handshake_that_is_spoilt_is_the_streams_to_answer() {
    for style in STYLES {
        let stream = Scripted::new(spoilt().buffering());
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut stream = accepted.unwrap().into_stream();
        // the alert is on the wire
        assert_eq!(remote.look(ScriptedStream::unflushed), 0);
        assert_eq!(
            remote.written()[remote.written().len() - 24..][..5],
            [23, 3, 3, 0, 19]
        );
        let error = soon(stream.read(&mut [0; 1])).await.unwrap_err();
        let error = error.downcast::<rustls::Error>().unwrap();
        assert_eq!(error, rustls::Error::DecryptError, "{style:?}");
        let told = rustls::Error::AlertReceived(rustls::AlertDescription::BadRecordMac);
        let error = remote.look(|stream| stream.client().unwrap().error().cloned());
        assert_eq!(error, Some(told), "{style:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_what_came_right_behind_the_handshake_is_not_waited_for() {
    for style in STYLES {
        let (stream, options) = (Scripted::new(spoilt()), Options::default());
        let remote = stream.clone();
        drop(style.accept_any(stream, &options, &CONFIG).await.unwrap());
        let writes = remote.look(ScriptedStream::calls).writes;
        // the same, but for the last
        let blocked = repeat_n(UpTo(usize::MAX), writes - 1).chain(repeat_n(WouldBlock, 9999));
        let stream = Scripted::new(spoilt().writes(blocked));
        let accepted = style.accept_any(stream, &options, &CONFIG).await.unwrap();
        assert_eq!(accepted.elapsed(), Duration::ZERO, "{style:?}");
        // it is the connection's yet
        assert!(accepted.connection().wants_write(), "{style:?}");
    }
}
