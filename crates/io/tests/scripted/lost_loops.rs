//! The loops that never end, each tried in every style: every one ends, and long before the
//! deadline. (A stream counts its calls, and fails the test that makes a hundred thousand.)

use std::time::Duration;

use lastword_io::acceptor::{ErrorKind, Silence};
use lastword_io::step::Options;
use lastword_io::{AcceptError, Delivery};
use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{End, UpTo};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::server::DECRYPT_ERROR_WORDS;
use lastword_testkit::wire::records;

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{CONFIG, Scripted, client, hello};

/// What is waited for of a client that does not close, and not the deadline.
const SOON: Duration = Duration::from_millis(1100);

const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];

fn speaking(versions: Versions) -> Client {
    client(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// A stream with this client.
fn with(client: Client) -> Scripted {
    Scripted::new(ScriptedStream::new(&[]).with_client(client)).ticking()
}

/// What a client sends to complete a handshake, and in how many calls the server writes its part.
fn whole(versions: Versions) -> (Vec<u8>, usize) {
    let scripted = with(speaking(versions));
    let established = Style::BlockingDirect.accept_any(scripted, &Options::default(), &CONFIG);
    let (_, Scripted { stream, .. }) = established.unwrap().into_parts();
    let sent = stream.client().unwrap().sent();
    (sent.to_vec(), stream.calls().writes)
}

fn closed(error: &AcceptError, what: &str) {
    assert!(
        matches!(error.kind(), ErrorKind::Closed(_)),
        "{what}: {error}"
    );
    assert_eq!(error.delivery(), Delivery::NothingToSend, "{what}");
    assert!(error.elapsed() < SOON, "{what}: {error:?}");
}

#[test]
fn the_end_of_the_stream_at_any_byte_of_a_hello_is_the_end() {
    let hello = hello();
    for style in STYLES {
        for cut in 0..hello.len() {
            let scripted = Scripted::new(ScriptedStream::new(&hello[..cut])).ticking();
            let refused = style.accept_any(scripted, &Options::default(), &CONFIG);
            let (error, stream) = refused.unwrap_err();
            closed(&error, &format!("{style:?} at {cut}"));
            assert_eq!(error.is_probe(), cut == 0);
            assert_eq!(stream.shut(), Some(&[][..]));
        }
    }
}

#[test]
fn the_end_of_the_stream_at_any_byte_of_a_handshake_is_the_end() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (sent, _) = whole(versions);
        for (style, cut) in STYLES
            .into_iter()
            .flat_map(|style| (0..sent.len()).map(move |cut| (style, cut)))
        {
            let scripted = with(speaking(versions).cut_at(cut));
            let refused = style.accept_any(scripted, &Options::default(), &CONFIG);
            let (error, scripted) = refused.unwrap_err();
            closed(&error, &format!("{style:?} at {cut} of {}", sent.len()));
            assert_eq!(error.silence(), Some(Silence::PeerClosed));
            assert!(scripted.elapsed() < SOON);
        }
    }
}

#[test]
fn close_notify_in_the_place_of_any_record_is_the_end() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (sent, _) = whole(versions);
        for after in 0..records(&sent).len() {
            for style in STYLES {
                let scripted = with(speaking(versions).ending_in(after, &CLOSE_NOTIFY));
                let refused = style.accept_any(scripted, &Options::default(), &CONFIG);
                let (error, scripted) = refused.unwrap_err();
                let words = match (versions, after) {
                    (_, 0) => {
                        "client closed the connection with close_notify before the ClientHello was complete"
                    }
                    // behind its change_cipher_spec, and in plaintext
                    (Versions::Tls12, 3) => DECRYPT_ERROR_WORDS,
                    _ => "client closed the connection with close_notify after the ServerHello",
                };
                let summary = error.error().summary().to_string();
                assert!(
                    summary.starts_with(words),
                    "{versions:?} {after} {style:?}: {summary}"
                );
                assert!(scripted.elapsed() < SOON);
            }
        }
    }
}

#[test]
fn a_write_that_takes_nothing_is_the_end_at_any_call() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (_, writes) = whole(versions);
        for write in 0..writes {
            for style in STYLES {
                let stream = ScriptedStream::new(&[])
                    .writes(vec![UpTo(usize::MAX); write])
                    .writes(vec![End; 1000]);
                let stream = stream.with_client(speaking(versions));
                let scripted = Scripted::new(stream).ticking();
                // the last flight is the handshake's too, Finished in TLS 1.2 and tickets in 1.3
                let failed = style.accept_any(scripted, &Options::default(), &CONFIG);
                let (error, scripted) = failed.unwrap_err();
                assert_eq!(error.silence(), Some(Silence::StreamFailed));
                assert!(scripted.elapsed() < SOON);
            }
        }
    }
}
