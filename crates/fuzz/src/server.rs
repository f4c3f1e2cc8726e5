//! The servers that clients are tried on: those of the acceptor's tests, and their like.

use std::sync::LazyLock;

use lastword_acceptor::Config;
use lastword_testkit::catalogue::Versions;

use crate::{client, configs};

/// A server: a configuration with a name.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
}

/// How a server is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) encrypts_alerts: bool,
    pub(crate) versions: Versions,
    pub(crate) alpn: &'static [&'static str],
    /// Whether it asks for a client certificate, and requires it.
    pub(crate) certificate: Option<bool>,
    /// Whether it accepts early data: rustls does only where sessions are stored and no ticket is sealed.
    pub(crate) remembers: bool,
}

impl Setup {
    /// The size of early data: with some of them, to have both.
    pub(crate) fn max_early_data_size(&self) -> u32 {
        match self.alpn.is_empty() || self.versions == Versions::Tls12 {
            true => 0,
            false => 1024,
        }
    }
}

/// All servers: first with the plain provider, then the same with encrypted alerts. None remembers a
/// client, so a client can be tried any number of times.
pub(crate) static SERVERS: LazyLock<Vec<Server>> =
    LazyLock::new(|| [false, true].into_iter().flat_map(with).collect());

/// All servers with the plain provider, or with encrypted alerts.
fn with(encrypts_alerts: bool) -> Vec<Server> {
    let http: &[&str] = &["h2", "http/1.1"];
    let (both, tls12, tls13) = (Versions::Both, Versions::Tls12, Versions::Tls13);
    let mut servers = Vec::new();
    for (name, versions, alpn, certificate, remembers) in [
        ("both versions", both, &[][..], None, false),
        ("TLS 1.2 alone", tls12, &[], None, false),
        ("TLS 1.3 alone", tls13, &[], None, false),
        ("both versions, ALPN", both, http, None, false),
        ("TLS 1.2 alone, ALPN", tls12, http, None, false),
        ("TLS 1.3 alone, ALPN", tls13, http, None, false),
        ("client certificates", both, &[], Some(true), false),
        (
            "client certificates if there are",
            both,
            http,
            Some(false),
            false,
        ),
        ("early data", both, http, None, true),
    ] {
        let setup = Setup {
            encrypts_alerts,
            versions,
            alpn,
            certificate,
            remembers,
        };
        let config = Config::new(configs::config(&setup)).unwrap();
        let server = Server { name, config };
        if remembers {
            // the session is the same in every process, whichever input comes first
            client::introduce(&server);
        }
        servers.push(server);
    }
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

/// The one of this name with the plain provider.
pub(crate) fn named(name: &str) -> &'static Server {
    SERVERS.iter().find(|server| server.name == name).unwrap()
}
