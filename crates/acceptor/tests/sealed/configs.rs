//! Configurations that change how rustls makes its records.

use std::io::{Read, Write};

use lastword_acceptor::{AlertDescription, Config, Rejection, encrypted_alerts};
use rustls::ServerConfig;

use crate::audit;
use crate::peer::{Server, hear};
use crate::scenario::{Scenario, written};

fn changes() -> Vec<(&'static str, fn(&mut ServerConfig))> {
    vec![
        ("fragments of 32", |config| config.max_fragment_size = Some(32)),
        ("fragments of 37", |config| config.max_fragment_size = Some(37)),
        ("fragments of 16389", |config| {
            config.max_fragment_size = Some(16_389);
        }),
        ("no tickets", |config| config.send_tls13_tickets = 0),
        ("many tickets", |config| config.send_tls13_tickets = 40),
        ("half-RTT data", |config| config.send_half_rtt_data = true),
        ("extended master secret", |config| {
            config.require_ems = true;
        }),
        ("the client's order", |config| {
            config.ignore_client_order = true;
        }),
        ("no sessions", |config| {
            config.session_storage = std::sync::Arc::new(rustls::server::NoServerSessionStorage {});
            config.max_early_data_size = 0;
        }),
    ]
}

#[test]
fn a_client_is_served_or_refused_with_any_configuration() {
    for scenario in Scenario::ALL {
        for (name, change) in changes() {
            if scenario.resumes && name.starts_with("no ") {
                continue; // there is nothing to resume
            }
            for accepts in [true, false] {
                for most in [1, 5, 1000, usize::MAX] {
                    let how = format!("{scenario:?}, {name}, {accepts}, {most}");
                    let (config, mut client) =
                        scenario.pair_of(encrypted_alerts(audit::provider()), |mut config| {
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
                    let rejection =
                        Rejection::new(AlertDescription::ACCESS_DENIED, "not on the list");
                    server.decide((!accepts).then_some(rejection));
                    if !accepts {
                        hear(&mut client, &written(&mut server));
                        let error = client.process_new_packets().unwrap_err();
                        let denied = rustls::AlertDescription::AccessDenied;
                        assert_eq!(error, rustls::Error::AlertReceived(denied), "{how}");
                        audit::check();
                        continue;
                    }
                    server.converse_in(&mut client, &config, &mut |n| n.min(most));
                    let mut connection = server.complete();
                    assert!(!client.is_handshaking(), "{how}");
                    connection.write(&[b'x'; 5000]).unwrap();
                    hear(&mut client, &written(&mut connection));
                    let mut answer = vec![0; 5000];
                    client.reader().read_exact(&mut answer).unwrap();
                    let connection = connection.into_rustls().unwrap();
                    let server = connection.dangerous_extract_secrets().unwrap();
                    let client = client.dangerous_extract_secrets().unwrap();
                    assert_eq!((server.tx.0, server.rx.0), (client.rx.0, client.tx.0));
                    audit::check();
                }
            }
        }
    }
}
