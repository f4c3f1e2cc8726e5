//! Between a HelloRetryRequest and the ServerHello: nothing is encrypted yet.

mod paths;

use lastword_acceptor::AlertDescription;
use lastword_testkit::catalogue::{Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;
use paths::{Outcome, Path, Server, chunks, run};

/// What a client is told who is asked to retry and then sends these bytes.
fn told(behind: &[u8], end: Required) -> (Vec<u8>, String) {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let first = HelloBuilder::default().key_shares(&[]).record();
    let bytes = [&first[..], behind].concat();
    let whole = run(&server, Path::Direct, &[&bytes], end);
    let Outcome::Ended { tls, words, .. } = whole else {
        panic!("{whole:?}")
    };
    for path in [Path::Direct, Path::Acceptor] {
        match run(&server, path, &chunks(&bytes, &[3]), end) {
            Outcome::Ended { tls: cut, .. } => assert_eq!(cut, tls),
            Outcome::Waits { .. } => panic!("the client is awaited"),
        }
    }
    (tls, words)
}

/// The alert, fatal and in plaintext.
fn alert(code: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, code]
}

#[test]
fn tells_a_client_in_plaintext_what_is_wrong_with_its_retry() {
    let another_name = HelloBuilder::default().server_name("example.test").record();
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
            told(behind, Required::Silent).0,
            alert(code),
            "{behind:02x?}"
        );
    }
}

#[test]
fn cancels_a_client_that_does_not_retry() {
    const CANCELLED: Required = Required::Alerts(&[AlertDescription::USER_CANCELED]);
    let (tls, words) = told(&[], CANCELLED);
    assert_eq!(tls, [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    assert_eq!(words, "deadline passed before the ServerHello");
}
