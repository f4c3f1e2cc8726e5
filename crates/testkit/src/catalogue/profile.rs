//! How a server must be set up for a case to mean anything.

use std::time::Duration;

use lastword_acceptor::{Config, Hello, Rejection};
use lastword_alert::AlertDescription;

/// How the server under test is set up.
///
/// [`Pki::server_config`](crate::pki::Pki::server_config) takes care of `provider`, `versions`, `alpn`
/// and `client_auth`; the rest is for whoever starts the server to see to. Profiles compare and hash,
/// so that one server a profile is enough. Begin with [`DEFAULT`](Self::DEFAULT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerProfile {
    /// The crypto provider.
    pub provider: Provider,
    /// The versions it speaks.
    pub versions: Versions,
    /// The application protocols it knows, in its order; with none, ALPN is ignored.
    pub alpn: &'static [&'static str],
    /// The server names it answers to.
    pub names: Names,
    /// Whether clients must show a certificate.
    pub client_auth: ClientAuth,
    /// The alert with which the application refuses everybody, if it does, once it has seen the
    /// `ClientHello`.
    pub refuses: Option<AlertDescription>,
    /// The alert with which the application refuses everybody, if it does, once it knows their
    /// certificates.
    pub verdict: Option<AlertDescription>,
    /// Whether its key can sign.
    pub signs: bool,
    /// How long a handshake may take, from the connection's acceptance to its end.
    pub deadline: Duration,
}

impl ServerProfile {
    /// Encrypted alerts, both versions, no ALPN, any name, no client certificate, nobody refused, ten
    /// seconds.
    pub const DEFAULT: Self = Self {
        provider: Provider::EncryptedAlerts,
        versions: Versions::Both,
        alpn: &[],
        names: Names::Any,
        client_auth: ClientAuth::No,
        refuses: None,
        verdict: None,
        signs: true,
        deadline: Duration::from_secs(10),
    };

    /// Returns the same profile with rustls's own provider.
    #[must_use]
    pub const fn with_rustls_provider(mut self) -> Self {
        self.provider = Provider::Rustls;
        self
    }

    /// The alert with which the application refuses a client that asks for this server name, if
    /// it does.
    #[must_use]
    pub fn refusal(&self, server_name: Option<&str>) -> Option<AlertDescription> {
        self.refuses.or_else(|| self.names.refusal(server_name))
    }

    /// Whether it refuses anybody: then it must see who asks.
    #[must_use]
    pub fn has_choice(&self) -> bool {
        self.refuses.is_some() || self.names != Names::Any
    }

    /// This configuration, unless the application refuses the client.
    ///
    /// # Errors
    ///
    /// If it does.
    pub fn choose(&self, config: &Config, hello: &Hello) -> Result<Config, Rejection> {
        match self.refusal(hello.server_name()) {
            None => Ok(config.clone()),
            Some(alert) => Err(Rejection::new(alert, "refused by policy")),
        }
    }
}

impl ServerProfile {
    /// Accepts a client that is authenticated, unless the application refuses it.
    ///
    /// # Errors
    ///
    /// If it does.
    pub fn authorize(&self) -> Result<(), Rejection> {
        match self.verdict {
            None => Ok(()),
            Some(alert) => Err(Rejection::new(alert, "refused by the list")),
        }
    }
}

impl Default for ServerProfile {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The crypto provider of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Provider {
    /// rustls's provider for ring with
    /// [`encrypted_alerts`](lastword_acceptor::encrypted_alerts): every required alert is sent.
    #[default]
    EncryptedAlerts,
    /// rustls's provider for ring: rustls chooses the alerts that are encrypted.
    Rustls,
}

/// The versions that a server speaks or a client offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Versions {
    /// TLS 1.2 alone.
    Tls12,
    /// TLS 1.3 alone.
    Tls13,
    /// TLS 1.2 and 1.3.
    #[default]
    Both,
}

/// The server names that a server answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// Any, and none too.
    Any,
    /// These: another is answered with `unrecognized_name`, none at all with `missing_extension`.
    Only(&'static [&'static str]),
}

impl Names {
    fn refusal(self, server_name: Option<&str>) -> Option<AlertDescription> {
        match (self, server_name) {
            (Self::Any, _) => None,
            (Self::Only(names), Some(name)) if names.contains(&name) => None,
            (Self::Only(_), Some(_)) => Some(AlertDescription::UNRECOGNIZED_NAME),
            (Self::Only(_), None) => Some(AlertDescription::MISSING_EXTENSION),
        }
    }
}

/// Whether a server wants to see a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuth {
    /// It does not ask.
    No,
    /// It asks and does without.
    Optional,
    /// It asks and refuses whoever has none, or one that does not verify.
    Required,
}
