//! Configurations that change how rustls makes its records.

use std::io::{Read, Write};
use std::sync::Arc;

use lastword_acceptor::{AlertDescription, Config, Connection, Rejection, encrypted_alerts};
use rustls::server::NoServerSessionStorage;
use rustls::{ClientConnection, ServerConfig};

use crate::sealed::audit;
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{Scenario, written};

/// A change of the configuration, and its name.
type Change = (&'static str, fn(&mut ServerConfig));

const CHANGES: [Change; 7] = [
    ("fragments of 32 bytes", |it| {
        it.max_fragment_size = Some(32);
    }),
    ("fragments of 37 bytes", |it| {
        it.max_fragment_size = Some(37);
    }),
    ("long fragments", |it| it.max_fragment_size = Some(16_389)),
    ("no tickets", |it| it.send_tls13_tickets = 0),
    ("many tickets", |it| it.send_tls13_tickets = 40),
    ("half-RTT data", |it| it.send_half_rtt_data = true),
    ("no sessions", |it| {
        it.session_storage = Arc::new(NoServerSessionStorage {});
        it.max_early_data_size = 0;
    }),
];

const ANSWER: [u8; 5000] = [b'x'; 5000];

/// Sends data to a client, and compares the sequence numbers of both sides.
fn is_served(client: ClientConnection, mut connection: Connection, how: &str) {
    let mut client = client;
    assert!(!client.is_handshaking(), "{how}");
    connection.write(&ANSWER).unwrap();
    hear(&mut client, &written(&mut connection));
    let mut answer = [0; ANSWER.len()];
    client.reader().read_exact(&mut answer).unwrap();
    assert_eq!(answer, ANSWER, "{how}");
    let server = connection.into_rustls().unwrap();
    let server = server.dangerous_extract_secrets().unwrap();
    let client = client.dangerous_extract_secrets().unwrap();
    assert_eq!((server.tx.0, server.rx.0), (client.rx.0, client.tx.0));
}

/// Shakes hands with reads and writes of at most so many bytes, and gives a verdict.
fn shake_hands(scenario: &Scenario, (name, change): Change, accepts: bool, most: usize) {
    let how = format!("{scenario:?}, {name}, {accepts}, {most}");
    let provider = encrypted_alerts(audit::provider());
    let (config, mut client) = scenario.pair_of(provider, |mut config| {
        change(&mut config);
        config
    });
    let config = Config::new(config).unwrap();
    let mut server = Server::authorizing();
    server.converse_in(&mut client, &config, &mut |n| n.min(most));
    assert!(matches!(server, Server::Authenticated(_)), "{how}");
    if !scenario.tls12 {
        client.writer().write_all(b"a request").unwrap();
        client.refresh_traffic_keys().unwrap();
        client.writer().write_all(b"a request").unwrap();
    }
    let rejection = Rejection::access_denied("not on the list");
    server.decide((!accepts).then_some(rejection));
    if accepts {
        server.converse_in(&mut client, &config, &mut |n| n.min(most));
        is_served(client, server.complete(), &how);
    } else {
        hear(&mut client, &written(&mut server));
        let denied = rustls::Error::AlertReceived(AlertDescription::ACCESS_DENIED.0.into());
        assert_eq!(client.process_new_packets(), Err(denied), "{how}");
    }
    audit::check();
}

#[test]
fn a_client_is_served_or_refused_with_any_configuration() {
    for scenario in Scenario::ALL {
        for change in CHANGES {
            if scenario.resumes && change.0.starts_with("no ") {
                continue; // there is nothing to resume
            }
            for accepts in [true, false] {
                for most in [1, 5, 1000, usize::MAX] {
                    shake_hands(&scenario, change, accepts, most);
                }
            }
        }
    }
}
