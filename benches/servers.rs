//! The servers and clients of all works: one certificate, one provider.

use std::sync::{Arc, LazyLock};

use lastword_acceptor::{Config, Rejection, encrypted_alerts};
use lastword_io::Incoming;
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::pki::{Identity, Pki};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ProducesTickets, ResolvesServerCertUsingSni, ServerSessionMemoryCache};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, NamedGroup, RootCertStore, ServerConfig, SupportedProtocolVersion};

pub(crate) static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

/// A server, as rustls has it and as we do.
#[derive(Clone)]
pub struct Server {
    /// rustls's configuration.
    pub rustls: Arc<ServerConfig>,
    /// Ours, of the same.
    pub ours: Config,
    /// Ours, with encrypted alerts.
    pub encrypted_alerts: Config,
}

impl Server {
    fn new(rustls: Arc<ServerConfig>, encrypted_alerts: Arc<ServerConfig>) -> Self {
        let ours = |config| Config::new(config).expect("it serves clients");
        let mut encrypted_alerts = Arc::unwrap_or_clone(encrypted_alerts);
        // a full store costs more: neither fills the other's
        encrypted_alerts.session_storage = ServerSessionMemoryCache::new(256);
        Self {
            ours: ours(Arc::clone(&rustls)),
            encrypted_alerts: ours(Arc::new(encrypted_alerts)),
            rustls,
        }
    }

    /// Builds it with this provider.
    fn built(
        provider: CryptoProvider,
        build: impl Fn(CryptoProvider) -> Arc<ServerConfig>,
    ) -> Self {
        Self::new(build(provider.clone()), build(encrypted_alerts(provider)))
    }

    /// Ours, with a chooser that knows one name.
    #[must_use]
    pub fn acceptor(&self) -> lastword_io::TlsAcceptor {
        let ours = self.ours.clone();
        lastword_io::TlsAcceptor::choosing(move |incoming| choose(incoming, &ours))
    }

    /// The same with tokio, with a chooser that is asynchronous.
    #[must_use]
    pub fn tokio_acceptor(&self) -> lastword_tokio::TlsAcceptor {
        let ours = self.ours.clone();
        lastword_tokio::TlsAcceptor::choosing(async move |incoming| choose(&incoming, &ours))
    }
}

/// A server that speaks both versions and `alpn`, and asks for certificates or does not.
#[must_use]
pub fn server(alpn: &'static [&'static str], client_auth: ClientAuth) -> Server {
    let profile = ServerProfile {
        alpn,
        client_auth,
        ..ServerProfile::DEFAULT
    };
    let rustls = PKI.server_config(&profile.with_rustls_provider());
    Server::new(rustls, PKI.server_config(&profile))
}

/// A server that keeps no sessions, but hands out tickets.
#[must_use]
pub fn with_ticketer(ticketer: &Arc<dyn ProducesTickets>) -> Server {
    let profile = ServerProfile::DEFAULT;
    let with = |profile: &ServerProfile| {
        let mut config = Arc::unwrap_or_clone(PKI.server_config(profile));
        config.ticketer = Arc::clone(ticketer);
        Arc::new(config)
    };
    Server::new(with(&profile.with_rustls_provider()), with(&profile))
}

/// What an application decides that knows one name.
///
/// # Errors
///
/// If the client asks for another, or for none.
pub fn choose(incoming: &Incoming, config: &Config) -> Result<Config, Rejection> {
    match incoming.server_name() {
        Some("localhost") => Ok(config.clone()),
        _ => Err(Rejection::unrecognized_name()),
    }
}

/// A server that has a certificate for `localhost` only, as rustls's documentation does it.
///
/// # Panics
///
/// If ring does not take its own key.
#[must_use]
pub fn by_name() -> Server {
    let key = ring::sign::any_supported_type(&PKI.server_key()).expect("it is a key");
    let mut resolver = ResolvesServerCertUsingSni::new();
    let certified = CertifiedKey::new(PKI.server_chain(), key);
    resolver
        .add("localhost", certified)
        .expect("it is its name");
    let resolver = Arc::new(resolver);
    Server::built(ring::default_provider(), |provider| {
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .expect("ring has both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&resolver) as _);
        Arc::new(config)
    })
}

/// A server whose key exchange is safe from quantum computers too.
///
/// # Panics
///
/// If the provider does not take the certificate.
#[cfg(feature = "aws-lc-rs")]
#[must_use]
pub fn post_quantum() -> Server {
    Server::built(post_quantum_provider(), |provider| {
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .expect("it has both versions")
            .with_no_client_auth()
            .with_single_cert(PKI.server_chain(), PKI.server_key());
        Arc::new(config.expect("it is its key"))
    })
}

/// rustls's other provider, with X25519MLKEM768 before all other groups.
#[cfg(feature = "aws-lc-rs")]
pub(crate) fn post_quantum_provider() -> CryptoProvider {
    use rustls::crypto::aws_lc_rs::{default_provider, kx_group};

    let kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519];
    CryptoProvider {
        kx_groups,
        ..default_provider()
    }
}

/// What a client is like.
#[derive(Clone, Copy)]
pub struct Like {
    /// Its only version.
    pub version: &'static SupportedProtocolVersion,
    /// Its only group.
    pub group: NamedGroup,
    /// The certificate it shows.
    pub identity: Identity,
    /// Whether it takes sessions up again.
    pub resumes: bool,
    /// What its crypto is of.
    pub provider: fn() -> CryptoProvider,
}

impl Like {
    /// TLS 1.3, X25519, no certificate, every handshake a full one.
    pub const DEFAULT: Self = Self {
        version: &rustls::version::TLS13,
        group: NamedGroup::X25519,
        identity: Identity::None,
        resumes: false,
        provider: ring::default_provider,
    };

    /// Its configuration.
    ///
    /// # Panics
    ///
    /// If the provider has no such group.
    #[must_use]
    pub fn config(self) -> Arc<ClientConfig> {
        let all = (self.provider)();
        let groups = all.kx_groups.iter().copied();
        let kx_groups: Vec<_> = groups.filter(|each| each.name() == self.group).collect();
        assert!(!kx_groups.is_empty(), "no {:?} here", self.group);
        let mut roots = RootCertStore::empty();
        let added = roots.add(PKI.ca_certificate());
        added.expect("it is a certificate");
        let provider = CryptoProvider { kx_groups, ..all };
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[self.version])
            .expect("it has both versions")
            .with_root_certificates(roots);
        let mut config = match PKI.client(self.identity) {
            None => builder.with_no_client_auth(),
            Some(own) => builder
                .with_client_auth_cert(vec![own.certificate()], own.key())
                .expect("it is a key"),
        };
        if !self.resumes {
            config.resumption = Resumption::disabled();
        }
        Arc::new(config)
    }
}
