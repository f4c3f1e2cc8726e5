//! A `rustls::ServerConfig` and what is learned of it in advance.

use std::fmt;
use std::sync::Arc;

use lastword_hello::{CipherSuite, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

use super::config_error::{self, ConfigError};
use super::probe;
use super::required::Groups;
use super::seal;
use super::served;

/// A server's configuration: a checked `rustls::ServerConfig`.
///
/// Make one for each `rustls::ServerConfig`, not one for each connection. The checks cost about as
/// much as two handshakes, because copies of the configuration answer a ClientHello of each version.
/// They do not call the application's certificate resolver, session storage, ticketer or key log. A
/// clone is cheap.
///
/// # What is checked
///
/// [`new`](Self::new) refuses a configuration that can serve no client, or that enables a feature
/// that rustls cannot use with it: see [`ConfigError`]. The certificate resolver is not asked. So a
/// missing certificate, or one that no cipher suite supports, is found at the first client.
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

struct Inner {
    rustls: Arc<ServerConfig>,
    /// The same for the connections of this crate, which note more than rustls tells.
    noting: Arc<ServerConfig>,
    is_shared: bool,
    versions: Vec<ProtocolVersion>,
    cipher_suites: Vec<(ProtocolVersion, CipherSuite)>,
    groups: Groups,
    /// `None` if it is not known, or client certificates are not asked for.
    authorities: Option<Box<[Box<[u8]>]>>,
    error: Option<ConfigError>,
}

impl Config {
    /// Checks `config` and finds out its protocol versions.
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
        let (asked, error) = match config_error::check(&config, &versions) {
            Ok(asked) => (asked, None),
            Err(error) => (None, Some(error)),
        };
        let suites = config.crypto_provider().cipher_suites.iter();
        let cipher_suites = suites
            .map(|suite| {
                let version = ProtocolVersion(suite.version().version.into());
                (version, CipherSuite(suite.suite().into()))
            })
            .collect();
        let is_shared = seal::is_shared(&config.crypto_provider().cipher_suites);
        Self(Arc::new(Inner {
            groups: Groups::of(&config),
            noting: Arc::new(match is_shared {
                true => seal::announcing(&served::noting(&config)),
                false => served::noting(&config),
            }),
            is_shared,
            rustls: config,
            versions,
            cipher_suites,
            authorities: asked.map(|asked| asked.names.into()),
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

    /// Returns whether this server can send any alert at any time, encrypted if the connection is: its
    /// crypto provider comes from [`encrypted_alerts`](crate::encrypted_alerts).
    ///
    /// Without it rustls chooses the alerts that are encrypted, and the application cannot refuse a
    /// client by its certificate with an alert of its choice.
    #[must_use]
    pub fn encrypts_alerts(&self) -> bool {
        self.0.is_shared
    }

    /// Returns the names of the authorities that clients are told of when they are asked for a
    /// certificate, in DER (RFC 8446 section 4.2.4). `None` if clients are not asked, or it is not
    /// known.
    #[must_use]
    pub fn authorities(&self) -> Option<&[Box<[u8]>]> {
        self.0.authorities.as_deref()
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
