//! Any chunking of a client's bytes has the same outcome, whenever a configuration is chosen.

use std::sync::LazyLock;

use crate::handshake::paths::{Outcome, Path, Server, chunks, run, run_case};
use lastword_testkit::catalogue::{Case, Required, failing};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;
use proptest::prelude::*;

static CASES: LazyLock<Vec<(Case, Server)>> = LazyLock::new(|| {
    let pki = Pki::new();
    let cases = failing()
        .into_iter()
        .filter(|case| case.opening().is_some());
    cases
        .map(|case| (case.clone(), Server::new(&pki, case.server)))
        .collect()
});

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    Server::new(
        &Pki::new(),
        lastword_testkit::catalogue::ServerProfile::DEFAULT,
    )
});

proptest! {
    #[test]
    fn any_chunking_of_a_failing_client_has_the_same_outcome(
        index: prop::sample::Index,
        sizes in prop::collection::vec(1_usize..200, 1..6),
    ) {
        let (case, server) = index.get(&CASES);
        let whole = run_case(server, Path::Later, case, &[]);
        prop_assert_eq!(&run_case(server, Path::Later, case, &sizes), &whole);
        if server.has_no_choice() {
            prop_assert_eq!(run_case(server, Path::AtOnce, case, &sizes), whole);
        }
    }

    #[test]
    fn a_spoilt_hello_has_one_outcome_however_it_is_cut(
        spoils in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        sizes in prop::collection::vec(1_usize..100, 1..6),
    ) {
        let mut bytes = HelloBuilder::default().record();
        for (index, byte) in spoils {
            *index.get_mut(&mut bytes) = byte;
        }
        let whole = run(&SERVER, Path::Later, &[&bytes], Required::Silent);
        let cut = run(&SERVER, Path::Later, &chunks(&bytes, &sizes), Required::Silent);
        prop_assert_eq!(told(&cut), told(&whole));
        let at_once = run(&SERVER, Path::AtOnce, &chunks(&bytes, &sizes), Required::Silent);
        prop_assert_eq!(told(&at_once), told(&whole));
    }

    #[test]
    fn arbitrary_bytes_are_decided(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
        let outcome = run(&SERVER, Path::Later, &[&bytes], Required::Silent);
        let ended = matches!(outcome, Outcome::Ended { .. });
        prop_assert!(ended);
    }
}

fn told(outcome: &Outcome) -> (&[u8], &str) {
    match outcome {
        Outcome::Ended { tls, words, .. } => (tls, words),
        Outcome::Waits { .. } => (&[], "waits"),
    }
}
