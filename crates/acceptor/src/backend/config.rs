//! A `rustls::ServerConfig`, and what its checks found out.

use std::fmt;
use std::sync::Arc;

use lastword_hello::{CipherSuite, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

use super::certificate_request::Asking;
use super::config_error::{self, ConfigError};
use super::probe;
use super::required::Groups;
use super::scope::{self, Scope};
use super::seal;
use super::served;

/// A server's configuration: a checked `rustls::ServerConfig`.
///
/// Make one for each `rustls::ServerConfig`, not one for each connection. The checks cost about as
/// much as two handshakes, because copies of the configuration answer one ClientHello for each
/// version. They do not call the application's certificate resolver, session storage, ticketer or
/// key log. A clone is cheap.
///
/// # What is checked
///
/// [`new`](Self::new) refuses a configuration that can serve no client, or that enables a feature
/// that rustls cannot use with it. [`ConfigError`] lists the checks. The certificate resolver is not asked. So a
/// missing certificate, or one that no cipher suite supports, is found at the first client.
///
/// A resolver that returns no certificate refuses the client. That takes about eleven times the
/// instructions of a [rejection](crate::Accepted::reject) by the server name (23,600 and 2,100 with
/// rustls 0.23.46), because rustls makes a connection and processes the ClientHello first.
///
/// `From` makes the same checks but refuses nothing. If a check fails, each client gets
/// `internal_error`, and the log says the reason.
///
/// ```
/// # use std::sync::Arc;
/// # use lastword_acceptor::{Config, ConfigError};
/// fn load(config: rustls::ServerConfig) -> Result<Config, ConfigError> {
///     Config::new(config)
/// }
///
/// fn at_once(config: Arc<rustls::ServerConfig>) -> Config {
///     config.into()
/// }
/// ```
#[derive(Clone)]
pub struct Config(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    rustls: Arc<ServerConfig>,
    /// The same, with sessions that are bound to it if it asks for client certificates.
    bound: Arc<ServerConfig>,
    /// The same for the connections of this crate, which note more than rustls keeps.
    noting: Arc<ServerConfig>,
    is_shared: bool,
    versions: Vec<ProtocolVersion>,
    cipher_suites: Vec<(ProtocolVersion, CipherSuite)>,
    groups: Groups,
    asking: Asking,
    error: Option<ConfigError>,
}

impl Config {
    /// Checks `config` and finds out its protocol versions.
    ///
    /// ```
    /// # #[cfg(feature = "ring")] {
    /// use lastword_acceptor::{Config, ConfigError, ProtocolVersion};
    ///
    /// # let provider = rustls::crypto::ring::default_provider().into();
    /// # let builder = rustls::ServerConfig::builder_with_provider(provider);
    /// # let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
    /// # let resolver = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
    /// # let tls = builder.with_no_client_auth().with_cert_resolver(resolver);
    /// let config = Config::new(tls)?; // from a `rustls::ServerConfig`
    /// assert_eq!(config.versions(), [ProtocolVersion::TLS_1_3]);
    /// assert!(!config.encrypts_alerts());
    /// assert!(config.authorities().is_none()); // it asks for no client certificates
    /// assert!(config.error().is_none());
    /// assert!(config.rustls().alpn_protocols.is_empty());
    /// # }
    /// # Ok::<(), lastword_acceptor::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration can serve no client, or enables a feature that rustls
    /// cannot use with it.
    pub fn new(config: impl Into<Arc<ServerConfig>>) -> Result<Self, ConfigError> {
        let config = Self::unchecked(config.into());
        match config.error() {
            Some(error) => Err(error.clone()),
            None => Ok(config),
        }
    }

    fn unchecked(config: Arc<ServerConfig>) -> Self {
        let versions = probe::versions(&config);
        let (asking, error) = match config_error::check(&config, &versions) {
            Ok(asking) => (asking, None),
            Err(error) => (Asking::Maybe, Some(error)),
        };
        let suites = config.crypto_provider().cipher_suites.iter();
        let cipher_suites = suites
            .map(|suite| {
                let version = ProtocolVersion(suite.version().version.into());
                (version, CipherSuite(suite.suite().into()))
            })
            .collect();
        let is_shared = seal::is_shared(&config.crypto_provider().cipher_suites);
        let bound = match &asking {
            Asking::No => Arc::clone(&config),
            Asking::Maybe | Asking::Yes(_) => Arc::new(scope::bind(&config, Scope::of(&config))),
        };
        let noting = noting(&bound, &asking, is_shared);
        Self(Arc::new(Inner {
            groups: Groups::of(&config),
            bound,
            noting,
            is_shared,
            rustls: config,
            versions,
            cipher_suites,
            asking,
            error,
        }))
    }

    /// Returns why a check of the configuration failed; `None` if all succeeded.
    #[must_use]
    pub fn error(&self) -> Option<&ConfigError> {
        self.0.error.as_ref()
    }

    /// Returns rustls's configuration.
    #[must_use]
    pub fn rustls(&self) -> &Arc<ServerConfig> {
        &self.0.rustls
    }

    /// Returns whether the crypto provider comes from
    /// [`encrypted_alerts`](crate::encrypted_alerts). Then this server can send any alert at any
    /// time, and the alert is encrypted if the connection is.
    ///
    /// Otherwise rustls chooses the alerts that are encrypted, and the application cannot choose
    /// the alert for a client that it refuses because of its certificate.
    #[must_use]
    pub fn encrypts_alerts(&self) -> bool {
        self.0.is_shared
    }

    /// Returns the names of the authorities in this server's CertificateRequest, in DER (RFC 8446
    /// section 4.2.4). `None` if the server sends no CertificateRequest, or if that is not known.
    #[must_use]
    pub fn authorities(&self) -> Option<&[Box<[u8]>]> {
        match &self.0.asking {
            Asking::Yes(asked) => Some(&asked.names),
            Asking::No | Asking::Maybe => None,
        }
    }

    /// Sets the scope of sessions. Configurations with the same scope resume the sessions of each other.
    ///
    /// A session holds the identity that a client proved. So if a configuration asks for client
    /// certificates, it resumes only sessions of its own scope. A client with a session of another
    /// scope gets a full handshake. By default each `ServerConfig` has a scope of its own. So if
    /// you change which clients the server trusts, the change applies to the next handshake.
    ///
    /// Name a scope to keep sessions over a reload, or to share them between hosts. The configurations
    /// also need the same ticketer or session store. The crate `lastword-tickets` has a ticketer for
    /// hosts.
    ///
    /// # Security
    ///
    /// All configurations of one scope must trust the same clients. Change the name when you change
    /// the roots, the revocation lists, or whether a certificate is required. A name can be the
    /// hash of all of these. Resumption does not check revocation lists.
    ///
    /// ```
    /// # use lastword_acceptor::{Config, ConfigError};
    /// # fn load(config: rustls::ServerConfig) -> Result<Config, ConfigError> {
    /// let config = Config::new(config)?.with_resumption_scope("clients of 2026");
    /// # Ok(config)
    /// # }
    /// ```
    ///
    /// # Sessions
    ///
    /// The ticketer and the session store are wrapped. The plaintext of a ticket and a stored
    /// session begin with 43 bytes more. Keys of the store are 32 bytes longer. A session is also
    /// not resumed after the client's certificate or the server's certificate has expired.
    /// Exception: for a session of [rustls's own connection](crate::Accepted::into_connection),
    /// only the client's certificate counts. A configuration that does not ask for client
    /// certificates is not changed.
    ///
    /// # Early data
    ///
    /// With a ticketer rustls accepts no early data. A session store that hosts share must return each
    /// session once: its `take` must also remove the session, in one step for all hosts. Otherwise a
    /// copy of a client's first flight is accepted again on another host (RFC 8446 section 8). If the
    /// store cannot do that, leave `max_early_data_size` at 0.
    #[must_use]
    pub fn with_resumption_scope(self, name: impl AsRef<[u8]>) -> Self {
        if self.0.asking == Asking::No {
            return self;
        }
        let mut inner = Arc::unwrap_or_clone(self.0);
        let scope = Scope::named(name.as_ref());
        inner.bound = Arc::new(scope::bind(&inner.rustls, Some(scope)));
        inner.noting = noting(&inner.bound, &inner.asking, inner.is_shared);
        Self(Arc::new(inner))
    }

    /// Returns rustls's configuration, with sessions that are bound to it.
    pub(crate) fn bound(&self) -> &Arc<ServerConfig> {
        &self.0.bound
    }

    /// Returns rustls's configuration for the connections of this crate.
    pub(crate) fn noting(&self) -> &Arc<ServerConfig> {
        &self.0.noting
    }

    /// Returns the protocol versions that are enabled and have a cipher suite, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[ProtocolVersion] {
        &self.0.versions
    }

    /// Returns the cipher suites of a protocol version, in rustls's order.
    pub(crate) fn cipher_suites(
        &self,
        version: ProtocolVersion,
    ) -> impl Iterator<Item = CipherSuite> + Clone {
        let of_version =
            move |(suites_own, suite): &(_, _)| (*suites_own == version).then_some(*suite);
        self.0.cipher_suites.iter().filter_map(of_version)
    }

    /// Returns the application protocols, in the server's order.
    pub(crate) fn alpn(&self) -> &[Vec<u8>] {
        &self.0.rustls.alpn_protocols
    }

    /// Returns the groups for the key exchange, in rustls's order.
    pub(crate) fn named_groups(&self) -> impl Iterator<Item = NamedGroup> + Clone {
        let groups = self.0.rustls.crypto_provider().kx_groups.iter();
        groups.map(|group| NamedGroup(group.name().into()))
    }

    /// Returns the groups by version, to look one up.
    pub(crate) fn groups(&self) -> &Groups {
        &self.0.groups
    }

    /// Returns how much early data is accepted, in bytes.
    pub(crate) fn max_early_data_size(&self) -> u32 {
        self.0.rustls.max_early_data_size
    }
}

/// Returns a configuration for the connections of this crate.
fn noting(bound: &ServerConfig, asking: &Asking, is_shared: bool) -> Arc<ServerConfig> {
    let noting = served::noting(bound, *asking != Asking::No);
    Arc::new(match is_shared {
        true => seal::announcing(&noting),
        false => noting,
    })
}

impl From<Arc<ServerConfig>> for Config {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self::unchecked(config)
    }
}

impl From<ServerConfig> for Config {
    fn from(config: ServerConfig) -> Self {
        Self::unchecked(Arc::new(config))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("versions", &self.versions())
            .finish_non_exhaustive()
    }
}
