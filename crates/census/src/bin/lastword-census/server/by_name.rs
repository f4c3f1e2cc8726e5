//! A certificate for some names and none for others: the names of a server without a chooser.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Asks another resolver, for clients that ask for one of its names.
#[derive(Debug)]
pub(super) struct ByName {
    names: Vec<String>,
    inner: Arc<dyn ResolvesServerCert>,
}

impl ByName {
    /// The same configuration, for these names alone.
    pub(super) fn of(config: &ServerConfig, names: &[String]) -> ServerConfig {
        let inner = Arc::clone(&config.cert_resolver);
        let mut config = config.clone();
        config.cert_resolver = Arc::new(Self {
            names: names.to_vec(),
            inner,
        });
        config
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?;
        let own = self.names.iter().any(|own| own.eq_ignore_ascii_case(name));
        own.then(|| self.inner.resolve(hello)).flatten()
    }
}
