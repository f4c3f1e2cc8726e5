//! Checks of a configuration of rustls 0.24, and the scope of its sessions.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lastword_acceptor::{Config, ConfigError, HandshakeKind, ProtocolVersion};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use rustls::pki_types::UnixTime;
use rustls::{ClientConfig, ClientConnection, SupportedProtocolVersion};
use rustls_next::crypto::{Credentials, Identity as Own, SingleCredential};
use rustls_next::server::WebPkiClientVerifier;
use rustls_next::{RootCertStore, ServerConfig};
use rustls_ring::DEFAULT_PROVIDER;

use crate::sealed::peer::Server;

const ALL: [Versions; 3] = [Versions::Both, Versions::Tls12, Versions::Tls13];

/// Names of 96 bytes, and one of a length such that all take so many bytes with their own lengths.
fn names_of(len: usize) -> Vec<usize> {
    let mut names = vec![96; len / 98 - 1];
    names.push(len - 98 * names.len() - 2);
    names
}

/// A server that asks for client certificates of authorities with names of these lengths.
fn asking(versions: Versions, lens: &[usize]) -> Result<Config, ConfigError> {
    let pki = Pki::new();
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let mut provider = DEFAULT_PROVIDER;
    match versions {
        Versions::Tls12 => provider.tls13_cipher_suites = Cow::default(),
        Versions::Tls13 => provider.tls12_cipher_suites = Cow::default(),
        Versions::Both => {}
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots), &provider)
        .clear_root_hint_subjects()
        .add_root_hint_subjects(lens.iter().map(|len| vec![0xda; *len].into()));
    let identity = Own::from_cert_chain(pki.server_chain()).unwrap();
    let config = ServerConfig::builder(Arc::new(provider))
        .with_client_cert_verifier(Arc::new(verifier.build().unwrap()))
        .with_single_cert(Arc::new(identity), pki.server_key());
    Config::new(config.unwrap())
}

#[test]
fn a_configuration_knows_what_it_asks_of_clients() {
    for versions in ALL {
        let config = asking(versions, &[30, 40]).unwrap();
        let lens = config.authorities().unwrap().iter().map(|name| name.len());
        assert_eq!(Vec::from_iter(lens), [30, 40], "{versions:?}");
    }
    let pki = Pki::new();
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    assert_eq!(config.authorities(), None);
    let both = [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3];
    assert_eq!(config.versions(), both);
}

#[test]
fn the_names_of_authorities_fit_into_a_certificate_request() {
    assert!(asking(Versions::Tls12, &names_of(65_535)).is_ok());
    let schemes = DEFAULT_PROVIDER.signature_verification_algorithms;
    let most = 65_535 - 6 - 2 * schemes.supported_schemes().len() - 6;
    for versions in ALL {
        assert!(asking(versions, &names_of(most)).is_ok(), "{versions:?}");
        let error = asking(versions, &names_of(75_629)).unwrap_err();
        let is_it = matches!(
            error,
            ConfigError::AuthorityNamesTooLong { len: 75_629, .. }
        );
        assert!(is_it, "{versions:?}: {error}");
    }
}

#[test]
fn a_configuration_that_can_serve_nobody_is_refused() {
    let changed = |change: fn(&mut ServerConfig)| {
        let mut config = Pki::new().server_config_alone(&ServerProfile::DEFAULT);
        change(&mut config);
        Config::new(config).map(drop)
    };
    assert_eq!(changed(|_| {}), Ok(()));
    assert_eq!(
        changed(|it| it.alpn_protocols = vec![Vec::new().into()]),
        Err(ConfigError::EmptyProtocolName)
    );
    for size in [31, 16_390] {
        let error = Err(ConfigError::FragmentSize { size });
        let found = match size {
            31 => changed(|it| it.max_fragment_size = Some(31)),
            _ => changed(|it| it.max_fragment_size = Some(16_390)),
        };
        assert_eq!(found, error);
    }
    assert_eq!(changed(|it| it.max_fragment_size = Some(32)), Ok(()));
    assert_eq!(changed(|it| it.max_fragment_size = Some(16_389)), Ok(()));
}

/// The kind of a handshake of this client, which shows its certificate if it is asked.
fn kind(config: &Config, client: &Arc<ClientConfig>) -> (HandshakeKind, bool) {
    try_kind(config, client).unwrap()
}

/// The same; `None` if it fails.
fn try_kind(config: &Config, client: &Arc<ClientConfig>) -> Option<(HandshakeKind, bool)> {
    let name = "localhost".try_into().unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), name).unwrap();
    let mut server = Server::new();
    server.converse(&mut client, config);
    let Server::Complete(connection) = server else {
        return None;
    };
    let kind = connection.handshake_kind().unwrap();
    Some((kind, connection.peer_certificates().is_some()))
}

/// A client whose session is of another scope gets a full handshake, and proves its identity again.
#[test]
fn a_session_is_resumed_in_its_scope_alone() {
    let pki = Pki::new();
    let asking = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    for tickets in [false, true] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let mut server = pki.server_config_alone(&asking);
            if tickets {
                server.ticketer = Some(DEFAULT_PROVIDER.ticketer_factory.ticketer().unwrap());
            }
            let profile = ClientProfile {
                versions,
                identity: Identity::Known,
                ..ClientProfile::DEFAULT
            };
            let client = pki.client_config(&profile);
            let own = Config::new(server.clone()).unwrap();
            assert_eq!(kind(&own, &client), (HandshakeKind::Full, true));
            assert_eq!(kind(&own, &client), (HandshakeKind::Resumed, true));
            // the same store and ticketer, another scope
            let other = Config::new(server.clone()).unwrap();
            assert_eq!(kind(&other, &client), (HandshakeKind::Full, true));
            let named = |name| {
                let config = Config::new(server.clone()).unwrap();
                config.with_resumption_scope(name)
            };
            assert_eq!(kind(&named("a"), &client), (HandshakeKind::Full, true));
            assert_eq!(kind(&named("a"), &client), (HandshakeKind::Resumed, true));
            assert_eq!(kind(&named("b"), &client), (HandshakeKind::Full, true));
        }
    }
}

/// A configuration that is not bound does not take a bound session, whatever the store.
#[test]
fn a_bound_session_is_not_resumed_by_rustls_alone() {
    let pki = Pki::new();
    let optional = ServerProfile {
        client_auth: ClientAuth::Optional,
        ..ServerProfile::DEFAULT
    };
    for versions in [Versions::Tls12, Versions::Tls13] {
        let bound = pki.server_config_alone(&optional);
        let mut open = pki.server_config_alone(&ServerProfile::DEFAULT);
        open.session_storage = Arc::clone(&bound.session_storage);
        let profile = ClientProfile {
            versions,
            identity: Identity::Known,
            ..ClientProfile::DEFAULT
        };
        let client = pki.client_config(&profile);
        let (bound, open) = (Config::new(bound).unwrap(), Config::new(open).unwrap());
        assert_eq!(kind(&bound, &client), (HandshakeKind::Full, true));
        assert_eq!(kind(&open, &client), (HandshakeKind::Full, false));
        assert_eq!(kind(&open, &client), (HandshakeKind::Resumed, false));
    }
}

/// A clock that stands at these seconds since 1970.
#[derive(Debug)]
struct Clock(AtomicU64);

impl Clock {
    fn time(&self) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(self.0.load(Ordering::Relaxed)))
    }
}

impl rustls_next::time_provider::TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.time())
    }
}

impl rustls::time_provider::TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.time())
    }
}

/// 2030-01-01 00:00:00 UTC.
const IN_2030: u64 = 1_893_456_000;

/// A server and a client. The certificate of one of them expires at the beginning of 2030. The clock of
/// the client stays in 2026.
fn expiring(
    pki: &Pki,
    of_client: bool,
    version: &'static SupportedProtocolVersion,
) -> (ServerConfig, Arc<ClientConfig>) {
    let until = |expires| if expires { 2030 } else { 2100 };
    let own = pki.issue("localhost", until(!of_client));
    let identity = Own::from_cert_chain(vec![own.certificate()]).unwrap();
    let asking = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let mut server = pki.server_config_alone(&asking);
    let own = Credentials::from_der(Arc::new(identity), own.key(), &DEFAULT_PROVIDER);
    server.cert_resolver = Arc::new(SingleCredential::from(own.unwrap()));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let clock = Arc::new(Clock(AtomicU64::new(IN_2030 - 4 * 365 * 86_400)));
    let client = pki.issue("a client", until(of_client));
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_details(ring, clock)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![client.certificate()], client.key());
    (server, Arc::new(client.unwrap()))
}

#[test]
fn a_session_is_not_resumed_after_a_certificate_has_expired() {
    let pki = Pki::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for (of_client, tickets) in [(true, false), (true, true), (false, false), (false, true)] {
            let (mut server, client) = expiring(&pki, of_client, version);
            let clock = Arc::new(Clock(AtomicU64::new(IN_2030 - 60)));
            server.time_provider = Arc::clone(&clock) as _;
            if tickets {
                server.ticketer = Some(DEFAULT_PROVIDER.ticketer_factory.ticketer().unwrap());
            }
            let config = Config::new(server).unwrap();
            assert_eq!(kind(&config, &client), (HandshakeKind::Full, true));
            clock.0.store(IN_2030, Ordering::Relaxed); // valid through this second
            assert_eq!(kind(&config, &client), (HandshakeKind::Resumed, true));
            clock.0.store(IN_2030 + 1, Ordering::Relaxed);
            let expected = match of_client {
                true => None, // it is verified, and has expired
                false => Some((HandshakeKind::Full, true)),
            };
            let context = format!("{of_client} {tickets} {version:?}");
            assert_eq!(try_kind(&config, &client), expected, "{context}");
        }
    }
}
