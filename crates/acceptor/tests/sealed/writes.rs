//! Writes of any length, connections that are dropped half way, and verdicts.

use lastword_acceptor::{AlertDescription, Rejection};
use lastword_testkit::cases;
use proptest::prelude::*;
use rustls::AlertDescription as Told;

use crate::sealed::audit;
use crate::sealed::handshakes::encrypted;
use crate::sealed::peer::{Peer as _, Server, hear};
use crate::sealed::scenario::{Scenario, written};

fn scenarios() -> impl Strategy<Value = Scenario> {
    prop::sample::select(&Scenario::ALL[..])
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1_usize..8, 1_usize..5000], 1..9)
}

fn refused() -> Rejection {
    Rejection::new(AlertDescription::ACCESS_DENIED, "not on the list")
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn no_record_is_encrypted_twice_however_it_is_written(
        scenario in scenarios(),
        sizes in sizes(),
        accepts in any::<bool>(),
        authorizes in any::<bool>(),
    ) {
        let (config, mut client) = scenario.pair();
        let before = audit::records();
        let mut sizes = sizes.iter().cycle();
        let mut most = |_| *sizes.next().unwrap();
        let mut server = match authorizes {
            true => Server::authorizing(),
            false => Server::new(),
        };
        let mut tls = server.converse_in(&mut client, &config, &mut most);
        if authorizes {
            prop_assert!(matches!(server, Server::Authenticated(_)), "{:?}", server);
            server.decide((!accepts).then(refused));
            tls.extend(server.converse_in(&mut client, &config, &mut most));
            if !accepts {
                let last = written(&mut server);
                hear(&mut client, &last);
                tls.extend(last);
            }
        }
        if authorizes && !accepts {
            let error = client.process_new_packets().unwrap_err();
            prop_assert_eq!(error, rustls::Error::AlertReceived(Told::AccessDenied));
        } else {
            prop_assert!(!client.is_handshaking());
            prop_assert!(client.process_new_packets().is_ok());
        }
        let is_plaintext = scenario.tls12 && !scenario.resumes && authorizes && !accepts;
        let sealed = match is_plaintext {
            true => 0,
            false => encrypted(&tls, scenario.tls12),
        };
        prop_assert_eq!(audit::records() - before, sealed);
        audit::check();
    }

    #[test]
    fn a_connection_can_be_dropped_anywhere(
        scenario in scenarios(),
        sizes in sizes(),
        mut left in 0_usize..400,
        authorizes in any::<bool>(),
    ) {
        let (config, mut client) = scenario.pair();
        let mut server = match authorizes {
            true => Server::authorizing(),
            false => Server::new(),
        };
        let mut sizes = sizes.iter().cycle();
        'over: for _ in 0..6 {
            let said = written(&mut client);
            for chunk in said.chunks(*sizes.next().unwrap()) {
                server.receive(&config, chunk);
                let Some(less) = left.checked_sub(1) else {
                    break 'over;
                };
                left = less;
            }
            let mut answer = Vec::new();
            let part = *sizes.next().unwrap();
            while server.wants_write() {
                server.write_part(&mut answer, part);
                let Some(less) = left.checked_sub(1) else {
                    break 'over;
                };
                left = less;
            }
            hear(&mut client, &answer);
        }
        drop(server);
        audit::check();
    }
}
