//! What the early decisions and the words need to know of a `rustls::ServerConfig`.

use std::fmt;
use std::sync::Arc;

use lastword_hello::CipherSuite;
use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

use crate::probe;

/// A server's configuration: rustls's own, and what is known of it.
///
/// Make one for each `rustls::ServerConfig`, once, not once for a connection: making it runs two
/// hellos against the configuration to learn its protocol versions. Cloning it is cheap.
#[derive(Clone)]
pub struct Config(Arc<Inner>);

struct Inner {
    rustls: Arc<ServerConfig>,
    versions: Vec<ProtocolVersion>,
    cipher_suites: Vec<(ProtocolVersion, CipherSuite)>,
}

impl Config {
    /// Learns what there is to know of `config`.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>) -> Self {
        let versions = probe::versions(&config);
        let suites = config.crypto_provider().cipher_suites.iter();
        let cipher_suites = suites
            .map(|suite| {
                let version = ProtocolVersion(suite.version().version.into());
                (version, CipherSuite(suite.suite().into()))
            })
            .collect();
        Self(Arc::new(Inner {
            rustls: config,
            versions,
            cipher_suites,
        }))
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

impl From<Arc<ServerConfig>> for Config {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self::new(config)
    }
}

impl From<ServerConfig> for Config {
    fn from(config: ServerConfig) -> Self {
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
