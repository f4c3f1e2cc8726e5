//! Providers with encrypted alerts: which configurations have them, and what stays the same.

use std::sync::Arc;

use crate::handshake::clients::{accepted, client, flight, read_by, shake_hands};
use lastword_acceptor::{Config, Connection, Handshake, HandshakeKind, Progress, encrypted_alerts};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::sans_io::receive;
use lastword_testkit::wire::HelloBuilder;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ProducesTickets, StoresServerSessions};
use rustls::{ClientConfig, ServerConfig, SupportedCipherSuite};

fn encrypts_alerts(provider: CryptoProvider) -> bool {
    let config = Pki::new().server_config_with(&ServerProfile::DEFAULT, provider);
    Config::new(config).unwrap().encrypts_alerts()
}

#[test]
fn a_provider_has_encrypted_alerts_if_all_its_suites_do() {
    let plain = ring::default_provider();
    let mut encrypted = encrypted_alerts(plain.clone());
    assert!(!encrypts_alerts(plain.clone()));
    assert!(encrypts_alerts(encrypted.clone()));
    encrypted.cipher_suites.pop();
    assert!(encrypts_alerts(encrypted.clone()));
    encrypted.cipher_suites.push(plain.cipher_suites[0]);
    assert!(!encrypts_alerts(encrypted));
}

/// Returns where a suite is.
fn address(suite: &SupportedCipherSuite) -> usize {
    match suite {
        SupportedCipherSuite::Tls12(suite) => std::ptr::from_ref(*suite).addr(),
        SupportedCipherSuite::Tls13(suite) => std::ptr::from_ref(*suite).addr(),
    }
}

/// Also, nothing is wrapped twice.
#[test]
fn more_calls_take_no_more_memory() {
    let addresses = |provider: &CryptoProvider| {
        let suites = provider.cipher_suites.iter();
        suites.map(address).collect::<Vec<_>>()
    };
    let first = encrypted_alerts(ring::default_provider());
    let again = encrypted_alerts(ring::default_provider());
    assert_eq!(addresses(&first), addresses(&again));
    let twice = encrypted_alerts(first.clone());
    assert_eq!(addresses(&first), addresses(&twice));
}

#[test]
fn all_else_of_a_provider_is_the_same() {
    let plain = ring::default_provider();
    let encrypted = encrypted_alerts(plain.clone());
    assert_eq!(plain.fips(), encrypted.fips());
    assert_eq!(plain.cipher_suites, encrypted.cipher_suites);
    for (plain, encrypted) in plain.cipher_suites.iter().zip(&encrypted.cipher_suites) {
        assert_eq!(plain.version(), encrypted.version());
        let limits = [plain, encrypted].map(|suite| match suite {
            SupportedCipherSuite::Tls12(suite) => suite.common.confidentiality_limit,
            SupportedCipherSuite::Tls13(suite) => suite.common.confidentiality_limit,
        });
        assert_eq!(limits[0], limits[1]);
        let has_quic = |it: &SupportedCipherSuite| it.tls13().is_some_and(|it| it.quic.is_some());
        assert_eq!(has_quic(plain), has_quic(encrypted));
    }
}

/// Returns a server that shares sessions and tickets with others.
fn sharing(
    pki: &Pki,
    profile: &ServerProfile,
    sessions: &Arc<dyn StoresServerSessions>,
    ticketer: Option<&Arc<dyn ProducesTickets>>,
) -> Config {
    let mut config = ServerConfig::clone(&pki.server_config(profile));
    config.session_storage = Arc::clone(sessions);
    if let Some(ticketer) = ticketer {
        config.ticketer = Arc::clone(ticketer);
    }
    Config::new(config).unwrap()
}

fn connected(config: &Config, client: &Arc<ClientConfig>) -> Connection {
    let mut client = client_of(client);
    let mut handshake = Handshake::default();
    loop {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let mut answer = Vec::new();
        match receive(handshake, config, &mut &bytes[..]).unwrap() {
            Progress::Continue(mut next) => {
                while next.wants_write() {
                    next.write_tls(&mut answer).unwrap();
                }
                handshake = next;
            }
            Progress::Complete(mut connection) => {
                while connection.wants_write() {
                    connection.write_tls(&mut answer).unwrap();
                }
                client.read_tls(&mut &answer[..]).unwrap();
                client.process_new_packets().unwrap();
                return connection;
            }
            other => panic!("{other:?}"),
        }
        client.read_tls(&mut &answer[..]).unwrap();
        client.process_new_packets().unwrap();
    }
}

fn client_of(config: &Arc<ClientConfig>) -> rustls::ClientConnection {
    client(Arc::clone(config))
}

#[test]
fn sessions_and_tickets_of_one_provider_are_resumed_by_the_other() {
    let pki = Pki::new();
    let encrypted = ServerProfile::DEFAULT;
    let plain = encrypted.with_rustls_provider();
    for (first, second) in [(encrypted, plain), (plain, encrypted)] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            for ticketer in [None, Some(ring::Ticketer::new().unwrap())] {
                let sessions = rustls::server::ServerSessionMemoryCache::new(8);
                let sessions = sessions as Arc<dyn StoresServerSessions>;
                let [first, second] = [first, second]
                    .map(|profile| sharing(&pki, &profile, &sessions, ticketer.as_ref()));
                let client = pki.client_config(&ClientProfile {
                    versions,
                    ..ClientProfile::DEFAULT
                });
                let kind = |config: &Config| connected(config, &client).handshake_kind();
                assert_eq!(kind(&first), Some(HandshakeKind::Full));
                assert_eq!(kind(&second), Some(HandshakeKind::Resumed), "{versions:?}");
            }
        }
    }
}

/// Records are encrypted in parts of any length.
#[test]
fn a_server_with_small_records_encrypts_alerts() {
    let pki = Pki::new();
    for size in [32, 33, 64, 100, 1000] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let mut config = ServerConfig::clone(&pki.server_config(&ServerProfile::DEFAULT));
            config.max_fragment_size = Some(size);
            let config = Config::new(config).unwrap();
            let profile = ClientProfile {
                versions,
                ..ClientProfile::DEFAULT
            };
            connected(&config, &pki.client_config(&profile));

            let mut client = client(pki.client_config(&profile));
            let spoil = |bytes: &mut Vec<u8>| {
                if bytes[0] != 22 {
                    *bytes = vec![23, 3, 3, 0x48, 1]; // too long
                }
            };
            if versions == Versions::Tls13 {
                let error = shake_hands(&mut client, &config, spoil).unwrap_err();
                let told = read_by(&mut client, &error);
                assert_eq!(told, rustls::AlertDescription::RecordOverflow);
            }
        }
    }
}

/// The first flight is the same, but for what is random.
#[test]
fn the_records_of_both_providers_have_the_same_lengths() {
    let pki = Pki::new();
    let hello = HelloBuilder::default().record();
    let lengths = |profile: &ServerProfile| {
        let config = Config::new(pki.server_config(profile)).unwrap();
        let mut handshake = accepted(&hello).into_handshake(&config).unwrap();
        let flight = flight(&mut handshake);
        let records = lastword_testkit::wire::records(&flight);
        let records = records.iter().map(|it| (it[0], it.len()));
        records.collect::<Vec<_>>()
    };
    // the length of a signature varies
    let plain = ServerProfile::DEFAULT.with_rustls_provider();
    let seen = |profile| (0..40).map(|_| lengths(profile)).collect::<Vec<_>>();
    let (encrypted, plain) = (seen(&ServerProfile::DEFAULT), seen(&plain));
    assert!(encrypted.iter().any(|it| plain.contains(it)));
}
