//! The servers that clients are tried on: those of the acceptor's tests, and their like.

use std::sync::{Arc, LazyLock, OnceLock};

use lastword_acceptor::{Config, encrypted_alerts};
use rustls::crypto::CryptoProvider;
use rustls::server::{NoServerSessionStorage, StoresServerSessions};
use rustls::{ServerConfig, SupportedProtocolVersion};

use crate::client;
use crate::glass::{self, Glass, Known};

/// A server: a configuration with a name.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
}

/// All servers: first with the plain provider, then the same with encrypted alerts. None remembers a
/// client, so a client can be tried any number of times.
pub(crate) static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| {
    let plain = Arc::unwrap_or_clone(glass::provider());
    let encrypted = encrypted_alerts(plain.clone());
    [plain, encrypted]
        .map(Arc::new)
        .iter()
        .flat_map(with)
        .collect()
});

/// All servers with this provider.
fn with(provider: &Arc<CryptoProvider>) -> Vec<Server> {
    let http: &[&str] = &["h2", "http/1.1"];
    let both = rustls::ALL_VERSIONS;
    let tls12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    let tls13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
    let mut servers = Vec::new();
    for (name, versions, alpn, certificate) in [
        ("both versions", both, &[][..], None),
        ("TLS 1.2 alone", tls12, &[], None),
        ("TLS 1.3 alone", tls13, &[], None),
        ("both versions, ALPN", both, http, None),
        ("TLS 1.2 alone, ALPN", tls12, http, None),
        ("TLS 1.3 alone, ALPN", tls13, http, None),
        ("client certificates", both, &[], Some(true)),
        ("client certificates if there are", both, http, Some(false)),
    ] {
        let config = config(provider, versions, alpn, certificate);
        let config = Config::new(config).unwrap();
        servers.push(Server { name, config });
    }
    servers.push(with_early_data(provider));
    servers
}

/// The one that an input is tried on: five bits of its setup choose it.
pub(crate) fn of(setup: u8) -> &'static Server {
    &SERVERS[usize::from(setup & 31) % SERVERS.len()]
}

/// Returns the server of the same name with the plain provider.
pub(crate) fn without_encrypted_alerts(server: &Server) -> &'static Server {
    named(server.name)
}

/// One that accepts early data: rustls does only where sessions are stored and no ticket is sealed.
fn with_early_data(provider: &Arc<CryptoProvider>) -> Server {
    let mut config = config(provider, rustls::ALL_VERSIONS, &["h2", "http/1.1"], None);
    let default = ServerConfig::builder_with_details(glass::provider(), Arc::new(Glass));
    let default = default
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap();
    let default = default.with_no_client_auth();
    let default = default.with_cert_resolver(glass::server_certificate());
    config.ticketer = default.ticketer;
    config.session_storage = Arc::new(OneSession::default());
    let config = Config::new(config).unwrap();
    let name = "early data";
    let server = Server { name, config };
    // the session is the same in every process, whichever input comes first
    client::introduce(&server);
    server
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

/// The one of this name with the plain provider.
pub(crate) fn named(name: &str) -> &'static Server {
    SERVERS.iter().find(|server| server.name == name).unwrap()
}

fn config(
    provider: &Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
    certificate: Option<bool>,
) -> ServerConfig {
    let builder = ServerConfig::builder_with_details(Arc::clone(provider), Arc::new(Glass));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = match certificate {
        None => builder.with_no_client_auth(),
        Some(mandatory) => builder.with_client_cert_verifier(Arc::new(Known { mandatory })),
    };
    let mut config = builder.with_cert_resolver(glass::server_certificate());
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config.ticketer = Arc::new(Glass);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    // early data with some of them, to have both
    let has_tls13 = versions.contains(&&rustls::version::TLS13);
    config.max_early_data_size = if alpn.is_empty() || !has_tls13 {
        0
    } else {
        1024
    };
    config
}
