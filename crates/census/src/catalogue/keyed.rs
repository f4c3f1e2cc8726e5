//! How a client runs that has the keys in hand: rustls up to its last flight, anything from there.

use std::io;
use std::sync::Arc;

use lastword_record::{ContentType, LengthLimit, Records};
use rustls::ClientConnection;

use super::tls::{Session, server_name};
use super::{Observed, Target, Versions};
use crate::line::Line;
use crate::pki::Identity;

mod config;
mod flight;
mod keys;
mod seal;

pub(crate) use flight::Flight;
use keys::Learned;

/// What a client does instead of its last flight: it puts the bytes to send into the flight.
pub(crate) type Script = fn(&mut Flight) -> io::Result<()>;

/// A rustls client whose last flight is another than rustls wrote.
///
/// The last flight is what a client sends once it has all of the server's: in TLS 1.3
/// `change_cipher_spec`, `Certificate`, `CertificateVerify` and `Finished`, in TLS 1.2 the same and
/// `ClientKeyExchange`, with `change_cipher_spec` in front of `Finished`. rustls is held to be the
/// judge of what the server says to that, with the keys that the server has then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyedClient {
    /// The one version it offers.
    versions: Versions,
    /// The certificate it shows, if it is asked.
    identity: Identity,
    script: Script,
    then: Then,
}

/// What a client does behind its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It waits for the end and looks whether the server still reads.
    Stays,
    /// It has said farewell, and waits for the end.
    Departs,
    /// It sends FIN, and waits for the end.
    Finishes,
}

impl KeyedClient {
    /// A client of TLS 1.3.
    pub(crate) const fn tls13(script: Script) -> Self {
        Self {
            versions: Versions::Tls13,
            identity: Identity::None,
            script,
            then: Then::Stays,
        }
    }

    /// A client of TLS 1.2.
    pub(crate) const fn tls12(script: Script) -> Self {
        Self {
            versions: Versions::Tls12,
            ..Self::tls13(script)
        }
    }

    /// The same with a certificate that the server trusts.
    pub(crate) const fn certified(mut self) -> Self {
        self.identity = Identity::Known;
        self
    }

    /// The same, if its script says farewell.
    pub(crate) const fn departing(mut self) -> Self {
        self.then = Then::Departs;
        self
    }

    /// The same, with FIN behind its script.
    pub(crate) const fn finishing(mut self) -> Self {
        self.then = Then::Finishes;
        self
    }

    /// The version it offers.
    pub(crate) const fn versions(&self) -> Versions {
        self.versions
    }

    pub(crate) fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        let learned = Arc::new(Learned::default());
        let config = config::client(target, self.versions, self.identity, &learned)
            .map_err(io::Error::other)?;
        let name = server_name(target.name())?;
        let tls = ClientConnection::new(config, name).map_err(io::Error::other)?;
        let mut session = Session::new(tls, Line::connect(target, false)?);
        session.departs = self.then != Then::Stays;

        session.send()?;
        if let Some(own) = last_flight(&mut session)? {
            let secret = learned.secret()?;
            let server = target.pki.server().certificate();
            let mut flight = Flight::open(&own, secret, session.received(), &server)?;
            (self.script)(&mut flight)?;
            session.line.write(&flight.into_bytes())?;
            if self.then == Then::Finishes {
                session.line.finish()?;
            }
        }
        while session.receive()? {}
        session.observed()
    }
}

/// What rustls would send once it has all of the server's flight; `None` if that never comes.
fn last_flight(session: &mut Session) -> io::Result<Option<Vec<u8>>> {
    let mut own = Vec::new();
    while session.receive()? {
        own.extend(session.output()?);
        if is_flight(&own) {
            return Ok(Some(own));
        }
    }
    Ok(None)
}

/// Whether there is more than the `change_cipher_spec` that TLS 1.3 has for middleboxes.
fn is_flight(bytes: &[u8]) -> bool {
    Records::new(bytes, LengthLimit::TLS12_CIPHERTEXT)
        .any(|record| record.header.content_type != ContentType::CHANGE_CIPHER_SPEC)
}

#[cfg(test)]
mod tests;
