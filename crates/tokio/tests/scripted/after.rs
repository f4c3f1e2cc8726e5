//! What came right after the handshake is in the stream, and what the handshake wrote on the wire.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{End, UpTo, WouldBlock};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::server::{DECRYPT_ERROR, DECRYPT_ERROR_WORDS};
use lastword_testkit::wire::records;
use lastword_tokio::acceptor::{AlertDescription, ConnectionError, Phase, Reason};
use lastword_tokio::step::Options;
use lastword_tokio::{Delivery, Drain, TlsStream};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{CONFIG, Scripted, client, soon, with_client};

fn speaking(versions: Versions) -> Client {
    client(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// A client of TLS 1.3 that says these words after its Finished, and the server's stream.
async fn established(style: Style, words: &[u8]) -> (TlsStream<Scripted>, Scripted) {
    let client = speaking(Versions::Tls13).saying(words);
    let stream = Scripted::new(with_client(client));
    let (remote, options) = (stream.clone(), Options::default());
    let accepted = style.accept_any(stream, &options, &CONFIG).await;
    (accepted.unwrap(), remote)
}

#[tokio::test(start_paused = true)]
async fn what_came_right_after_the_handshake_is_in_the_stream() {
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

/// Of the record after the handshake the same read takes some bytes, of its header for the most.
#[tokio::test(start_paused = true)]
async fn what_came_right_after_may_be_cut_at_any_byte() {
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
        let mut stream = accepted.unwrap();
        soon(stream.read_exact(&mut request)).await.unwrap();
        assert_eq!(&request, b"a request", "{style:?} at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_right_after_can_be_read_as_lines() {
    let (mut stream, _) = established(Style::Choosing, b"first\nsecond\n").await;
    let mut lines = String::new();
    soon(stream.read_line(&mut lines)).await.unwrap();
    soon(stream.read_line(&mut lines)).await.unwrap();
    assert_eq!(lines, "first\nsecond\n");
}

#[tokio::test(start_paused = true)]
async fn what_is_written_arrives_and_the_close_after_it() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for style in STYLES {
            let stream = Scripted::new(with_client(speaking(versions)));
            let (remote, options) = (stream.clone(), Options::default());
            let accepted = style.accept_any(stream, &options, &CONFIG).await;
            let mut stream = accepted.unwrap();
            stream.write_all(b"the last word").await.unwrap();
            let (delivery, _) = stream.close_within(Drain::default()).await;
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
        assert!(!established.get_ref().1.wants_write());
        assert_eq!(remote.look(ScriptedStream::unflushed), 0);
        let written = remote.written();
        let types: Vec<u8> = records(&written).iter().map(|record| record[0]).collect();
        // ServerHello, change_cipher_spec, the rest of the flight in one record, and the tickets
        assert_eq!(types, [22, 20, 23, 23], "{style:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_right_after_its_finished_is_established_and_read_to_its_end() {
    for style in STYLES {
        let (stream, remote) = established(style, b"a request").await;
        drop(stream);
        // the same once more, cut after what it sent
        let sent = remote.look(|stream| stream.client().unwrap().sent().len());
        let client = speaking(Versions::Tls13).saying(b"a request").cut_at(sent);
        let stream = Scripted::new(with_client(client));
        let options = Options::default();
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut stream = accepted.unwrap();
        let mut request = Vec::new();
        let end = soon(stream.read_to_end(&mut request)).await;
        assert_eq!(request, b"a request", "{style:?}");
        // without a close_notify
        let kind = end.unwrap_err().kind();
        assert_eq!(kind, ErrorKind::UnexpectedEof, "{style:?}");
    }
}

/// A client that sends so many good records, then one that is spoilt.
fn spoilt_after(records: usize) -> ScriptedStream {
    let record = [&[23, 3, 3, 0, 30][..], &[7; 30]].concat();
    let client = speaking(Versions::Tls13).saying(b"a request");
    with_client(client.ending_in(records, &record))
}

/// What has made an end of the connection for the client.
fn told(remote: &Scripted) -> Option<rustls::Error> {
    remote.look(|stream| stream.client().unwrap().error().cloned())
}

const BAD_RECORD_MAC: rustls::Error =
    rustls::Error::AlertReceived(rustls::AlertDescription::BadRecordMac);

/// The error of a record that cannot be decrypted: in words, and with rustls's error as its source.
#[track_caller]
fn assert_decrypt_error(error: &io::Error) {
    let words = DECRYPT_ERROR_WORDS;
    assert_eq!(error.to_string(), words);
    let inside = error.get_ref().unwrap().downcast_ref::<ConnectionError>();
    assert_eq!(inside.unwrap().reason(), Reason::Decrypt);
    let source = error.source().and_then(|it| it.downcast_ref());
    assert_eq!(source, Some(&DECRYPT_ERROR));
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_the_finished_and_fails_is_told_and_ends_the_connection() {
    for style in STYLES {
        // the ClientHello, change_cipher_spec and Finished
        let stream = Scripted::new(spoilt_after(3).buffering());
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let failure = accepted.map(drop).unwrap_err();
        assert_eq!(failure.error().phase(), Phase::Established);
        assert_eq!(failure.error().reason(), Reason::Decrypt);
        assert_eq!(failure.alert(), Some(AlertDescription::BAD_RECORD_MAC));
        assert_eq!(told(&remote), Some(BAD_RECORD_MAC), "{style:?}");
        assert!(remote.look(|stream| stream.shut().is_some()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_the_finished_and_is_good_is_read_before_the_error() {
    for style in STYLES {
        let stream = Scripted::new(spoilt_after(4).buffering());
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut stream = accepted.unwrap();
        assert_eq!(remote.look(ScriptedStream::unflushed), 0); // the alert is on the wire
        let mut request = [0; 20];
        let read = soon(stream.read(&mut request)).await.unwrap();
        assert_eq!(request[..read], *b"a request");
        for _ in 0..2 {
            let errors = [
                soon(stream.read(&mut request)).await.unwrap_err(),
                soon(stream.fill_buf()).await.map(drop).unwrap_err(),
                soon(stream.write(b"a reply")).await.unwrap_err(),
                soon(stream.flush()).await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::InvalidData);
                assert_decrypt_error(&error);
            }
        }
        assert_eq!(told(&remote), Some(BAD_RECORD_MAC), "{style:?}");
        assert!(remote.look(|stream| stream.shut().is_some()));
    }
}

/// The stream names the record that the client sent, not the one that made rustls send the alert.
#[tokio::test(start_paused = true)]
async fn a_record_that_is_refused_is_named_in_the_words_of_a_failed_handshake() {
    for style in STYLES {
        let client = speaking(Versions::Tls13).saying(b"a request");
        let stream = Scripted::new(with_client(client.ending_in(4, &[99, 3, 3, 0, 1, 7])));
        let accepted = style.accept_any(stream, &Options::default(), &CONFIG).await;
        let mut stream = accepted.unwrap();
        soon(stream.read_exact(&mut [0; 9])).await.unwrap();
        let error = soon(stream.read(&mut [0; 9])).await.unwrap_err();
        let words = "client sent an unexpected content type 99 record after the ClientHello";
        assert_eq!(error.to_string(), words, "{style:?}");
    }
}

/// The drain has its whole time, however long the application works on the plaintext.
#[tokio::test(start_paused = true)]
async fn the_time_of_the_close_begins_with_the_read_that_fails() {
    for style in STYLES {
        let stream = Scripted::new(spoilt_after(4).buffering());
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut stream = accepted.unwrap();
        let mut request = [0; 20];
        let read = soon(stream.read(&mut request)).await.unwrap();
        assert_eq!(request[..read], *b"a request");
        advance(2 * options.drain.time).await;
        remote.feed(b"what the client had sent before it read the alert");
        let error = soon(stream.read(&mut request)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{style:?}");
        assert!(remote.shut().is_some(), "{style:?}");
        assert_eq!(remote.unread(), 0, "{style:?}");
    }
}

/// A record that fails later is told in the same way, whatever the stream takes at a time.
#[tokio::test(start_paused = true)]
async fn a_record_that_fails_later_is_told_and_the_connection_closed_in_order() {
    let (_, remote) = established(Style::Direct, b"a request").await;
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    let handshake: usize = records(&sent)[1..3].iter().map(|it| it.len()).sum();
    for style in STYLES {
        let reads = [UpTo(4096), UpTo(handshake), WouldBlock];
        let stream = Scripted::new(spoilt_after(3).reads(reads));
        let (remote, options) = (stream.clone(), Options::default());
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let mut stream = accepted.unwrap();
        let error = soon(stream.read(&mut [0; 20])).await.unwrap_err();
        assert_decrypt_error(&error);
        assert_eq!(told(&remote), Some(BAD_RECORD_MAC), "{style:?}");
        assert!(remote.look(|stream| stream.shut().is_some()));
    }
}

/// A stream with a record that will fail, which takes nothing that is written: each write that blocks
/// does so for this time.
async fn failing(style: Style, moment: Duration) -> TlsStream<Scripted> {
    let (_, remote) = established(Style::Direct, b"a request").await;
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    let writes = remote.look(ScriptedStream::calls).writes;
    let handshake: usize = records(&sent)[1..3].iter().map(|it| it.len()).sum();
    let reads = [UpTo(4096), UpTo(handshake)];
    let blocked = repeat_n(UpTo(usize::MAX), writes).chain(repeat_n(WouldBlock, 9999));
    let stream = Scripted::new(spoilt_after(3).reads(reads).writes(blocked)).with_moment(moment);
    let accepted = style.accept_any(stream, &Options::default(), &CONFIG).await;
    accepted.unwrap()
}

/// How long it may take to close a stream that takes nothing: as long as the drain, and a moment.
fn longest() -> Duration {
    Options::default().drain.time + Duration::from_millis(50)
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_the_stream_does_not_take_is_given_up_in_time() {
    for style in STYLES {
        let mut stream = failing(style, Duration::from_millis(5)).await;
        let began = Instant::now();
        let error = stream.read(&mut [0; 20]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(began.elapsed() <= longest(), "{:?}", began.elapsed());
    }
}

/// The stream has one waker for its reads: a write that waited with it would take the reader's place.
#[tokio::test(start_paused = true)]
async fn a_task_that_writes_has_the_error_at_once_and_one_that_reads_is_woken() {
    let stream = failing(Style::Direct, Duration::from_millis(5)).await;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let began = Instant::now();
    let reading = tokio::spawn(async move { reader.read(&mut [0; 20]).await });
    let half = longest() / 2;
    sleep(half).await; // it is closing
    for error in [
        soon(writer.write(b"a reply")).await.unwrap_err(),
        soon(writer.flush()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(began.elapsed(), half);
    }
    let error = soon(reading).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(began.elapsed() <= longest(), "{:?}", began.elapsed());
}

/// The read takes the place of the write at the stream, and sees to it that it is polled.
#[tokio::test(start_paused = true)]
async fn a_task_that_waits_to_write_is_woken_by_a_read_that_fails() {
    for flushes in [false, true] {
        let stream = failing(Style::Direct, Duration::from_secs(3600)).await;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let writing = tokio::spawn(async move {
            let mut wrote = Ok(());
            while wrote.is_ok() {
                wrote = writer.write_all(&[7; 20_000]).await;
                if flushes && wrote.is_ok() {
                    wrote = writer.flush().await;
                }
            }
            wrote.unwrap_err().kind()
        });
        yield_now().await; // it waits
        assert!(!writing.is_finished());
        let read = soon(reader.read(&mut [0; 20])).await;
        assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(soon(writing).await.unwrap(), ErrorKind::InvalidData);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_takes_nothing_is_an_error_of_the_write() {
    let (_, remote) = established(Style::Direct, b"a request").await;
    let writes = remote.look(ScriptedStream::calls).writes;
    let writes = repeat_n(UpTo(usize::MAX), writes).chain(repeat_n(End, 99));
    let stream = with_client(speaking(Versions::Tls13).saying(b"a request"));
    let stream = Scripted::new(stream.writes(writes));
    let options = Options::default();
    let accepted = Style::Direct.accept_any(stream, &options, &CONFIG).await;
    let mut stream = accepted.unwrap();
    let mut wrote = Ok(());
    while wrote.is_ok() {
        wrote = soon(stream.write_all(&[7; 20_000])).await;
    }
    assert_eq!(wrote.unwrap_err().kind(), ErrorKind::WriteZero);
}
