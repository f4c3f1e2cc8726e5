//! What the early decisions and the words need to know of a `rustls::ServerConfig`.

use std::fmt;
use std::sync::Arc;

use lastword_hello::CipherSuite;
use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

use crate::{ConfigError, config_error, probe};

/// A server's configuration: rustls's own, and what is known of it.
///
/// Make one for each `rustls::ServerConfig`, once, not once for a connection. To learn the protocol
/// versions and what clients are asked for, copies of the configuration answer a ClientHello of each
/// version, which makes key shares. The application's certificate resolver, session storage, ticketer
/// and key log are not called for it. Cloning is cheap.
///
/// # What is checked
///
/// A configuration is refused, with the reason, if no client can be served with it or if it enables
/// what rustls never does: see [`ConfigError`]. The certificate resolver is not asked, so a
/// certificate that is missing, or that goes with no cipher suite, is found by the first client.
#[derive(Clone)]
pub struct Config(Arc<Inner>);

struct Inner {
    rustls: Arc<ServerConfig>,
    versions: Vec<ProtocolVersion>,
    cipher_suites: Vec<(ProtocolVersion, CipherSuite)>,
}

impl Config {
    /// Checks `config` and learns which versions and suites it has.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use lastword_acceptor::{Config, ConfigError};
    /// fn load(config: rustls::ServerConfig) -> Result<Config, ConfigError> {
    ///     Config::new(Arc::new(config))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if no client can be served with it, or if it enables what rustls never does.
    pub fn new(config: Arc<ServerConfig>) -> Result<Self, ConfigError> {
        let versions = probe::versions(&config);
        config_error::check(&config, &versions)?;
        let suites = config.crypto_provider().cipher_suites.iter();
        let cipher_suites = suites
            .map(|suite| {
                let version = ProtocolVersion(suite.version().version.into());
                (version, CipherSuite(suite.suite().into()))
            })
            .collect();
        Ok(Self(Arc::new(Inner {
            rustls: config,
            versions,
            cipher_suites,
        })))
    }

    /// rustls's configuration.
    #[must_use]
    pub fn rustls(&self) -> &Arc<ServerConfig> {
        &self.0.rustls
    }

    /// The protocol versions that are enabled and have a cipher suite, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[ProtocolVersion] {
        &self.0.versions
    }

    /// The cipher suites of a protocol version, in rustls's order.
    pub(crate) fn cipher_suites(
        &self,
        version: ProtocolVersion,
    ) -> impl Iterator<Item = CipherSuite> + Clone {
        let of_version =
            move |(suites_own, suite): &(_, _)| (*suites_own == version).then_some(*suite);
        self.0.cipher_suites.iter().filter_map(of_version)
    }
}

impl TryFrom<Arc<ServerConfig>> for Config {
    type Error = ConfigError;

    fn try_from(config: Arc<ServerConfig>) -> Result<Self, ConfigError> {
        Self::new(config)
    }
}

impl TryFrom<ServerConfig> for Config {
    type Error = ConfigError;

    fn try_from(config: ServerConfig) -> Result<Self, ConfigError> {
        Self::new(Arc::new(config))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("versions", &self.versions())
            .finish_non_exhaustive()
    }
}
