//! How a rustls client runs, driven by hand so that every byte and the end are seen.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use lastword_alert::{Alert, AlertDescription};
use rustls::{ClientConfig, ClientConnection};
use rustls_pki_types::ServerName;

use super::alter::{Alter, flipped, in_five, last_flipped, with_version};
use super::observed::Reading;
use super::{Observed, Target};
use crate::line::Line;
use crate::pki::ClientProfile;
use crate::server::rehearse;

mod greeted;

pub(crate) use greeted::Greeted;

/// What a client asks for as soon as its own side of the handshake is done.
const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A rustls client that does the handshake, asks for `/`, and reads to the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsClient {
    /// How rustls is set up.
    pub(crate) profile: ClientProfile,
    /// The name it asks for, if it is not the server's.
    pub(crate) name: Option<&'static str>,
    /// What happens to its bytes on their way.
    pub(crate) alters: Alter,
    /// Whether its receive window is as small as can be.
    pub(crate) narrow: bool,
}

impl TlsClient {
    /// The default client.
    pub(crate) const DEFAULT: Self = Self {
        profile: ClientProfile::DEFAULT,
        name: None,
        alters: Alter::Nothing,
        narrow: false,
    };
}

impl TlsClient {
    pub(crate) fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        let name = server_name(self.name.unwrap_or(target.name()))?;
        let config = target.pki.client_config(&ClientProfile {
            trusts_any: target.foreign.is_some(),
            ..self.profile
        });
        match (self.alters, target.foreign) {
            (Alter::Binder, None) => {
                rehearse(target.pki, &config, &name).map_err(io::Error::other)?;
            }
            (Alter::Binder, Some(_)) => rehearse_with(target, &config, &name)?,
            _ => {}
        }
        let tls = ClientConnection::new(config, name).map_err(io::Error::other)?;
        let mut session = Session::new(tls, Line::connect(target, self.narrow)?);
        session.alters = self.alters;
        while session.step()? {}
        session.observed()
    }
}

/// Has the client do a handshake with the server, for a ticket.
fn rehearse_with(
    target: &Target<'_>,
    config: &Arc<ClientConfig>,
    name: &ServerName<'static>,
) -> io::Result<()> {
    let tls = ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
    let mut session = Session::new(tls, Line::connect(target, false)?);
    while session.step()? {}
    match session.tls.tls13_tickets_received() {
        0 => Err(io::ErrorKind::Unsupported.into()),
        _ => Ok(()),
    }
}

pub(super) fn server_name(name: &str) -> io::Result<ServerName<'static>> {
    ServerName::try_from(name.to_owned()).map_err(io::Error::other)
}

/// A rustls client at work.
pub(super) struct Session {
    tls: ClientConnection,
    pub(super) line: Line,
    alters: Alter,
    /// Whether the client has said farewell: once it has seen the end it writes no more.
    pub(super) departs: bool,
    hello_sent: bool,
    /// Whether the last record written was `change_cipher_spec`.
    changed: bool,
    asked: bool,
    failed: Option<rustls::Error>,
    told_after: Option<Duration>,
    received: Vec<u8>,
    reply: Vec<u8>,
}

impl Session {
    /// A client that has written nothing yet.
    pub(super) const fn new(tls: ClientConnection, line: Line) -> Self {
        Self {
            tls,
            line,
            alters: Alter::Nothing,
            departs: false,
            hello_sent: false,
            changed: false,
            asked: false,
            failed: None,
            told_after: None,
            received: Vec::new(),
            reply: Vec::new(),
        }
    }

    /// All bytes received.
    pub(super) fn received(&self) -> &[u8] {
        &self.received
    }

    /// Writes what there is to write, reads once, and says whether to go on.
    fn step(&mut self) -> io::Result<bool> {
        self.send()?;
        if !self.asked && !self.tls.is_handshaking() {
            self.asked = true;
            self.tls.writer().write_all(REQUEST)?;
            return Ok(true);
        }
        self.receive()
    }

    /// Reads once, and says whether there was anything but the end.
    pub(super) fn receive(&mut self) -> io::Result<bool> {
        let Some(bytes) = self.line.read(usize::MAX)? else {
            return Ok(false);
        };
        self.received.extend_from_slice(&bytes);
        if self.failed.is_none() {
            self.take(&bytes)?;
        }
        Ok(true)
    }

    /// Hands rustls what has arrived.
    fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.tls.read_tls(&mut bytes)? == 0 {
                break; // rustls takes nothing behind a close_notify
            }
            let is_told = match self.tls.process_new_packets() {
                Ok(state) => state.peer_has_closed(),
                Err(error) => {
                    let is_alert = matches!(error, rustls::Error::AlertReceived(_));
                    self.failed = Some(error);
                    is_alert
                }
            };
            if is_told {
                self.told_after.get_or_insert(self.line.elapsed());
            }
            if self.failed.is_some() {
                break;
            }
        }
        match self.tls.reader().read_to_end(&mut self.reply) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }

    /// All that rustls has to write.
    pub(super) fn output(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// Writes all that rustls has to write, altered.
    pub(super) fn send(&mut self) -> io::Result<()> {
        let bytes = self.output()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let first = !std::mem::replace(&mut self.hello_sent, true);
        match self.alters {
            Alter::Bytewise => self.line.write_bytewise(&bytes)?,
            Alter::FiveRecords if first => self.line.write(&in_five(&bytes))?,
            Alter::HeaderVersion(version) if first => {
                self.line.write(&with_version(version, &bytes))?
            }
            Alter::Binder if first => self.line.write(&last_flipped(&bytes))?,
            Alter::FirstSealedRecord => {
                let flipped = flipped(&bytes, &mut self.changed);
                if flipped != bytes {
                    self.alters = Alter::Nothing;
                }
                self.line.write(&flipped)?
            }
            _ => self.line.write(&bytes)?,
        };
        Ok(())
    }

    /// What was seen, once the stream has ended.
    pub(super) fn observed(mut self) -> io::Result<Observed> {
        let alpn = self.tls.alpn_protocol().map(<[u8]>::to_vec);
        let mut alerts = Vec::new();
        let mut end = None;
        let closed = self.failed.is_none()
            && self
                .tls
                .process_new_packets()
                .is_ok_and(|state| state.peer_has_closed());
        match self.failed {
            Some(rustls::Error::AlertReceived(description)) => {
                let description = AlertDescription(description.into());
                alerts.push(Alert::new(description));
                self.probe()?;
            }
            Some(_) => {} // it is the client that refuses: it has said so and left
            None if closed => {
                alerts.push(Alert::new(AlertDescription::CLOSE_NOTIFY));
                // what becomes of the farewell is no matter: the server has all it needs
                end = Some(self.line.end());
                self.tls.send_close_notify();
                let mut farewell = Vec::new();
                self.tls.write_tls(&mut farewell)?;
                self.line.write(&farewell)?;
            }
            None => self.probe()?,
        }
        Ok(Observed {
            unreadable: Reading::of(&self.received)
                .alert_records
                .saturating_sub(alerts.len()),
            alerts,
            told_after: self.told_after,
            plaintext: Vec::new(),
            end: end.unwrap_or_else(|| self.line.end()),
            alpn,
            reply: (!self.reply.is_empty()).then_some(self.reply),
        })
    }

    /// Looks whether the server still reads, unless the client has no more to say.
    fn probe(&mut self) -> io::Result<()> {
        if self.departs {
            return Ok(());
        }
        self.line.probe()
    }
}
