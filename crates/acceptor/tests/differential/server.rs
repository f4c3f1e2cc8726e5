//! The servers that hellos are tried on.

use std::sync::{Arc, LazyLock};

use lastword_acceptor::Config;
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::Pki;

/// A server: a configuration with a name.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
}

/// The certificates of all of them.
pub(crate) static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

/// All of them. Their tickets hold the session: one hello can be tried any number of times.
pub(crate) static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| {
    let default = ServerProfile::DEFAULT;
    let http: &[&str] = &["h2", "http/1.1"];
    let profiles = [
        ("both versions", default),
        (
            "TLS 1.2 alone",
            ServerProfile {
                versions: Versions::Tls12,
                ..default
            },
        ),
        (
            "TLS 1.3 alone",
            ServerProfile {
                versions: Versions::Tls13,
                ..default
            },
        ),
        (
            "both versions, ALPN",
            ServerProfile {
                alpn: http,
                ..default
            },
        ),
        (
            "TLS 1.2 alone, ALPN",
            ServerProfile {
                alpn: http,
                versions: Versions::Tls12,
                ..default
            },
        ),
        (
            "TLS 1.3 alone, ALPN",
            ServerProfile {
                alpn: http,
                versions: Versions::Tls13,
                ..default
            },
        ),
        (
            "client certificates",
            ServerProfile {
                client_auth: ClientAuth::Required,
                ..default
            },
        ),
    ];
    profiles
        .map(|(name, profile)| Server::new(name, &profile))
        .into()
});

/// The one of this name.
pub(crate) fn named(name: &str) -> &'static Server {
    SERVERS.iter().find(|server| server.name == name).unwrap()
}

impl Server {
    fn new(name: &'static str, profile: &ServerProfile) -> Self {
        let mut config = Arc::unwrap_or_clone(PKI.server_config(profile));
        config.ticketer = rustls::crypto::ring::Ticketer::new().unwrap();
        Self {
            name,
            config: Config::new(config).unwrap(),
        }
    }
}
