//! What is found out of a server before the clients are sent: whether it speaks TLS, serves more than one
//! client at a time, and serves a client without a fault.

use std::fmt::{self, Display, Formatter};
use std::net::TcpStream;
use std::time::Duration;

use lastword_alert::AlertDescription;

use crate::catalogue::{Greeted, Target};
use crate::census::Error;
use crate::end::End;
use crate::line::Line;
use crate::profile::Profile;
use crate::wire::HelloBuilder;

/// How long a server may take for one client while another says nothing. If it takes longer, it is tried
/// again without the other.
const BESIDE_ANOTHER: Duration = Duration::from_secs(1);

/// How many bytes of an answer are looked at, and shown if they are not TLS.
const FIRST: usize = 8;

/// What a server does that has an effect on many results.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// It serves one client at a time. So the clients were sent one after the other.
    OneAtATime,
    /// It refuses clients without a certificate, and the [profile](Profile::client_certificates) does not
    /// say so.
    RequiresCertificates {
        /// The alerts that a client without a certificate got.
        received: Vec<AlertDescription>,
    },
    /// It asks for certificates, and serves clients without one.
    RequestsCertificates,
    /// It does not speak TLS 1.3.
    Tls12Only,
    /// It refuses a client that has no fault.
    Refuses {
        /// The alerts that the client got.
        received: Vec<AlertDescription>,
    },
}

/// What was found out.
pub(crate) struct Probed {
    pub(crate) notes: Vec<Note>,
    /// Whether it serves one client at a time.
    pub(crate) is_serial: bool,
}

/// Finds out what the server is. `at_once` is how many clients are to be connected at a time.
pub(crate) fn server(
    target: &Target<'_>,
    at_once: usize,
    profile: Profile,
) -> Result<Probed, Error> {
    let address = target.address;
    let connected = TcpStream::connect_timeout(&address, target.patience);
    let silent = connected.map_err(|source| Error::Connect { address, source })?;
    let beside = target.with_patience(BESIDE_ANOTHER.min(target.patience / 2));
    let mut is_answered = at_once > 1 && is_answered(&beside)?;
    drop(silent);
    let is_serial = at_once > 1 && !is_answered;
    is_answered = is_answered || self::is_answered(target)?;
    if !is_answered {
        let patience = target.patience;
        return Err(Error::Silent { address, patience });
    }
    let mut notes = Vec::new();
    if is_serial {
        notes.push(Note::OneAtATime);
    }
    notes.extend(greeting(target, profile)?);
    Ok(Probed { notes, is_serial })
}

/// Sends a hello without a fault, and returns whether the server answers or closes.
fn is_answered(target: &Target<'_>) -> Result<bool, Error> {
    let mut line = Line::connect(target, false).map_err(Error::System)?;
    let hello = HelloBuilder::default().server_name(target.name()).record();
    line.write(&hello).map_err(Error::System)?;
    let mut first = Vec::new();
    while first.len() < FIRST && !is_tls(&first) {
        match line.read(FIRST).map_err(Error::System)? {
            Some(bytes) => first.extend(bytes),
            None => break,
        }
    }
    if is_tls(&first) {
        return Ok(true);
    }
    match first.is_empty() {
        // a server that closes without a word may still speak TLS
        true => Ok(line.end() != End::StillOpen),
        false => Err(Error::NotTls {
            address: target.address,
            first: first.into_iter().take(FIRST).collect(),
        }),
    }
}

/// Returns whether these are the first bytes of a record.
fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23, 3, ..])
}

/// Sends a client without a fault.
fn greeting(target: &Target<'_>, profile: Profile) -> Result<Vec<Note>, Error> {
    let has_certificate = profile.client_certificates;
    let greeted = Greeted::by(target, has_certificate, profile.alpn).map_err(Error::System)?;
    let Greeted {
        is_asked,
        is_served,
        is_tls12,
        received,
    } = greeted;
    let certificates = match (is_asked && !has_certificate, is_served) {
        (true, false) => Some(Note::RequiresCertificates { received }),
        (true, true) => Some(Note::RequestsCertificates),
        (false, false) => Some(Note::Refuses { received }),
        (false, true) => None,
    };
    let version = is_tls12.then_some(Note::Tls12Only);
    Ok(version.into_iter().chain(certificates).collect())
}

impl Display for Note {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneAtATime => f.write_str(
                "the server serves one client at a time, so the clients were sent one after the \
                 other, as with --at-once 1",
            ),
            Self::RequiresCertificates { received } => write!(
                f,
                "the server requires client certificates: a client without one, and without a \
                 fault, got {}; some results are about that and not about the client's fault; \
                 lastword-census setup shows how to test certificates",
                list(received, "no alert")
            ),
            Self::RequestsCertificates => f.write_str(
                "the server asks for client certificates, and serves clients without one; \
                 lastword-census setup shows how to test certificates",
            ),
            Self::Tls12Only => f.write_str(
                "the server does not speak TLS 1.3, and the results of clients that speak only \
                 TLS 1.3 are about that",
            ),
            Self::Refuses { received } => write!(
                f,
                "the server refuses a client without a fault, which got {}; the results may be \
                 about that; see --name and --profile",
                list(received, "no alert")
            ),
        }
    }
}

/// Returns alerts by name and code.
pub(crate) fn list(alerts: &[AlertDescription], none: &str) -> String {
    let alerts: Vec<_> = alerts.iter().map(|it| format!("{it} ({})", it.0)).collect();
    match alerts.is_empty() {
        true => none.into(),
        false => alerts.join(" and "),
    }
}
