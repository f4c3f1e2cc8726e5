//! A session is resumed only under the trust that it was made with.

use std::sync::Arc;

use crate::handshake::clients::{accepted, client, finish, flight, written};
use lastword_acceptor::{Config, Handshake, HandshakeKind, Progress};
use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::sans_io::receive;
use rustls::crypto::ring;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    InTickets,
    InAStore,
}

/// The version of a handshake, and where its session is kept.
pub(crate) const WAYS: [(Versions, Kept); 4] = [
    (Versions::Tls12, Kept::InTickets),
    (Versions::Tls12, Kept::InAStore),
    (Versions::Tls13, Kept::InTickets),
    (Versions::Tls13, Kept::InAStore),
];

/// A set of configurations that share a ticketer or a store.
pub(crate) struct Fleet {
    pub(crate) pki: Pki,
    shared: ServerConfig,
}

impl Fleet {
    pub(crate) fn new(kept: Kept) -> Self {
        let pki = Pki::new();
        let mut shared = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(pki.server_chain(), pki.server_key())
            .unwrap();
        shared.session_storage = ServerSessionMemoryCache::new(64);
        if kept == Kept::InTickets {
            shared.ticketer = ring::Ticketer::new().unwrap();
        }
        Self { pki, shared }
    }

    /// A configuration with this verifier, or without client authentication.
    pub(crate) fn server(&self, verifier: Option<Arc<dyn ClientCertVerifier>>) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match verifier {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::clone(&self.shared.cert_resolver));
        config.session_storage = Arc::clone(&self.shared.session_storage);
        config.ticketer = Arc::clone(&self.shared.ticketer);
        config
    }

    /// A server that knows the authority of the client's certificate.
    pub(crate) fn knowing(&self) -> ServerConfig {
        self.server(Some(verifier(&[self.pki.ca_certificate()], true)))
    }

    /// A verifier that knows the authority, and that it has revoked the client's certificate.
    fn verifier_with_revocation_list(&self) -> Arc<dyn ClientCertVerifier> {
        let list = self.pki.revocation_list(Identity::Known);
        let ring = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.pki.ca_certificate()).unwrap();
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), ring)
            .with_crls([list])
            .build()
            .unwrap()
    }

    pub(crate) fn client(&self, versions: Versions) -> Arc<ClientConfig> {
        self.pki.client_config(&ClientProfile {
            identity: Identity::Known,
            versions,
            ..ClientProfile::DEFAULT
        })
    }
}

pub(crate) fn verifier(
    roots: &[rustls::pki_types::CertificateDer<'static>],
    is_required: bool,
) -> Arc<dyn ClientCertVerifier> {
    let mut store = RootCertStore::empty();
    roots
        .iter()
        .for_each(|root| store.add(root.clone()).unwrap());
    let ring = Arc::new(ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(store), ring);
    match is_required {
        true => builder.build().unwrap(),
        false => builder.allow_unauthenticated().build().unwrap(),
    }
}

/// How a handshake of this client with this server ends: its kind, or `None` if it fails.
pub(crate) fn handshake(
    server: &Config,
    client_config: &Arc<ClientConfig>,
) -> Option<HandshakeKind> {
    let mut client = client(Arc::clone(client_config));
    let hello = written(&mut client);
    let mut progress = receive(Handshake::default(), server, &mut &hello[..]).ok()?;
    loop {
        let mut handshake = match progress {
            Progress::Continue(next) => next,
            Progress::Complete(mut connection) => {
                finish(&mut connection, &mut client);
                return connection.handshake_kind();
            }
            other => panic!("{other:?}"),
        };
        client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
        client.process_new_packets().ok()?;
        let says = written(&mut client);
        progress = receive(handshake, server, &mut &says[..]).ok()?;
    }
}

/// A client's handshakes: one with the first server, and then one with the second.
pub(crate) fn handshakes(
    first: &Config,
    second: &Config,
    client: &Arc<ClientConfig>,
) -> Option<HandshakeKind> {
    assert_eq!(handshake(first, client), Some(HandshakeKind::Full));
    handshake(second, client)
}

pub(crate) const FULL: Option<HandshakeKind> = Some(HandshakeKind::Full);
pub(crate) const RESUMED: Option<HandshakeKind> = Some(HandshakeKind::Resumed);

/// Another verifier of client certificates, and how a handshake ends with it.
type Change = (
    &'static str,
    fn(&Fleet) -> ServerConfig,
    Option<HandshakeKind>,
);

const CHANGES: [Change; 6] = [
    (
        "the authority is withdrawn",
        |fleet| fleet.server(Some(verifier(&[Pki::new().ca_certificate()], true))),
        None,
    ),
    (
        "the authority is withdrawn, and certificates are optional",
        |fleet| fleet.server(Some(verifier(&[Pki::new().ca_certificate()], false))),
        None,
    ),
    (
        "certificates are optional",
        |fleet| fleet.server(Some(verifier(&[fleet.pki.ca_certificate()], false))),
        FULL,
    ),
    (
        "a revocation list is added",
        |fleet| fleet.server(Some(fleet.verifier_with_revocation_list())),
        None,
    ),
    (
        "certificates are not asked for",
        |fleet| fleet.server(None),
        FULL,
    ),
    ("nothing: it is loaded again", Fleet::knowing, FULL),
];

#[test]
fn a_session_is_not_resumed_under_another_trust() {
    for (versions, kept) in WAYS {
        for (change, after, expected) in CHANGES {
            let fleet = Fleet::new(kept);
            let before = Config::new(fleet.knowing()).unwrap();
            let after = Config::new(after(&fleet)).unwrap();
            let client = fleet.client(versions);
            let context = format!("{change} {versions:?} {kept:?}");
            assert_eq!(handshakes(&before, &after, &client), expected, "{context}");
            // nor the other way round
            if expected == FULL {
                let client = fleet.client(versions);
                assert_eq!(handshakes(&after, &before, &client), FULL, "{context}");
            }
        }
    }
}

#[test]
fn a_session_is_resumed_by_its_own_configuration_and_its_clones() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let rustls = Arc::new(fleet.knowing());
        let config = Config::new(Arc::clone(&rustls)).unwrap();
        let client = fleet.client(versions);
        assert_eq!(handshakes(&config, &config.clone(), &client), RESUMED);
        // the configuration is the same
        assert_eq!(handshake(&Config::from(rustls), &client), RESUMED);
        assert_eq!(handshake(&config, &client), RESUMED);
    }
}

#[test]
fn a_session_is_resumed_by_configurations_of_the_same_scope_and_no_other() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let scoped = |name| {
            let config = Config::new(fleet.knowing()).unwrap();
            config.with_resumption_scope(name)
        };
        let client = fleet.client(versions);
        assert_eq!(handshakes(&scoped("a"), &scoped("a"), &client), RESUMED);
        assert_eq!(handshake(&scoped("b"), &client), FULL);
        assert_eq!(
            handshake(&Config::new(fleet.knowing()).unwrap(), &client),
            FULL
        );
    }
}

#[test]
fn without_client_certificates_a_session_is_resumed_as_with_rustls() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let config = || Config::new(fleet.server(None)).unwrap();
        let client = fleet.client(versions);
        assert_eq!(handshakes(&config(), &config(), &client), RESUMED);
        let scoped = config().with_resumption_scope("a");
        assert_eq!(handshake(&scoped, &client), RESUMED);
    }
}

#[test]
fn rustls_own_connection_resumes_only_sessions_of_its_configuration() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let before = Config::new(fleet.knowing()).unwrap();
        let after = fleet.server(Some(verifier(&[fleet.pki.ca_certificate()], false)));
        let after = Config::new(after).unwrap();
        let client = fleet.client(versions);
        assert_eq!(handshake(&before, &client), FULL);
        for (config, expected) in [
            (&before, rustls::HandshakeKind::Resumed),
            (&after, rustls::HandshakeKind::Full),
        ] {
            let mut client =
                ClientConnection::new(Arc::clone(&client), "localhost".try_into().unwrap());
            let hello = written(client.as_mut().unwrap());
            let connection = accepted(&hello).into_connection(config).unwrap();
            assert_eq!(connection.handshake_kind(), Some(expected));
        }
    }
}
