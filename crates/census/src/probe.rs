//! Finds out about a server before the clients are sent: whether it speaks TLS, serves more than
//! one client at a time, and serves a client without a fault.

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

/// A property of the server that affects many results.
///
/// ```
/// use lastword_census::{Note, Report};
///
/// fn is_tls12_only(report: &Report) -> bool {
///     report.notes().contains(&Note::Tls12Only)
/// }
/// ```
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener};
    use std::sync::Arc;
    use std::thread;

    use rustls::{ServerConfig, ServerConnection};

    use super::*;
    use crate::catalogue::tests::server::talk;
    use crate::catalogue::{ClientAuth, ServerProfile, Versions};
    use crate::pki::Pki;
    use crate::wire;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A server that treats each client in a thread of its own.
    fn start(client: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let client = Arc::new(client);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, client) = (stream.unwrap(), Arc::clone(&client));
                thread::spawn(move || client(stream));
            }
        });
        address
    }

    fn rustls(config: Arc<ServerConfig>) -> SocketAddr {
        start(move |mut stream| {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            talk(tls, &mut stream);
            let _ = stream.shutdown(Shutdown::Write); // the client may have left
            let _ = stream.read_to_end(&mut Vec::new());
        })
    }

    fn notes(pki: &Pki, server: SocketAddr, profile: Profile) -> Vec<Note> {
        let target = Target::new(server, pki, PATIENCE).foreign("localhost");
        super::server(&target, 16, profile).unwrap().notes
    }

    const REQUIRED: ServerProfile = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };

    #[test]
    fn a_server_that_asks_for_certificates_or_has_no_tls13_is_noticed() {
        let pki = Pki::new();
        let optional = ServerProfile {
            client_auth: ClientAuth::Optional,
            ..ServerProfile::DEFAULT
        };
        let required_in = |versions| ServerProfile {
            versions,
            ..REQUIRED
        };
        let requires = || Note::RequiresCertificates {
            received: vec![AlertDescription::CERTIFICATE_REQUIRED],
        };
        for (profile, expected) in [
            (ServerProfile::DEFAULT, vec![]),
            (optional, vec![Note::RequestsCertificates]),
            (required_in(Versions::Tls13), vec![requires()]),
            (
                required_in(Versions::Tls12),
                vec![Note::Tls12Only, requires()],
            ),
        ] {
            let server = rustls(pki.server_config(&profile));
            let noted = notes(&pki, server, Profile::default());
            assert_eq!(noted, expected, "{profile:?}");
        }
    }

    #[test]
    fn a_server_that_requires_certificates_as_its_profile_says_is_not_worth_a_note() {
        let pki = Pki::new();
        let server = rustls(pki.server_config(&REQUIRED));
        let profile = Profile {
            client_certificates: true,
            ..Profile::default()
        };
        assert_eq!(notes(&pki, server, profile), []);
        // another authority of the same name
        let refuses = Note::Refuses {
            received: vec![AlertDescription::DECRYPT_ERROR],
        };
        assert_eq!(notes(&Pki::new(), server, profile), [refuses]);
    }

    #[test]
    fn a_server_of_one_client_at_a_time_is_noticed_unless_that_is_asked_for() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if let Ok(1..) = stream.read(&mut [0; 1024]) {
                    let _ = stream.write_all(&wire::alert(2, 40));
                    let _ = stream.shutdown(Shutdown::Write);
                    let _ = stream.read_to_end(&mut Vec::new());
                }
            }
        });
        let pki = Pki::new();
        let refuses = Note::Refuses {
            received: vec![AlertDescription::HANDSHAKE_FAILURE],
        };
        let target = Target::new(address, &pki, Duration::from_secs(1));
        let probed = server(&target, 2, Profile::default()).unwrap();
        assert!(probed.is_serial);
        assert_eq!(probed.notes, [Note::OneAtATime, refuses.clone()]);
        let probed = server(&target, 1, Profile::default()).unwrap();
        assert!(!probed.is_serial);
        assert_eq!(probed.notes, [refuses]);
    }

    #[test]
    fn a_note_is_a_sentence_with_what_to_do() {
        let received = vec![AlertDescription::CERTIFICATE_REQUIRED];
        assert_eq!(
            Note::RequiresCertificates { received }.to_string(),
            "the server requires client certificates: a client without one, and without a fault, \
             got certificate_required (116); some results are about that and not about the \
             client's fault; lastword-census setup shows how to test certificates"
        );
        let received = Vec::new();
        assert_eq!(
            Note::Refuses { received }.to_string(),
            "the server refuses a client without a fault, which got no alert; the results may be \
             about that; see --name and --profile"
        );
    }
}
