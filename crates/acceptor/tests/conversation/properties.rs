//! Any conversation in any chunks has the outcome of rustls in one piece, or is served besides.

use std::sync::LazyLock;

use lastword_testkit::pki::Pki;
use proptest::prelude::*;

use crate::conversation::client::Conversation;
use crate::conversation::server::{Cuts, Outcome, ours, rustls};

/// What clients say.
static SAYS: [u8; 200] = [b'x'; 200];

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

fn conversations() -> impl Strategy<Value = Conversation> {
    let early_data = prop_oneof![
        (0_usize..3000, 1_usize..400),
        (0_usize..20_000, prop_oneof![Just(1), 1_usize..17_000]),
    ];
    (
        prop::bool::weighted(0.2),
        any::<bool>(),
        any::<bool>(),
        prop_oneof![Just(None), Just(Some(true)), Just(Some(false))],
        prop::option::weighted(0.7, early_data),
        prop_oneof![Just(0_u32), Just(1 << 14), 1_u32..40_000],
        (0..SAYS.len()).prop_map(|len| &SAYS[..len]),
        any::<bool>(),
    )
        .prop_map(
            |(
                tls12,
                retry,
                client_auth,
                resumes,
                early_data,
                max_early_data,
                says,
                encrypts_alerts,
            )| Conversation {
                encrypts_alerts,
                tls12,
                retry,
                client_auth,
                resumes,
                early_data,
                max_early_data,
                says,
            },
        )
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1_usize..8, 1_usize..5000], 0..5)
}

/// A case is four handshakes at the least.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig {
        cases: config.cases.div_ceil(4),
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_conversation_comes_to_what_it_comes_to_with_rustls_or_is_served(
        conversation in conversations(),
        sizes in sizes(),
        pauses in any::<bool>(),
    ) {
        let run = |mut cuts| {
            let (server, client) = conversation.between_ours(&PKI);
            ours(&server, client, &mut cuts)
        };
        let whole = run(Cuts::new(&[]));
        prop_assert_eq!(&run(Cuts::new(&sizes).pausing(pauses)), &whole);
        let (server, client) = conversation.between(&PKI);
        let theirs = rustls(&server, client);
        match theirs {
            served @ Outcome::Served { .. } => prop_assert_eq!(served, whole),
            Outcome::Failed(_) => {}
        }
    }
}
