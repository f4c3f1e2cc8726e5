//! The handshakes that are tried: their clients and the servers' configurations.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use lastword_acceptor::{Config, Connection, encrypted_alerts};
use lastword_testkit::pki::{Identity, Pki};
use rustls::crypto::{SupportedKxGroup, ring};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use rustls_next::ServerConfig;
use rustls_next::crypto::kx::SupportedKxGroup as Group24;
use rustls_next::crypto::{CryptoProvider, Identity as Own};
use rustls_next::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls_ring::kx_group;

use crate::sealed::audit;
use crate::sealed::forged::Noting;
use crate::sealed::peer::{Peer, Server};

pub(crate) static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

/// The early data that clients send.
pub(crate) const EARLY_DATA: &[u8] = &[b'e'; 1000];

/// A handshake with a rustls client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scenario {
    pub(crate) tls12: bool,
    pub(crate) group: Group,
    /// Whether the client resumes a session.
    pub(crate) resumes: bool,
    /// Whether the client sends early data, and the server accepts it.
    pub(crate) early_data: Option<bool>,
    /// Whether the client shows a certificate.
    pub(crate) client_auth: bool,
}

/// The group of the key exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Group {
    X25519,
    P256,
    /// Another than the client's key share, so that the server sends a HelloRetryRequest.
    Retry,
}

impl Scenario {
    pub(crate) const TLS13: Self = Self {
        tls12: false,
        group: Group::X25519,
        resumes: false,
        early_data: None,
        client_auth: false,
    };

    pub(crate) const TLS12: Self = Self {
        tls12: true,
        ..Self::TLS13
    };

    /// All that are tried.
    pub(crate) const ALL: [Self; 11] = [
        Self::TLS13,
        Self {
            group: Group::P256,
            ..Self::TLS13
        },
        Self {
            group: Group::Retry,
            ..Self::TLS13
        },
        Self {
            client_auth: true,
            ..Self::TLS13
        },
        Self {
            resumes: true,
            ..Self::TLS13
        },
        Self {
            resumes: true,
            client_auth: true,
            early_data: Some(true),
            ..Self::TLS13
        },
        Self {
            early_data: Some(false),
            client_auth: true,
            ..Self::TLS13
        },
        Self::TLS12,
        Self {
            group: Group::P256,
            client_auth: true,
            ..Self::TLS12
        },
        Self {
            resumes: true,
            ..Self::TLS12
        },
        Self {
            resumes: true,
            client_auth: true,
            ..Self::TLS12
        },
    ];

    /// Returns a server with encrypted alerts over the audited provider, and a client of it.
    pub(crate) fn pair(&self) -> (Config, ClientConnection) {
        let (config, client) = self.pair_with(|config| config);
        (scoped(config), client)
    }

    /// Returns the same with a changed configuration. A client that resumes has a session of it.
    pub(crate) fn pair_with(
        &self,
        change: impl Fn(ServerConfig) -> ServerConfig,
    ) -> (ServerConfig, ClientConnection) {
        self.pair_of(encrypted_alerts(audit::provider()), change)
    }

    /// Returns the same with a provider.
    pub(crate) fn pair_of(
        &self,
        provider: CryptoProvider,
        change: impl Fn(ServerConfig) -> ServerConfig,
    ) -> (ServerConfig, ClientConnection) {
        let server = change(self.server(provider));
        let client = self.client();
        match self.early_data {
            // of a server whose sessions are others
            Some(false) => introduce(&client, self.server(audit::provider())),
            _ if self.resumes => introduce(&client, server.clone()),
            _ => {}
        }
        let mut client = connect(&client);
        if self.early_data.is_some() {
            let mut early_data = client.early_data().unwrap();
            early_data.write_all(EARLY_DATA).unwrap();
        }
        (server, client)
    }

    fn server(&self, provider: CryptoProvider) -> ServerConfig {
        let group: &'static dyn Group24 = match self.group {
            Group::X25519 => kx_group::X25519,
            Group::P256 => kx_group::SECP256R1,
            Group::Retry => kx_group::SECP384R1,
        };
        let provider = CryptoProvider {
            kx_groups: vec![group].into(),
            ..provider
        };
        let builder = ServerConfig::builder(Arc::new(provider.clone()));
        let builder = match self.client_auth {
            false => builder.with_no_client_auth(),
            true => {
                let mut roots = rustls_next::RootCertStore::empty();
                roots.add(PKI.ca_certificate()).unwrap();
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots), &provider);
                builder.with_client_cert_verifier(Arc::new(verifier.build().unwrap()))
            }
        };
        let identity = Own::from_cert_chain(PKI.server_chain()).unwrap();
        let mut config = builder
            .with_single_cert(Arc::new(identity), PKI.server_key())
            .unwrap();
        config.session_storage = ServerSessionMemoryCache::new(16);
        config.max_early_data_size = 1 << 14;
        config
    }

    fn client(&self) -> Arc<ClientConfig> {
        let versions = match self.tls12 {
            true => [&rustls::version::TLS12],
            false => [&rustls::version::TLS13],
        };
        let own: &'static dyn SupportedKxGroup = match self.group {
            Group::P256 => ring::kx_group::SECP256R1,
            Group::X25519 | Group::Retry => ring::kx_group::X25519,
        };
        let provider = rustls::crypto::CryptoProvider {
            kx_groups: vec![own, ring::kx_group::SECP384R1],
            ..ring::default_provider()
        };
        let known = PKI.client(Identity::Known).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&versions)
            .unwrap()
            .with_root_certificates(roots())
            .with_client_auth_cert(vec![known.certificate()], known.key())
            .unwrap();
        config.enable_early_data = self.early_data.is_some();
        config.enable_secret_extraction = true;
        config.key_log = Arc::new(Noting);
        Arc::new(config)
    }
}

pub(crate) fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(PKI.ca_certificate()).unwrap();
    roots
}

fn connect(config: &Arc<ClientConfig>) -> ClientConnection {
    let name = "localhost".try_into().unwrap();
    ClientConnection::new(Arc::clone(config), name).unwrap()
}

/// A configuration that resumes the sessions of all others of its scope.
fn scoped(config: ServerConfig) -> Config {
    let config = Config::new(config).unwrap();
    config.with_resumption_scope("scenario")
}

/// Gives the client a session of this server.
fn introduce(client: &Arc<ClientConfig>, server: ServerConfig) {
    let mut client = connect(client);
    let config = scoped(server);
    let mut server = Server::new();
    server.converse(&mut client, &config);
    assert!(!client.is_handshaking());
    assert!(matches!(server, Server::Complete(_)), "{server:?}");
}

/// Reads all that the peer has to write.
pub(crate) fn written(peer: &mut impl Peer) -> Vec<u8> {
    let mut bytes = Vec::new();
    while peer.wants_write() {
        peer.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// What rustls writes if it is to close this connection.
pub(crate) fn closed_by_rustls(connection: Connection) -> Vec<u8> {
    let mut rustls = connection.into_rustls().unwrap();
    let mut output = rustls.output;
    rustls.connection.send_close_notify(&mut output).unwrap();
    output
}
