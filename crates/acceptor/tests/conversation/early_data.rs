//! Early data, accepted and rejected, in records and chunks of every size, up to the limit.

use lastword_acceptor::Config;
use lastword_testkit::pki::Pki;
use lastword_testkit::server::{DECRYPT_ERROR_WORDS, MINOR};
use rustls::HandshakeKind;

use crate::conversation::client::{Conversation, early_bytes};
use crate::conversation::server::{Cuts, Outcome, ours, rustls};

const EARLY: Conversation = Conversation {
    resumes: Some(true),
    early_data: Some((1000, 100)),
    ..Conversation::PLAIN
};

fn run(conversation: &Conversation, sizes: &[usize]) -> Outcome {
    let pki = Pki::new();
    let [outcome, paused] = [false, true].map(|pauses| {
        let (server, client) = conversation.between(&pki);
        let mut cuts = Cuts::new(sizes).pausing(pauses);
        ours(&Config::new(server).unwrap(), client, &mut cuts)
    });
    assert_eq!(outcome, paused, "a pause before the client has its answer");
    outcome
}

/// The early data that was accepted.
fn accepted(conversation: &Conversation, sizes: &[usize]) -> Vec<u8> {
    match run(conversation, sizes) {
        Outcome::Served { early_data, .. } => early_data.unwrap(),
        failed => panic!("{conversation:?}: {failed:?}"),
    }
}

#[test]
fn accepted_early_data_is_limited_by_its_content_and_not_by_its_framing() {
    for (len, record) in [(16_384, 1), (16_384, 64), (16_384, 16_384), (1, 1), (0, 1)] {
        let conversation = Conversation {
            early_data: Some((len, record)),
            ..EARLY
        };
        let data = accepted(&conversation, &[4096]);
        assert_eq!(data, early_bytes(len), "{len} bytes in records of {record}");
    }
    let large = Conversation {
        max_early_data: 1 << 20,
        early_data: Some((1 << 20, 64)),
        ..EARLY
    };
    assert_eq!(accepted(&large, &[4096]).len(), 1 << 20);
}

#[test]
fn rejected_early_data_is_passed_over_however_it_is_cut() {
    for (len, record) in [
        (1700, 100),
        (6000, 300),
        (1000, 1000),
        (12_000, 100),
        (400, 1),
    ] {
        for retry in [false, true] {
            for client_auth in [false, true] {
                let conversation = Conversation {
                    resumes: Some(false),
                    early_data: Some((len, record)),
                    retry,
                    client_auth,
                    says: b"a request",
                    ..EARLY
                };
                for sizes in [&[][..], &[4096], &[1], &[117], &[122, 1]] {
                    let Outcome::Served {
                        kind,
                        early_data,
                        plaintext,
                    } = run(&conversation, sizes)
                    else {
                        panic!("{conversation:?} in {sizes:?}");
                    };
                    let kind = kind.unwrap();
                    assert_eq!(kind == HandshakeKind::FullWithHelloRetryRequest, retry);
                    assert_eq!(early_data, None);
                    assert_eq!(plaintext, b"a request");
                }
            }
        }
    }
}

/// After a HelloRetryRequest the content counts: the 17 bytes that each record has besides do not.
#[test]
fn all_early_data_that_a_ticket_allows_is_passed_over_before_a_retry() {
    for record in [1, 100, 16_384] {
        let conversation = Conversation {
            resumes: Some(false),
            retry: true,
            early_data: Some((16_384, record)),
            ..EARLY
        };
        let outcome = run(&conversation, &[1000]);
        assert!(outcome.is_served(), "records of {record}: {outcome:?}");
    }
}

/// rustls counts what is encrypted: 16,384 bytes in records of 100 are 19,172. It holds 18,437 bytes,
/// headers included: 801 records of one byte.
#[test]
fn more_rejected_early_data_than_rustls_passes_over_has_one_outcome() {
    const TOO_MUCH: &str = "Some(unexpected_message(10)): client sent more than 16384 bytes of early data, which this server rejected";
    const NO_ROOM: &str = "Some(unexpected_message(10)): client sent more than 18437 bytes of early data, which this server rejected";
    // without encrypted alerts
    let cannot_decrypt = &format!("Some(bad_record_mac(20)): {DECRYPT_ERROR_WORDS}")[..];
    const CLOSED: &str = "Some(close_notify(0)): client sent more than 18437 bytes of early data, which this server rejected";
    // with rustls 0.24 there is room
    let (no_room, closed) = match MINOR {
        23 => (NO_ROOM, CLOSED),
        _ => (TOO_MUCH, cannot_decrypt),
    };
    for (len, record, encrypts_alerts, words) in [
        (16_384, 100, true, TOO_MUCH),
        (16_384, 16_384, true, TOO_MUCH),
        (2000, 1, true, no_room),
        (16_384, 100, false, cannot_decrypt),
        (16_384, 16_384, false, cannot_decrypt),
        (2000, 1, false, closed),
    ] {
        let conversation = Conversation {
            resumes: Some(false),
            early_data: Some((len, record)),
            encrypts_alerts,
            ..EARLY
        };
        for sizes in [&[][..], &[1], &[4096], &[117]] {
            let outcome = run(&conversation, sizes);
            assert_eq!(outcome, Outcome::Failed(words.to_owned()), "{sizes:?}");
        }
        let pki = Pki::new();
        let (server, client) = conversation.between(&pki);
        assert!(!rustls(&server, client).is_served());
    }
}
