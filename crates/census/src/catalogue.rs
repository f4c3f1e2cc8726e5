//! The catalogue of clients. Some fail, and each has its required alert. Some are served.
//!
//! There is one failing client for each condition of the specification. A server under test is
//! configured by the case's [`ServerProfile`]. It answers a GET with one HTTP/1.0 200 reply, then sends
//! `close_notify` and FIN. After each FIN it continues to read for a while.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use lastword_alert::AlertDescription;

use crate::allowed::Allowed;
use crate::pki::Pki;
use crate::server;

mod after_finished;
mod after_server_hello;
mod alter;
mod before_hello;
mod certificates;
mod delivery;
mod hello;
mod keyed;
mod messages;
mod met;
mod negotiation;
mod not_tls;
mod observed;
mod profile;
mod raw;
mod records;
mod served;
mod tls;
mod verdict;

pub use crate::end::End;
pub use met::Met;
pub use observed::Observed;
pub use profile::{ClientAuth, Names, Provider, ServerProfile, Versions};
pub use verdict::{Judgement, Wrong};

use keyed::KeyedClient;
use raw::RawClient;
pub(crate) use tls::Greeted;
use tls::TlsClient;

/// A client, what it does, and the result that it must get.
///
/// Start a server with the profile [`server`](Self::server), [`run`](Self::run) the client against it,
/// and [`judge`](Self::judge) what it observed.
#[derive(Clone, Debug)]
pub struct Case {
    /// The unique name of the case, in kebab-case.
    pub name: &'static str,
    /// A description of what the client does, for one line of a table.
    pub does: &'static str,
    /// The result that it must get.
    pub required: Required,
    /// What the server may do instead.
    pub(crate) allowed: Allowed,
    /// The reference that requires it, for example a section of an RFC.
    pub reference: &'static str,
    /// Why the result matters, for one line of a report.
    pub matters: &'static str,
    /// Whether a server with rustls's own provider gives it that result.
    pub met: Met,
    /// The profile that the server must have.
    pub server: ServerProfile,
    /// Whether the server must speak TLS 1.2 too.
    pub(crate) needs_tls12: bool,
    pub(crate) client: Client,
}

/// The result that a client must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Required {
    /// Exactly these alerts, in this order, and an orderly end.
    Alerts(&'static [AlertDescription]),
    /// No alert, and an orderly end.
    Silent,
    /// A reply, `close_notify`, and an orderly end.
    Served,
}

/// The server that a client connects to, and the certificates.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub(crate) address: SocketAddr,
    pki: &'a Pki,
    pub(crate) patience: Duration,
    /// The server's name, and whether its certificate is not of the PKI.
    foreign: Option<&'a str>,
}

/// The name of a server whose certificate is of the PKI.
const LOCALHOST: &str = "localhost";

impl<'a> Target<'a> {
    /// Names a server with a certificate of this PKI. `patience` is the timeout of the client for the
    /// whole connection. A connection that has not ended by then is reported as [`End::StillOpen`]. It
    /// must be longer than the server's timeout.
    #[must_use]
    pub const fn new(address: SocketAddr, pki: &'a Pki, patience: Duration) -> Self {
        Self {
            address,
            pki,
            patience,
            foreign: None,
        }
    }

    /// Names a server with this name, whose certificate may be any.
    #[must_use]
    pub const fn foreign(mut self, name: &'a str) -> Self {
        self.foreign = Some(name);
        self
    }

    /// The same with another timeout.
    pub(crate) const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Returns the name that a client asks for that wants to be served.
    pub(crate) fn name(&self) -> &'a str {
        self.foreign.unwrap_or(LOCALHOST)
    }
}

/// How a client is made.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    /// Bytes over TCP.
    Raw(RawClient),
    /// rustls, with what it sends altered perhaps.
    Tls(TlsClient),
    /// rustls up to its last flight, which is another.
    Keyed(KeyedClient),
}

impl Client {
    /// Returns whether it speaks TLS 1.2 alone, if it is not only bytes.
    const fn is_of_tls12(&self) -> bool {
        let versions = match self {
            Self::Raw(_) => return false,
            Self::Tls(client) => client.profile.versions,
            Self::Keyed(client) => client.versions(),
        };
        matches!(versions, Versions::Tls12)
    }
}

/// Returns the same clients. Their results matter for this reason.
fn because(matters: &'static str, cases: Vec<Case>) -> Vec<Case> {
    let cases = cases.into_iter();
    cases.map(|case| Case { matters, ..case }).collect()
}

/// Returns the clients whose handshakes fail, in the order of the handshake. Last are the clients to
/// which an alert is difficult to deliver.
#[must_use]
pub fn failing() -> Vec<Case> {
    [
        not_tls::cases(),
        before_hello::cases(),
        hello::cases(),
        negotiation::cases(),
        after_server_hello::cases(),
        after_finished::cases(),
        messages::cases(),
        records::cases(),
        certificates::cases(),
        delivery::cases(),
    ]
    .concat()
}

/// Returns the failing clients that get another alert without encrypted alerts, against servers with
/// rustls's own provider. Each has the same name as in [`failing`].
#[must_use]
pub fn unmet() -> Vec<Case> {
    let is_unmet = |case: &Case| matches!(server::met(case), Met::No { .. });
    let cases = failing().into_iter().filter(is_unmet);
    cases.map(Case::with_rustls_provider).collect()
}

/// Returns these clients, against servers with rustls's own provider.
pub fn with_rustls_provider(cases: Vec<Case>) -> impl Iterator<Item = Case> {
    cases.into_iter().map(Case::with_rustls_provider)
}

/// Returns the clients that must be served.
#[must_use]
pub fn succeeding() -> Vec<Case> {
    served::cases()
}

impl Case {
    /// Connects, runs the client, and returns what it observed.
    ///
    /// # Errors
    ///
    /// If it cannot connect, or the socket fails. A reset and a timeout are not errors: they are
    /// observations.
    pub fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        match &self.client {
            Client::Raw(client) => client.run(target),
            Client::Tls(client) => client.run(target),
            Client::Keyed(client) => client.run(target),
        }
    }

    /// Returns whether the client closes when it has sent everything. Others wait.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.required == Required::Silent
    }

    /// Returns the same client against a server with rustls's own provider.
    #[must_use]
    pub const fn with_rustls_provider(mut self) -> Self {
        self.server = self.server.with_rustls_provider();
        self
    }

    /// Returns the bytes that the client sends before it waits for the server or closes, for tests
    /// without a network. In most cases they are all that it sends.
    ///
    /// `None` if it is a client of rustls, because its bytes differ each time.
    #[must_use]
    pub fn opening(&self) -> Option<Vec<u8>> {
        match &self.client {
            Client::Raw(client) => Some(client.opening()),
            Client::Tls(_) | Client::Keyed(_) => None,
        }
    }

    const fn raw(
        name: &'static str,
        does: &'static str,
        required: Required,
        reference: &'static str,
        client: RawClient,
    ) -> Self {
        Self::new(name, does, required, reference, Client::Raw(client))
    }

    const fn tls(
        name: &'static str,
        does: &'static str,
        required: Required,
        reference: &'static str,
        client: TlsClient,
    ) -> Self {
        Self::new(name, does, required, reference, Client::Tls(client))
    }

    const fn keyed(
        name: &'static str,
        does: &'static str,
        required: Required,
        reference: &'static str,
        client: KeyedClient,
    ) -> Self {
        Self::new(name, does, required, reference, Client::Keyed(client))
    }

    const fn new(
        name: &'static str,
        does: &'static str,
        required: Required,
        reference: &'static str,
        client: Client,
    ) -> Self {
        Self {
            name,
            does,
            required,
            allowed: Allowed::instead_of(required),
            reference,
            matters: "",
            met: Met::Yes,
            server: ServerProfile::DEFAULT,
            needs_tls12: client.is_of_tls12(),
            client,
        }
    }

    /// The same against another server.
    const fn on(mut self, server: ServerProfile) -> Self {
        self.needs_tls12 &= !matches!(server.versions, Versions::Tls13);
        self.server = server;
        self
    }

    /// The same, and the server may do this instead of what is required, whatever is allowed for the
    /// required alert.
    const fn allowing(mut self, allowed: Allowed) -> Self {
        self.allowed = allowed;
        self
    }

    /// The same for a client of TLS 1.2 that is nothing but bytes.
    const fn in_tls12(mut self) -> Self {
        self.needs_tls12 = true;
        self
    }
}

impl Required {
    /// The alerts that it comes to.
    #[must_use]
    pub const fn alerts(self) -> &'static [AlertDescription] {
        match self {
            Self::Alerts(alerts) => alerts,
            Self::Silent => &[],
            Self::Served => &[AlertDescription::CLOSE_NOTIFY],
        }
    }
}

/// Exactly this one alert.
const fn told(alert: &'static [AlertDescription; 1]) -> Required {
    Required::Alerts(alert)
}

const UNEXPECTED_MESSAGE: Required = told(&[AlertDescription::UNEXPECTED_MESSAGE]);
const DECODE_ERROR: Required = told(&[AlertDescription::DECODE_ERROR]);
const ILLEGAL_PARAMETER: Required = told(&[AlertDescription::ILLEGAL_PARAMETER]);
const MISSING_EXTENSION: Required = told(&[AlertDescription::MISSING_EXTENSION]);
const DECRYPT_ERROR: Required = told(&[AlertDescription::DECRYPT_ERROR]);
const HANDSHAKE_FAILURE: Required = told(&[AlertDescription::HANDSHAKE_FAILURE]);
const PROTOCOL_VERSION: Required = told(&[AlertDescription::PROTOCOL_VERSION]);
const UNRECOGNIZED_NAME: Required = told(&[AlertDescription::UNRECOGNIZED_NAME]);

/// What a server says, sealed, if rustls has queued nothing.
const CLOSED: Required = told(&[AlertDescription::CLOSE_NOTIFY]);

/// A server of little patience, for clients that it waits for in vain.
const IMPATIENT: ServerProfile = ServerProfile {
    deadline: Duration::from_millis(500),
    ..ServerProfile::DEFAULT
};

/// A server that goes by one name.
const LOCALHOST_ONLY: ServerProfile = ServerProfile {
    names: Names::Only(&["localhost"]),
    ..ServerProfile::DEFAULT
};

/// A server to which every client must show a certificate.
const CERTIFICATE_REQUIRED: ServerProfile = ServerProfile {
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

#[cfg(test)]
pub(crate) mod tests;
