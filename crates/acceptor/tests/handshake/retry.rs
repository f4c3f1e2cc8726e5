//! Between a HelloRetryRequest and the ServerHello: nothing is encrypted yet.

use crate::paths::{Outcome, Path, Server, chunks, run};
use lastword_acceptor::{AlertDescription, Config, Handshake, Limits, Phase, Reason};
use lastword_testkit::catalogue::{Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

/// A client that is asked to retry.
fn first() -> HelloBuilder {
    HelloBuilder::default().key_shares(&[])
}

/// What a client is told who is asked to retry and then sends these bytes.
fn told(first: &HelloBuilder, behind: &[u8], end: Required) -> (Vec<u8>, String) {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let bytes = [&first.record()[..], behind].concat();
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
    assert_eq!(words, "deadline passed before the ServerHello");
}

/// rustls passes over the early data, and counts what is empty of it.
#[test]
fn tells_a_client_in_plaintext_that_its_early_data_is_empty_too_often() {
    let first = first().extension(ExtensionType(42), &[]); // early_data
    let empty = [23, 3, 3, 0, 0].repeat(33);
    let (tls, words) = told(&first, &empty, Required::Silent);
    assert_eq!(tls, alert(10));
    assert_eq!(words, "peer misbehaved: TooManyEmptyFragments");
}

/// The protocols of the first ClientHello are looked at here, those of the second by rustls.
#[test]
fn tells_a_client_that_retries_with_other_protocols_that_there_is_none_in_common() {
    let h2 = ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(Pki::new().server_config(&h2)).unwrap();
    let retry = HelloBuilder::default().alpn(&["spdy/1"]).record();
    let bytes = [first().alpn(&["h2"]).record(), retry].concat();
    let handshake = Handshake::new(&config, Limits::default());
    let error = handshake.receive(&mut &bytes[..]).map(drop).unwrap_err();

    assert_eq!(
        error.alert(),
        Some(AlertDescription::NO_APPLICATION_PROTOCOL)
    );
    let last = error.tls().len() - (5 + 19); // the alert, encrypted
    assert_eq!(error.tls()[last..last + 5], [23, 3, 3, 0, 19]);
    assert_eq!(error.error().reason(), Reason::ApplicationProtocol);
    assert_eq!(error.error().phase(), Phase::Finished);
}
