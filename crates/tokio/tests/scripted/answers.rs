//! What rustls queues while the application reads is sent, and no read waits for that.

use std::io::ErrorKind;
use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{End, Fail, UpTo, WouldBlock};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::server::ANSWERS_KEY_UPDATES_AT_ONCE;
use lastword_testkit::wire::records;
use lastword_tokio::TlsStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use tokio::task::yield_now;
use tokio::time::{Instant, advance};

use crate::scripted::{Scripted, acceptor, client, poll_once, soon, with_client};

/// A client of TLS 1.3 that asks for new keys and then writes a request.
fn updating_keys() -> Client {
    let client = client(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    });
    client.updating_keys(b"a request")
}

async fn accept(stream: Scripted) -> TlsStream<Scripted> {
    acceptor().accept(stream).await.unwrap()
}

/// Returns a stream, and how many times the handshake writes to it. After the handshake, one read
/// has the KeyUpdate and the next has the request.
async fn script() -> (ScriptedStream, usize) {
    let stream = Scripted::new(with_client(updating_keys()));
    let remote = stream.clone();
    drop(accept(stream).await);
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    let [_hello, change_cipher_spec, finished, key_update, _request] = records(&sent)[..] else {
        panic!("{sent:?}");
    };
    let handshake = change_cipher_spec.len() + finished.len();
    let reads = [UpTo(4096), UpTo(handshake), UpTo(key_update.len())];
    let stream = with_client(updating_keys()).buffering().reads(reads);
    (stream, remote.look(ScriptedStream::calls).writes)
}

/// The lengths of the records of application data that were written and flushed after the tickets.
fn answers(remote: &Scripted) -> Vec<usize> {
    let written = remote.written();
    let records = records(&written).into_iter().skip(4);
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

#[tokio::test(start_paused = true)]
async fn a_read_sends_the_answer_to_a_key_update() {
    let stream = Scripted::new(script().await.0);
    let remote = stream.clone();
    let mut stream = accept(stream).await;
    let mut request = [0; 9];
    soon(stream.read_exact(&mut request)).await.unwrap();
    assert_eq!(&request, b"a request");
    assert_eq!(answers(&remote), answer());
    // the client takes it, and what is written after it
    stream.write_all(b"a reply").await.unwrap();
    stream.flush().await.unwrap();
    assert!(poll_once(stream.read(&mut request)).is_none());
    remote.look(|stream| {
        let client = stream.client().unwrap();
        assert_eq!(
            (client.plaintext(), client.error()),
            (&b"a reply"[..], None)
        );
    });
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_key_update_in_the_read_of_the_finished_is_sent() {
    let stream = Scripted::new(with_client(updating_keys()));
    let remote = stream.clone();
    let mut stream = accept(stream).await;
    soon(stream.read_exact(&mut [0; 9])).await.unwrap();
    assert_eq!(answers(&remote), answer());
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_key_update_in_the_read_of_the_request_is_sent() {
    let stream = Scripted::new(with_client(updating_keys()));
    let remote = stream.clone();
    drop(accept(stream).await);
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    let handshake = records(&sent)[1..3].iter().map(|record| record.len()).sum();
    let stream = with_client(updating_keys()).buffering();
    let stream = Scripted::new(stream.reads([UpTo(4096), UpTo(handshake)]));
    let remote = stream.clone();
    let mut stream = accept(stream).await;
    soon(stream.read_exact(&mut [0; 9])).await.unwrap();
    assert_eq!(answers(&remote), answer());
}

/// The plaintext before the record is read first, and the client need not wait for the alert.
#[tokio::test(start_paused = true)]
async fn the_read_that_finds_a_bad_record_sends_the_alert() {
    let bad = [&[23, 3, 3, 0, 30][..], &[7; 30]].concat();
    let stream = Scripted::new(with_client(updating_keys().ending_in(5, &bad)));
    let remote = stream.clone();
    drop(accept(stream).await);
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    let handshake = records(&sent)[1..3].iter().map(|record| record.len()).sum();
    let stream = with_client(updating_keys().ending_in(5, &bad)).buffering();
    let stream = Scripted::new(stream.reads([UpTo(4096), UpTo(handshake)]));
    let remote = stream.clone();
    let mut stream = accept(stream).await;
    soon(stream.read_exact(&mut [0; 9])).await.unwrap();
    assert_eq!(answers(&remote), [KEY_UPDATE, 5 + 2 + 1 + 16]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_after_close_notify() {
    let stream = Scripted::new(script().await.0);
    let remote = stream.clone();
    let mut stream = accept(stream).await;
    stream.shutdown().await.unwrap();
    let before = remote.written();
    // it panics at a write after the shutdown
    soon(stream.read_exact(&mut [0; 9])).await.unwrap();
    assert_eq!(remote.written(), before);
}

#[tokio::test(start_paused = true)]
async fn a_read_does_not_fail_because_of_an_answer_that_the_stream_does_not_take() {
    if !ANSWERS_KEY_UPDATES_AT_ONCE {
        return; // then a read has nothing to send
    }
    for outcome in [Fail(ErrorKind::BrokenPipe), End] {
        let (stream, writes) = script().await;
        let writes = repeat_n(UpTo(usize::MAX), writes).chain([outcome]);
        let stream = Scripted::new(stream.writes(writes));
        let remote = stream.clone();
        let mut stream = accept(stream).await;
        soon(stream.read_exact(&mut [0; 9])).await.unwrap();
        assert_eq!(answers(&remote), [], "{outcome:?}");
        assert!(poll_once(stream.read(&mut [0; 9])).is_none());
        assert_eq!(answers(&remote), [KEY_UPDATE], "{outcome:?}");
    }
}

const MOMENT: Duration = Duration::from_secs(60);

/// A stream whose writes or flushes after the handshake block once, for a moment.
async fn blocking(flushes: bool) -> Scripted {
    let (stream, writes) = script().await;
    let stream = match flushes {
        true => {
            let handshake = Scripted::new(script().await.0);
            let remote = handshake.clone();
            drop(accept(handshake).await);
            let calls = remote.look(ScriptedStream::calls).flushes;
            stream.flushes(repeat_n(UpTo(usize::MAX), calls).chain([WouldBlock]))
        }
        false => stream.writes(repeat_n(UpTo(usize::MAX), writes).chain([WouldBlock])),
    };
    Scripted::new(stream).with_moment(MOMENT)
}

/// The client reads slowly: the read has its plaintext at once. The next read sends the answer when the
/// stream takes it, although the client sends nothing.
#[tokio::test(start_paused = true)]
async fn a_read_does_not_wait_for_a_slow_client_and_its_task_is_woken_to_send() {
    if !ANSWERS_KEY_UPDATES_AT_ONCE {
        return; // then a read has nothing to send
    }
    for flushes in [false, true] {
        let stream = blocking(flushes).await;
        let remote = stream.clone();
        let mut stream = accept(stream).await;
        let began = Instant::now();
        let mut request = [0; 9];
        soon(stream.read_exact(&mut request)).await.unwrap();
        assert_eq!((&request, began.elapsed()), (b"a request", Duration::ZERO));
        assert_eq!(answers(&remote), []);
        let reading = tokio::spawn(async move { stream.read(&mut request).await });
        yield_now().await;
        advance(MOMENT).await;
        yield_now().await;
        assert_eq!(answers(&remote), [KEY_UPDATE], "flushes: {flushes}");
        reading.abort();
    }
}

/// The stream keeps one waker for its write side. A read that is not polled again must not take it from
/// the task that writes.
#[tokio::test(start_paused = true)]
async fn a_task_that_waits_to_write_is_woken_although_a_read_wanted_to_send() {
    let stream = blocking(false).await;
    let (mut reader, mut writer) = split(accept(stream).await);
    let writing = tokio::spawn(async move {
        writer.write_all(&[7; 200_000]).await?;
        writer.flush().await
    });
    yield_now().await;
    assert!(!writing.is_finished());
    let mut request = [0; 9];
    let read = poll_once(reader.read(&mut request)); // with a waker that does nothing
    assert_eq!(read.unwrap().unwrap(), 9);
    soon(writing).await.unwrap().unwrap();
}

/// The same the other way round: a write that is not polled again leaves the waker to the reader.
#[tokio::test(start_paused = true)]
async fn a_task_that_waits_to_send_is_woken_although_a_write_was_given_up() {
    if !ANSWERS_KEY_UPDATES_AT_ONCE {
        return; // then a read has nothing to send
    }
    let stream = blocking(false).await;
    let remote = stream.clone();
    let (mut reader, mut writer) = split(accept(stream).await);
    let reading = tokio::spawn(async move {
        reader.read_exact(&mut [0; 9]).await?;
        reader.read(&mut [0; 9]).await
    });
    yield_now().await;
    assert_eq!(answers(&remote), []);
    assert!(poll_once(writer.flush()).is_none());
    advance(MOMENT).await;
    yield_now().await;
    assert_eq!(answers(&remote), [KEY_UPDATE]);
    reading.abort();
}
