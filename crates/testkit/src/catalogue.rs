//! Which clients there are: those that fail and what each must be told, and those that are served.
//!
//! The failing ones are the rows of the specification, one client a condition. A server under test
//! is set up as the case's [`ServerProfile`] says; it answers a GET with one HTTP/1.0 200 reply,
//! then `close_notify` and FIN, and after every FIN of its own it goes on reading for a while.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use lastword_alert::AlertDescription;

use crate::pki::Pki;

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

pub use met::Met;
pub use observed::{End, Observed};
pub use profile::{ClientAuth, Names, Provider, ServerProfile, Versions};
pub use verdict::Wrong;

use keyed::KeyedClient;
use raw::RawClient;
use tls::TlsClient;

/// One client, what it does, and what it must be told.
///
/// Start a server as [`server`](Self::server) says, [`run`](Self::run) the client against it, and
/// ask for the [`verdict`](Self::verdict) on what it saw.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called, in kebab-case; no two cases have the same name.
    pub name: &'static str,
    /// What the client does, in words, for one line of a table.
    pub does: &'static str,
    /// What it must be told.
    pub required: Required,
    /// Where that is written.
    pub reference: &'static str,
    /// Whether a server with rustls's own provider tells it that.
    pub met: Met,
    /// How the server must be set up for it.
    pub server: ServerProfile,
    pub(crate) client: Client,
}

/// What a client must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Required {
    /// Exactly these alerts, in this order, and an orderly end.
    Alerts(&'static [AlertDescription]),
    /// Nothing, and an orderly end.
    Silent,
    /// That it is welcome: a reply, `close_notify`, and an orderly end.
    Served,
}

/// Where a client connects to, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The server's address.
    pub address: SocketAddr,
    /// The certificates: the server's are from here too.
    pub pki: &'a Pki,
    /// How long the client waits in all. A connection that has not ended by then is reported as
    /// [`End::StillOpen`]. It must be longer than the server's deadline.
    pub patience: Duration,
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

/// The clients that must be refused, or that leave: before the `ClientHello` first, then in the
/// order of the handshake, then those that make it hard to be told.
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
/// rustls's own provider. Their names are those of the same clients in [`failing`].
#[must_use]
pub fn unmet() -> Vec<Case> {
    let is_unmet = |case: &Case| matches!(case.met, Met::No { .. });
    let cases = failing().into_iter().filter(is_unmet);
    cases.map(Case::with_rustls_provider).collect()
}

/// Returns these clients, against servers with rustls's own provider.
pub fn with_rustls_provider(cases: Vec<Case>) -> impl Iterator<Item = Case> {
    cases.into_iter().map(Case::with_rustls_provider)
}

/// The clients that must be served.
#[must_use]
pub fn succeeding() -> Vec<Case> {
    served::cases()
}

impl Case {
    /// Connects, does what the client does, and reports what it saw.
    ///
    /// # Errors
    ///
    /// If it cannot connect, or the socket fails in a way that is neither a reset nor a timeout:
    /// those are observations.
    pub fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        match &self.client {
            Client::Raw(client) => client.run(target),
            Client::Tls(client) => client.run(target),
            Client::Keyed(client) => client.run(target),
        }
    }

    /// Returns the same client against a server with rustls's own provider.
    #[must_use]
    pub const fn with_rustls_provider(mut self) -> Self {
        self.server = self.server.with_rustls_provider();
        self
    }

    /// Whether what the client saw is what it must see, or for a case that is not met with rustls's
    /// own provider, exactly what it sees today.
    ///
    /// # Errors
    ///
    /// The first thing that is [`Wrong`]: the alerts before the end of the connection. That a case
    /// is met although it is marked as one that is not, is wrong too: [`Wrong::Better`].
    pub fn verdict(&self, observed: &Observed) -> Result<(), Wrong> {
        verdict::verdict(self, observed)
    }

    /// The bytes that the client sends of its own accord, before it waits for any from the server
    /// or closes: the whole of its part in most cases, for tests that need no network.
    ///
    /// `None` if the client is a rustls one. Its bytes differ each time.
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
            reference,
            met: Met::Yes,
            server: ServerProfile::DEFAULT,
            client,
        }
    }

    /// The same against another server.
    const fn on(mut self, server: ServerProfile) -> Self {
        self.server = server;
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
mod tests;
