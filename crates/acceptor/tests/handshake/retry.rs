//! Between a HelloRetryRequest and the ServerHello: nothing is encrypted yet.

use crate::handshake::paths::{Outcome, Path, Server, chunks, run};
use lastword_acceptor::AlertDescription;
use lastword_testkit::catalogue::{Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

/// A client that is asked to retry.
pub(crate) fn first() -> HelloBuilder {
    HelloBuilder::default().key_shares(&[])
}

/// A client that has retried as it was asked to.
pub(crate) fn second() -> HelloBuilder {
    HelloBuilder::default()
}

pub(crate) const EARLY_DATA: ExtensionType = ExtensionType(42);
pub(crate) const PADDING: ExtensionType = ExtensionType(21);

/// Whether a client is answered who is asked to retry and then sends these bytes.
pub(crate) fn is_answered(first: &HelloBuilder, behind: &[u8]) -> bool {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let bytes = [&first.record()[..], behind].concat();
    let outcomes = [&[][..], &[1], &[3, 70]].map(|sizes| {
        [Path::AtOnce, Path::Later]
            .map(|path| run(&server, path, &chunks(&bytes, sizes), Required::Silent))
    });
    let words = |outcome: &Outcome| match outcome {
        Outcome::Ended { words, .. } => words.clone(),
        Outcome::Waits { .. } => String::new(),
    };
    let ends: Vec<_> = outcomes.into_iter().flatten().collect();
    assert!(
        ends.iter().all(|end| words(end) == words(&ends[0])),
        "{ends:?}"
    );
    words(&ends[0]) == "client closed the connection after the ServerHello, nothing received since"
}

/// What a client is told who is asked to retry and then sends these bytes.
pub(crate) fn told(first: &HelloBuilder, behind: &[u8], end: Required) -> (Vec<u8>, String) {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let bytes = [&first.record()[..], behind].concat();
    let whole = run(&server, Path::AtOnce, &[&bytes], end);
    let Outcome::Ended { tls, words, .. } = whole else {
        panic!("{whole:?}")
    };
    for path in [Path::AtOnce, Path::Later] {
        match run(&server, path, &chunks(&bytes, &[3]), end) {
            Outcome::Ended { tls: cut, .. } => assert_eq!(cut, tls),
            Outcome::Waits { .. } => panic!("the client is awaited"),
        }
    }
    (tls, words)
}

/// The alert, fatal and in plaintext.
pub(crate) fn alert(code: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, code]
}

#[test]
fn tells_a_client_in_plaintext_what_is_wrong_with_its_retry() {
    let another_name = second().server_name("example.test").record();
    let interleaved = [22, 3, 3, 0, 1, 1, 23, 3, 3, 0, 1, 0];
    let endless = [22, 3, 3, 0, 4, 1, 0xff, 0xff, 0xff];
    let warnings = [21, 3, 3, 0, 2, 1, 90].repeat(64);
    for (behind, code) in [
        (&another_name[..], 47),
        (&interleaved, 10),
        (&endless, 50),
        (&warnings, 10),
        (&[99, 3, 3, 0, 1], 10),
        (&[22, 3, 3, 0, 0], 10),
        (&[22, 3, 3, 0x50, 0], 22),
    ] {
        assert_eq!(
            told(&first(), behind, Required::Silent).0,
            alert(code),
            "{behind:02x?}"
        );
    }
}

#[test]
fn cancels_a_client_that_does_not_retry() {
    const CANCELLED: Required = Required::Alerts(&[AlertDescription::USER_CANCELED]);
    let (tls, words) = told(&first(), &[], CANCELLED);
    assert_eq!(tls, [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    assert_eq!(
        words,
        "handshake timed out after the HelloRetryRequest, nothing received since"
    );
}

/// Rejected early data is passed over, and what is empty of it is counted.
#[test]
fn tells_a_client_in_plaintext_that_its_early_data_is_empty_too_often() {
    let first = first().extension(ExtensionType(42), &[]); // early_data
    let empty = [23, 3, 3, 0, 0].repeat(33);
    let (tls, words) = told(&first, &empty, Required::Silent);
    assert_eq!(tls, alert(10));
    assert_eq!(
        words,
        "client sent more than 32 records without content in a row"
    );
}

#[test]
fn only_what_may_come_between_two_hellos_does() {
    let specs = |count| [20, 3, 3, 0, 1, 1].repeat(count);
    let data = [23, 3, 3, 0, 20]
        .into_iter()
        .chain([7; 20])
        .collect::<Vec<_>>();
    let early = first().extension(EARLY_DATA, &[]);
    let then = |between: &[u8]| [between, &second().record()].concat();
    assert!(is_answered(&first(), &then(&specs(2))));
    assert!(is_answered(
        &first(),
        &then(&[21, 3, 3, 0, 2, 1, 90].repeat(4))
    ));
    assert!(is_answered(
        &early,
        &then(&[&specs(1)[..], &data.repeat(50)].concat())
    ));
    let fragment = &second().record()[..];
    let interleaved = [&[22, 3, 1, 0, 1, 1][..], &specs(1), fragment].concat();
    let after_fragment = [&[22, 3, 1, 0, 1, 1][..], &data].concat();
    for (first, behind, code) in [
        (first(), then(&specs(3)), 10),
        (first(), then(&[20, 3, 3, 0, 1, 2]), 10),
        (first(), then(&[20, 3, 3, 0, 2, 1, 1]), 10),
        (first(), then(&[20, 3, 3, 0, 0]), 10),
        (first(), then(&data), 10),
        (early.clone(), then(&[23, 3, 3, 0x41, 1]), 22),
        (early.clone(), after_fragment, 10),
        (first(), interleaved, 10),
        (first(), then(&[21, 3, 3, 0, 2, 1, 90].repeat(5)), 10),
        (first(), then(&[22, 3, 3, 0, 4, 2, 0, 0, 0]), 10),
        (first(), [&[22, 3, 3, 0, 5, 1, 0, 0, 0, 0][..]].concat(), 10),
    ] {
        assert_eq!(
            told(&first, &behind, Required::Silent).0,
            alert(code),
            "{behind:02x?}"
        );
    }
}

#[test]
fn rejected_early_data_between_two_hellos_counts_by_its_content() {
    let early = first().extension(EARLY_DATA, &[]);
    let records = |content: usize, count: usize| {
        let [high, low] = u16::try_from(content + 17).unwrap().to_be_bytes();
        let record = [&[23, 3, 3, high, low][..], &vec![7; content + 17]].concat();
        record.repeat(count)
    };
    let then = |between: Vec<u8>| [&between[..], &second().record()].concat();
    for (content, count) in [(1, 16_384), (100, 163), (16_384, 1)] {
        let bytes = [&early.record()[..], &then(records(content, count))].concat();
        let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
        let sizes = chunks(&bytes, &[4096]);
        let outcome = run(&server, Path::AtOnce, &sizes, Required::Served);
        assert_eq!(outcome, Outcome::Waits { answered: true }, "{content}");
    }
    for (content, count) in [(1, 16_385), (100, 164), (16_384, 2)] {
        let (tls, words) = told(&early, &then(records(content, count)), Required::Silent);
        assert_eq!(tls, alert(10));
        assert_eq!(
            words,
            "client sent more than 16384 bytes of early data, which this server rejected"
        );
    }
}

#[test]
fn a_client_that_ends_instead_of_retrying_is_told_nothing() {
    let (tls, words) = told(&first(), &[21, 3, 3, 0, 2, 2, 40], Required::Silent);
    assert_eq!(tls, b"");
    assert!(
        words.starts_with("client sent the alert handshake_failure (40)"),
        "{words}"
    );
    let (tls, words) = told(&first(), &[21, 3, 3, 0, 2, 1, 0], Required::Silent);
    assert_eq!(tls, b"");
    assert_eq!(
        words,
        "client closed the connection with close_notify after the HelloRetryRequest, 7 bytes received since"
    );
}
