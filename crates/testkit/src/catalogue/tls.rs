//! How a rustls client runs, driven by hand so that every byte and the end are seen.

use std::io::{self, Read, Write};

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, Header, LengthLimit, ProtocolVersion, Records};
use rustls::ClientConnection;
use rustls_pki_types::ServerName;

use super::observed::Reading;
use super::{Observed, Target};
use crate::line::Line;
use crate::pki::ClientProfile;
use crate::wire;

/// What a client asks for as soon as its own side of the handshake is done.
const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A rustls client that does the handshake, asks for `/`, and reads to the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsClient {
    /// How rustls is set up.
    pub(crate) profile: ClientProfile,
    /// The name it asks for.
    pub(crate) name: &'static str,
    /// What happens to its bytes on their way.
    pub(crate) alters: Alter,
    /// Whether its receive window is as small as can be.
    pub(crate) narrow: bool,
}

impl TlsClient {
    /// The default client, which asks for `localhost`.
    pub(crate) const DEFAULT: Self = Self {
        profile: ClientProfile::DEFAULT,
        name: "localhost",
        alters: Alter::Nothing,
        narrow: false,
    };
}

/// What happens to a client's bytes on their way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alter {
    /// Nothing.
    Nothing,
    /// They are written one at a time.
    Bytewise,
    /// The `ClientHello` is cut into five records.
    FiveRecords,
    /// The first record's header has this version.
    HeaderVersion(u16),
    /// One bit of the first encrypted record is flipped.
    FirstSealedRecord,
}

impl TlsClient {
    pub(crate) fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        let name = ServerName::try_from(self.name).map_err(io::Error::other)?;
        let config = target.pki.client_config(&self.profile);
        let mut session = Session {
            tls: ClientConnection::new(config, name).map_err(io::Error::other)?,
            line: Line::connect(target, self.narrow)?,
            alters: self.alters,
            hello_sent: false,
            asked: false,
            failed: None,
            received: Vec::new(),
            reply: Vec::new(),
        };
        while session.step()? {}
        session.observed()
    }
}

/// A rustls client at work.
struct Session {
    tls: ClientConnection,
    line: Line,
    alters: Alter,
    hello_sent: bool,
    asked: bool,
    failed: Option<rustls::Error>,
    received: Vec<u8>,
    reply: Vec<u8>,
}

impl Session {
    /// Writes what there is to write, reads once, and says whether to go on.
    fn step(&mut self) -> io::Result<bool> {
        self.send()?;
        if !self.asked && !self.tls.is_handshaking() {
            self.asked = true;
            self.tls.writer().write_all(REQUEST)?;
            return Ok(true);
        }
        let Some(bytes) = self.line.read()? else {
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
            if let Err(error) = self.tls.process_new_packets() {
                self.failed = Some(error);
                break;
            }
        }
        match self.tls.reader().read_to_end(&mut self.reply) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes all that rustls has to write, altered.
    fn send(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut bytes)?;
        }
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
            Alter::FirstSealedRecord => {
                let flipped = flipped(&bytes);
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
    fn observed(mut self) -> io::Result<Observed> {
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
                self.line.probe()?;
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
            None => self.line.probe()?,
        }
        Ok(Observed {
            unreadable: Reading::of(&self.received)
                .alert_records
                .saturating_sub(alerts.len()),
            alerts,
            plaintext: Vec::new(),
            end: end.unwrap_or_else(|| self.line.end()),
            alpn,
            reply: (!self.reply.is_empty()).then_some(self.reply),
        })
    }
}

/// The message in the first record of `bytes`, which is all there is, in five records.
fn in_five(bytes: &[u8]) -> Vec<u8> {
    let message = bytes.get(Header::LEN..).unwrap_or_default();
    let size = message.len() / 5;
    wire::split_into_records(message, &[size; 4])
}

/// `bytes`, of which the first record's header has another version.
fn with_version(version: u16, bytes: &[u8]) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    match bytes {
        [content_type, _, _, rest @ ..] => [&[*content_type, major, minor], rest].concat(),
        _ => bytes.to_vec(),
    }
}

/// `bytes` with the lowest bit of the last byte flipped in the record behind `change_cipher_spec`,
/// which is the first that is encrypted, in TLS 1.2 as in TLS 1.3.
fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut changed = false;
    let mut altered = Vec::new();
    let mut records = Records::new(bytes, LengthLimit::TLS12_CIPHERTEXT);
    for record in records.by_ref() {
        let Header {
            content_type,
            version: ProtocolVersion(version),
            ..
        } = record.header;
        let mut payload = record.payload.to_vec();
        if changed {
            if let Some(last) = payload.last_mut() {
                *last ^= 1;
            }
        }
        changed = content_type == ContentType::CHANGE_CIPHER_SPEC;
        altered.extend(wire::record(
            content_type,
            ProtocolVersion(version),
            &payload,
        ));
    }
    altered.extend(records.remainder());
    altered
}
