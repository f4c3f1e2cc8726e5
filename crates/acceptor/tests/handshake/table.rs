//! Every client of the catalogue whose bytes are fixed is told what it must be told.

use crate::handshake::paths::{Outcome, Path, Server, chunks, run, run_case};
use lastword_acceptor::Alert;
use lastword_testkit::catalogue::{Case, Required, ServerProfile, failing, succeeding};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;

/// The bytes of these alerts in plaintext.
fn in_plaintext(required: Required) -> Vec<u8> {
    required
        .alerts()
        .iter()
        .flat_map(|alert| Alert::new(*alert).to_record())
        .collect()
}

/// Whether the client was waited for in vain once it had been answered.
fn answered(words: &str) -> bool {
    [
        "handshake timed out after the HelloRetryRequest",
        "handshake timed out after the ServerHello",
    ]
    .iter()
    .any(|answered| words.starts_with(answered))
}

/// What the client is told for its opening; `None` if it has more to say, once it is answered.
fn told(server: &Server, path: Path, case: &Case) -> Option<Vec<u8>> {
    match run_case(server, path, case, &[])? {
        Outcome::Ended { words, .. } if answered(&words) => None,
        Outcome::Ended { tls, .. } => Some(tls),
        Outcome::Waits { .. } => panic!("{}: is awaited", case.name),
    }
}

#[test]
fn tells_every_failing_client_exactly_what_it_must_be_told() {
    let pki = Pki::new();
    let mut told_so = 0;
    for case in failing() {
        let server = Server::new(&pki, case.server);
        for path in [Path::Later, Path::AtOnce] {
            if path == Path::AtOnce && !server.has_no_choice() {
                continue;
            }
            let Some(tls) = told(&server, path, &case) else {
                continue;
            };
            assert_eq!(
                tls,
                in_plaintext(case.required),
                "{} on {path:?}",
                case.name
            );
            told_so += 1;
        }
    }
    assert!(told_so >= 50, "only {told_so}");
}

#[test]
fn answers_every_client_that_is_to_be_served() {
    let pki = Pki::new();
    for case in succeeding() {
        let server = Server::new(&pki, case.server);
        for path in [Path::Later, Path::AtOnce] {
            if let Some(outcome) = run_case(&server, path, &case, &[]) {
                let answered = Outcome::Waits { answered: true };
                assert_eq!(outcome, answered, "{} on {path:?}", case.name);
            }
        }
    }
}

#[test]
fn puts_the_alert_behind_a_flight_that_is_not_yet_written() {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let warnings = [21, 3, 3, 0, 2, 1, 90].repeat(64);
    let unknown = [99, 3, 3, 0, 1, 0];
    for behind in [&warnings[..], &unknown] {
        let hello = HelloBuilder::tls12().record();
        let bytes = [&hello[..], behind].concat();
        for chunks in [chunks(&bytes, &[]), chunks(&bytes, &[1])] {
            match run(&server, Path::AtOnce, &chunks, Required::Silent) {
                Outcome::Ended { tls, .. } => assert_eq!(tls, [21, 3, 3, 0, 2, 2, 10]),
                Outcome::Waits { .. } => panic!("the client is awaited"),
            }
        }
    }
}

#[test]
fn tells_what_rustls_does_not_of_schemes_and_shares() {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    for (hello, code) in [
        // the key is on P-256
        (HelloBuilder::tls12().signature_algorithms(&[0x0503]), 40),
        // the share is of X25519
        (HelloBuilder::default().groups(&[0x0017]), 47),
    ] {
        for path in [Path::AtOnce, Path::Later] {
            match run(&server, path, &[&hello.record()], Required::Silent) {
                Outcome::Ended { tls, .. } => assert_eq!(tls, [21, 3, 3, 0, 2, 2, code]),
                Outcome::Waits { .. } => panic!("the client is awaited"),
            }
        }
    }
}

#[test]
fn answers_clients_that_need_not_be_refused() {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let mut fallback = HelloBuilder::default();
    fallback.suites.push(0x5600); // it falls back to the server's highest version
    let protocols = HelloBuilder::default().alpn(&["h2"]); // of which the server has none
    for hello in [fallback, protocols] {
        let outcome = run(&server, Path::AtOnce, &[&hello.record()], Required::Served);
        assert_eq!(outcome, Outcome::Waits { answered: true });
    }
}
