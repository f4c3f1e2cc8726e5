//! Checks of a configuration of rustls 0.24, and the scope of its sessions.

use std::borrow::Cow;
use std::sync::Arc;

use lastword_acceptor::{Config, ConfigError, HandshakeKind, ProtocolVersion};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use rustls::{ClientConfig, ClientConnection};
use rustls_next::crypto::Identity as Own;
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
    let name = "localhost".try_into().unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), name).unwrap();
    let mut server = Server::new();
    server.converse(&mut client, config);
    let connection = server.complete();
    let kind = connection.handshake_kind().unwrap();
    (kind, connection.peer_certificates().is_some())
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
