//! rustls's configurations of the servers, and a conversation with rustls alone.

use std::sync::{Arc, OnceLock};

use lastword_acceptor::encrypted_alerts;
use lastword_testkit::catalogue::Versions;
use rustls::server::{NoServerSessionStorage, StoresServerSessions};
use rustls::{ServerConfig, ServerConnection};

use crate::glass::{self, Glass, Known};
use crate::server::{Server, Setup};

/// The configuration of a server that is set up so.
pub(crate) fn config(setup: &Setup) -> ServerConfig {
    let mut provider = glass::provider();
    if setup.encrypts_alerts {
        provider = Arc::new(encrypted_alerts(Arc::unwrap_or_clone(provider)));
    }
    let versions = match setup.versions {
        Versions::Both => rustls::ALL_VERSIONS,
        Versions::Tls12 => &[&rustls::version::TLS12],
        Versions::Tls13 => &[&rustls::version::TLS13],
    };
    let builder = ServerConfig::builder_with_details(provider, Arc::new(Glass));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = match setup.certificate {
        None => builder.with_no_client_auth(),
        Some(mandatory) => builder.with_client_cert_verifier(Arc::new(Known { mandatory })),
    };
    let mut config = builder.with_cert_resolver(glass::server_certificate());
    let alpn = setup.alpn.iter();
    config.alpn_protocols = alpn.map(|name| name.as_bytes().to_vec()).collect();
    config.max_early_data_size = setup.max_early_data_size();
    if setup.remembers {
        config.session_storage = Arc::new(OneSession::default());
    } else {
        config.ticketer = Arc::new(Glass);
        config.session_storage = Arc::new(NoServerSessionStorage {});
    }
    config
}

/// A session of TLS 1.3, the first that there was: it is every client's.
#[derive(Debug, Default)]
struct OneSession(OnceLock<Vec<u8>>);

impl StoresServerSessions for OneSession {
    fn put(&self, _: Vec<u8>, value: Vec<u8>) -> bool {
        self.0.get_or_init(|| value);
        true
    }

    /// None of TLS 1.2.
    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn take(&self, _: &[u8]) -> Option<Vec<u8>> {
        self.0.get().cloned()
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// A server of rustls alone.
pub(crate) struct RustlsServer(ServerConnection);

impl RustlsServer {
    pub(crate) fn new(server: &Server) -> Self {
        Self(ServerConnection::new(Arc::clone(server.config.rustls())).unwrap())
    }

    /// Its answer to these bytes; `None` if it does not serve the client.
    pub(crate) fn answer(&mut self, mut flight: &[u8]) -> Option<Vec<u8>> {
        self.0.read_tls(&mut flight).unwrap();
        self.0.process_new_packets().ok()?;
        let mut answer = Vec::new();
        while self.0.wants_write() {
            self.0.write_tls(&mut answer).unwrap();
        }
        Some(answer)
    }
}
