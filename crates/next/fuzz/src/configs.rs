//! rustls's configurations of the servers, and a conversation with rustls alone.

mod glass;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use lastword_acceptor::encrypted_alerts;
use lastword_testkit::catalogue::Versions;
use rustls_next::server::{NoServerSessionStorage, ServerSessionKey, StoresServerSessions};
use rustls_next::{Connection, ServerConfig, ServerSide, VecInput};

use crate::server::{Server, Setup};
use glass::{Glass, Known};

/// The configuration of a server that is set up so.
pub(crate) fn config(setup: &Setup) -> ServerConfig {
    let mut provider = glass::provider();
    if setup.encrypts_alerts {
        provider = encrypted_alerts(provider);
    }
    match setup.versions {
        Versions::Both => {}
        Versions::Tls12 => provider.tls13_cipher_suites = Cow::default(),
        Versions::Tls13 => provider.tls12_cipher_suites = Cow::default(),
    }
    let builder = ServerConfig::builder_with_details(Arc::new(provider), Arc::new(Glass));
    let builder = match setup.certificate {
        None => builder.with_no_client_auth(),
        Some(mandatory) => builder.with_client_cert_verifier(Arc::new(Known { mandatory })),
    };
    let config = builder.with_server_credential_resolver(glass::server_certificate());
    let mut config = config.unwrap();
    let alpn = setup.alpn.iter();
    config.alpn_protocols = alpn.map(|name| name.as_bytes().into()).collect();
    config.max_early_data_size = setup.max_early_data_size();
    if setup.remembers {
        config.session_storage = Arc::new(OneSession::default());
    } else {
        config.ticketer = Some(Arc::new(Glass));
        config.session_storage = Arc::new(NoServerSessionStorage {});
    }
    config
}

/// A session of TLS 1.3, the first that there was: it is every client's.
#[derive(Debug, Default)]
struct OneSession(OnceLock<Vec<u8>>);

impl StoresServerSessions for OneSession {
    fn put(&self, _: ServerSessionKey<'_>, value: Vec<u8>) -> bool {
        self.0.get_or_init(|| value);
        true
    }

    /// None of TLS 1.2.
    fn get(&self, _: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        None
    }

    fn take(&self, _: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        self.0.get().cloned()
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// A server of rustls alone.
pub(crate) struct RustlsServer {
    connection: Connection<ServerSide, rustls_next::Tcp>,
    input: VecInput,
}

impl RustlsServer {
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            connection: Connection::new(Arc::clone(server.config.rustls())).unwrap(),
            input: VecInput::default(),
        }
    }

    /// Its answer to these bytes; `None` if it does not serve the client.
    pub(crate) fn answer(&mut self, mut flight: &[u8]) -> Option<Vec<u8>> {
        let mut answer = Vec::new();
        self.input.read(&mut flight).unwrap();
        let received = self.connection.read_tls(&mut self.input, &mut answer);
        received.handle_all(&mut Vec::new()).ok()?;
        Some(answer)
    }
}
