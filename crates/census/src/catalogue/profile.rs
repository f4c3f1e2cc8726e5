//! The server that a case needs.

use std::time::Duration;

use lastword_acceptor::{Config, Hello, Rejection};
use lastword_alert::AlertDescription;

/// The configuration of the server under test.
///
/// [`Pki::server_config`](crate::pki::Pki::server_config) applies `provider`, `versions`, `alpn` and
/// `client_auth`. The code that starts the server must apply the rest. Profiles can be compared and
/// hashed, so one server for each profile is enough. Begin with [`DEFAULT`](Self::DEFAULT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerProfile {
    /// The crypto provider.
    pub provider: Provider,
    /// The TLS versions of the server.
    pub versions: Versions,
    /// The application protocols in the order of the server. If there are none, ALPN is ignored.
    pub alpn: &'static [&'static str],
    /// The server names that it serves.
    pub names: Names,
    /// Whether clients must have a certificate.
    pub client_auth: ClientAuth,
    /// The alert with which the application refuses every client after the `ClientHello`, if any.
    pub refuses: Option<AlertDescription>,
    /// The alert with which the application refuses every client after its certificate, if any.
    pub verdict: Option<AlertDescription>,
    /// Whether the server's key can sign.
    pub signs: bool,
    /// The timeout of a handshake, from the acceptance of the connection to its end.
    pub deadline: Duration,
}

impl ServerProfile {
    /// Encrypted alerts, both versions, no ALPN, any name, no client certificate, no refusal, a timeout
    /// of 10 seconds.
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

    /// Returns the alert with which the application refuses a client with this server name; `None` if it
    /// does not.
    #[must_use]
    pub fn refusal(&self, server_name: Option<&str>) -> Option<AlertDescription> {
        self.refuses.or_else(|| self.names.refusal(server_name))
    }

    /// Returns whether the application may refuse a client by its `ClientHello`.
    #[must_use]
    pub fn has_choice(&self) -> bool {
        self.refuses.is_some() || self.names != Names::Any
    }

    /// Returns this configuration, unless the application refuses the client.
    ///
    /// # Errors
    ///
    /// If it does.
    pub fn choose(&self, config: &Config, hello: &Hello) -> Result<Config, Rejection> {
        match self.refusal(hello.server_name()) {
            None => Ok(config.clone()),
            Some(alert) => Err(Rejection::new(alert, "by policy")),
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

/// The TLS versions that a server enables or a client offers.
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

/// The server names that a server serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// Any name, or no name.
    Any,
    /// Only these. The alert for another name is `unrecognized_name`, and for none `missing_extension`.
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

/// Whether a server requests a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuth {
    /// It does not request one.
    No,
    /// It requests one, and accepts clients without one.
    Optional,
    /// It requests one, and refuses clients without one or with one that does not verify.
    Required,
}
