//! Loops that would never end, each tried in every style: every one ends, and long before the
//! timeout. (A stream counts its calls, and fails the test that makes a hundred thousand.)

use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{End, UpTo};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::server::DECRYPT_ERROR_WORDS;
use lastword_testkit::wire::{alert, records};
use lastword_tokio::acceptor::{ErrorKind, Silence};
use lastword_tokio::step::Options;
use lastword_tokio::{AcceptError, Delivery};
use tokio::time::Instant;

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{CONFIG, Scripted, client, hello, with_client};

/// What is waited for of a client that does not close, and not the deadline.
const SOON: Duration = Duration::from_millis(1100);

const VERSIONS: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

fn speaking(versions: Versions) -> Client {
    client(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// What a client sends to complete a handshake, and in how many calls the server writes its part.
async fn whole(versions: Versions) -> (Vec<u8>, usize) {
    let stream = Scripted::new(with_client(speaking(versions)));
    let remote = stream.clone();
    let options = Options::default();
    let accepted = Style::Direct.accept_any(stream, &options, &CONFIG).await;
    let _established = accepted.unwrap();
    let sent = remote.look(|stream| stream.client().unwrap().sent().to_vec());
    (sent, remote.look(ScriptedStream::calls).writes)
}

/// A handshake that fails, and soon: its error and the stream.
async fn refuse(style: Style, stream: ScriptedStream) -> (AcceptError, Scripted) {
    let (started, options) = (Instant::now(), Options::default());
    let stream = Scripted::new(stream);
    let refused = style.accept_any(stream, &options, &CONFIG).await;
    assert!(started.elapsed() < SOON, "{style:?}: {refused:?}");
    refused.unwrap_err().split_stream()
}

fn closed(error: &AcceptError, what: &str) {
    assert!(
        matches!(error.kind(), ErrorKind::Closed(_)),
        "{what}: {error}"
    );
    assert_eq!(error.delivery(), Delivery::NothingToSend, "{what}");
    assert_eq!(error.silence(), Some(Silence::PeerClosed), "{what}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_stream_at_any_byte_of_a_hello_is_the_end() {
    let hello = hello();
    for style in STYLES {
        for cut in 0..hello.len() {
            let (error, stream) = refuse(style, ScriptedStream::new(&hello[..cut])).await;
            closed(&error, &format!("{style:?} at {cut}"));
            assert_eq!(error.is_probe(), cut == 0);
            assert_eq!(stream.shut().as_deref(), Some(&[][..]));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_stream_at_any_byte_of_a_handshake_is_the_end() {
    for versions in VERSIONS {
        let (sent, _) = whole(versions).await;
        for (cut, style) in (0..sent.len()).zip(STYLES.into_iter().cycle()) {
            let stream = with_client(speaking(versions).cut_at(cut));
            let (error, _) = refuse(style, stream).await;
            closed(&error, &format!("{style:?} at {cut} of {}", sent.len()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn close_notify_instead_of_any_record_is_the_end() {
    for versions in VERSIONS {
        let (sent, _) = whole(versions).await;
        for after in 0..records(&sent).len() {
            for style in STYLES {
                let client = speaking(versions).ending_in(after, &alert(1, 0));
                let (error, _) = refuse(style, with_client(client)).await;
                let words = match (versions, after) {
                    (_, 0) => {
                        "client closed the connection with close_notify before the ClientHello was complete"
                    }
                    // after its change_cipher_spec, and in plaintext
                    (Versions::Tls12, 3) => DECRYPT_ERROR_WORDS,
                    _ => "client closed the connection with close_notify after the ServerHello",
                };
                let summary = error.error().summary().to_string();
                assert!(
                    summary.starts_with(words),
                    "{versions:?} {after} {style:?}: {summary}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_takes_nothing_is_the_end_at_any_call() {
    for versions in VERSIONS {
        let (_, writes) = whole(versions).await;
        for write in 0..writes {
            for style in STYLES {
                let stream = with_client(speaking(versions))
                    .writes(repeat_n(UpTo(usize::MAX), write))
                    .writes(repeat_n(End, 1000));
                // the last flight is the handshake's too, Finished in TLS 1.2 and tickets in 1.3
                let (error, _) = refuse(style, stream).await;
                assert_eq!(error.silence(), Some(Silence::StreamFailed));
            }
        }
    }
}
