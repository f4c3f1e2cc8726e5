//! Encrypts the records of one connection, in order and each once.
//!
//! During the handshake rustls gets an encrypter that only keeps the plaintext of a record, and
//! returns a record of zeros in its place, as long as the encrypted one. The plaintext is encrypted when the record is sent, or
//! dropped. So a sequence number is used by a record that is sent, and by no other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lastword_alert::{Alert, AlertLevel};
use lastword_record::{HandshakeType, Header};
use rustls::Error;
use rustls::crypto::cipher::{EncodableVersion, OutboundPlain, Record, RecordEncrypter};
use rustls::enums::{ContentType, ProtocolVersion};

use super::current;
use crate::backend::CertificateDer;
use crate::messages::{Messages, Proof};
use crate::panic::Panic;

/// The content type of a record in rustls's queue that stands for one that is not encrypted yet. No
/// record of TLS has it.
pub(super) const PLACEHOLDER: u8 = 0;

/// The keys of a connection for sending, and its records that are not encrypted yet.
///
/// The connection and the encrypters that rustls has of it share it. Each of the two is used by one
/// thread at a time, so the lock is never contended.
#[derive(Default)]
pub(super) struct Sealer(Mutex<State>);

#[derive(Default)]
struct State {
    keys: Option<Keys>,
    deferred: VecDeque<Deferred>,
    mode: Mode,
    is_answered: bool,
    /// Whether the secret of TLS 1.2 is known, and no encrypter was made of it yet.
    takes_tls12_keys: bool,
    /// Whether rustls holds back the answer to a KeyUpdate, which is encrypted.
    holds_key_update: bool,
    /// What the client sent, encrypted.
    messages: Messages,
}

/// What happens to a record that rustls encrypts.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    /// It is deferred.
    #[default]
    Handshaking,
    /// It is encrypted at once, unless it is an alert.
    Complete,
    /// The next one takes the keys back to rustls.
    Released,
}

/// What happens next, in order.
enum Deferred {
    /// Later records are encrypted with these keys.
    Keys(Box<dyn RecordEncrypter>),
    Record(Plain),
}

/// A record that is not encrypted.
struct Plain {
    content_type: ContentType,
    version: EncodableVersion,
    payload: Vec<u8>,
}

/// An encrypter and the sequence number of its next record.
pub(super) struct Keys {
    encrypter: Box<dyn RecordEncrypter>,
    next: u64,
}

impl Keys {
    const fn new(encrypter: Box<dyn RecordEncrypter>) -> Self {
        Self { encrypter, next: 0 }
    }

    /// Encrypts a record with the next sequence number, into the front of `out`.
    #[inline]
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let number = self.next;
        // a number is used up even if the encrypter fails
        self.next = number.checked_add(1).ok_or(Error::EncryptError)?;
        self.encrypter.encrypt(record, number, out)
    }
}

impl State {
    /// Uses the keys that come next, if no record comes before them.
    fn change_keys(&mut self) {
        while let Some(Deferred::Keys(_)) = self.deferred.front() {
            if let Some(Deferred::Keys(encrypter)) = self.deferred.pop_front() {
                self.keys = Some(Keys::new(encrypter));
            }
        }
    }

    fn seal(&mut self, record: &Plain, out: &mut Vec<u8>) -> Result<(), Error> {
        let keys = self.keys.as_mut().ok_or(Error::EncryptError)?;
        let mut sealed = vec![0; keys.encrypter.encrypted_payload_len(record.payload.len())];
        let record = Record::new(
            record.content_type,
            record.version,
            OutboundPlain::Single(&record.payload),
        );
        // rustls calls an encrypter where a panic is caught
        let encrypt = || keys.encrypt(record, &mut sealed);
        let sealed = Panic::catch(encrypt).unwrap_or(Err(Error::EncryptError))?;
        let header = Header {
            content_type: lastword_record::ContentType(sealed.typ.into()),
            version: lastword_record::ProtocolVersion(sealed.version.encode().into()),
            length: sealed
                .payload
                .len()
                .try_into()
                .map_err(|_| Error::EncryptError)?,
        };
        out.extend(header.to_bytes());
        out.extend(sealed.payload);
        Ok(())
    }

    /// Encrypts the next deferred record.
    fn seal_next(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.change_keys();
        match self.deferred.pop_front() {
            Some(Deferred::Record(record)) => self.seal(&record, out),
            _ => Ok(()), // it was dropped
        }
    }

    /// Takes a record that rustls encrypts.
    fn take<'a>(
        &mut self,
        record: &Record<OutboundPlain<'_>>,
        out: &'a mut [u8],
    ) -> Result<Taken<'a>, Error> {
        self.holds_key_update = false; // rustls queues it before any other record
        match self.mode {
            Mode::Handshaking => {}
            Mode::Complete if record.typ == ContentType::Alert || !self.deferred.is_empty() => {}
            Mode::Complete if self.keys.is_none() => {} // an earlier record could not be encrypted
            Mode::Complete => {
                self.holds_key_update = is_key_update(record);
                let keys = self.keys.as_mut().ok_or(Error::EncryptError)?;
                return keys.encrypt(record.clone(), out).map(Taken::Record);
            }
            Mode::Released => {
                let keys = self.keys.take().ok_or(Error::EncryptError)?;
                return Ok(Taken::Keys(keys, out));
            }
        }
        let len = self.encrypted_payload_len(record.payload.len());
        self.deferred.push_back(Deferred::Record(Plain {
            content_type: record.typ,
            version: record.version,
            payload: record.payload.to_vec(),
        }));
        let zeros = out.get(..len).ok_or(Error::EncryptError)?;
        let placeholder = Record::new(ContentType(PLACEHOLDER), record.version, zeros);
        Ok(Taken::Record(placeholder))
    }

    /// Returns the length of a record with the last keys, which are the encrypter's that rustls has.
    fn encrypted_payload_len(&self, len: usize) -> usize {
        let next = self.deferred.iter().rev().find_map(|next| match next {
            Deferred::Keys(encrypter) => Some(encrypter),
            Deferred::Record(_) => None,
        });
        let encrypter = next.or(self.keys.as_ref().map(|keys| &keys.encrypter));
        encrypter.map_or(len, |it| it.encrypted_payload_len(len))
    }
}

enum Taken<'a> {
    /// The record for rustls's queue.
    Record(Record<&'a [u8]>),
    /// The keys are rustls's again.
    Keys(Keys, &'a mut [u8]),
}

/// Returns whether it is a KeyUpdate (RFC 8446 section 4.6.3). rustls never splits one.
fn is_key_update(record: &Record<OutboundPlain<'_>>) -> bool {
    record.typ == ContentType::Handshake
        && record.payload.len() == 5
        && record.payload.to_vec().starts_with(&[24, 0, 0, 1])
}

impl Sealer {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an encrypter for rustls whose records are encrypted here, with these keys.
    pub(super) fn attach(self: Arc<Self>, encrypter: Box<dyn RecordEncrypter>) -> Attached {
        let mut state = self.state();
        state.takes_tls12_keys = false;
        state.deferred.push_back(Deferred::Keys(encrypter));
        if state.mode == Mode::Complete {
            state.change_keys();
        }
        drop(state);
        Attached::To(self)
    }

    /// Notes that rustls has the secret of TLS 1.2.
    pub(super) fn has_tls12_secret(&self) {
        self.state().takes_tls12_keys = true;
    }

    /// Returns whether an encrypter of TLS 1.2 is still to be made.
    pub(super) fn takes_tls12_keys(&self) -> bool {
        self.state().takes_tls12_keys
    }

    /// Returns whether rustls holds back the answer to a KeyUpdate.
    pub(super) fn holds_key_update(&self) -> bool {
        self.state().holds_key_update
    }

    /// Notes that the ClientHello is answered, so that the client's encrypted records come next.
    pub(super) fn answered(&self) {
        self.state().is_answered = true;
    }

    /// Follows the decrypted handshake records of the client. For other records the payload is empty.
    pub(super) fn received(&self, payload: &[u8]) {
        let mut state = self.state();
        // earlier it is for a connection that the application's code drives meanwhile
        if state.is_answered {
            state.messages.receive(payload, true);
        }
    }

    /// Returns the client's message that an error is about, if that is known.
    pub(super) fn message(&self) -> Option<HandshakeType> {
        self.state().messages.current()
    }

    /// Returns what an error about the client's certificates is about.
    pub(super) fn proof(&self) -> Proof {
        self.state().messages.proof()
    }

    /// Returns the certificates that the client sent, encrypted.
    pub(super) fn client_certificates(&self) -> Vec<CertificateDer<'static>> {
        let version = lastword_record::ProtocolVersion::TLS_1_3;
        self.state().messages.certificates(version)
    }

    /// Returns whether there are keys, in use or to be used next.
    pub(super) fn has_keys(&self) -> bool {
        let state = self.state();
        state.keys.is_some() || !state.deferred.is_empty()
    }

    /// Encrypts the next deferred record, and appends it to `out`. Returns false if it cannot be
    /// encrypted.
    pub(super) fn seal_next(&self, out: &mut Vec<u8>) -> bool {
        let mut state = self.state();
        let is_sealed = state.seal_next(out).is_ok();
        if !is_sealed {
            // no later record may take its place
            state.keys = None;
        }
        state.change_keys(); // free the memory of the earlier keys
        if state.deferred.is_empty() {
            state.deferred = VecDeque::new(); // free its memory
        }
        is_sealed
    }

    /// Returns the fatal alert that rustls queued last, if any.
    pub(super) fn last_alert(&self) -> Option<Alert> {
        match self.state().deferred.back()? {
            Deferred::Record(record) if record.content_type == ContentType::Alert => {
                let alert = Alert::parse(&record.payload).ok();
                alert.filter(|alert| alert.level == AlertLevel::FATAL)
            }
            _ => None,
        }
    }

    /// Drops the alert that rustls queued last, if any.
    pub(super) fn drop_alert(&self) {
        let mut state = self.state();
        if let Some(Deferred::Record(record)) = state.deferred.back() {
            if record.content_type == ContentType::Alert {
                state.deferred.pop_back();
            }
        }
    }

    /// Drops all deferred records. Keys that come after one of them are not used: the client does not
    /// change its keys without the record.
    pub(super) fn drop_all(&self) {
        let mut state = self.state();
        state.change_keys();
        state.deferred = VecDeque::new();
    }

    /// Encrypts an alert, after all deferred records, and appends it to `out`. Returns whether it did.
    pub(super) fn seal_alert(&self, alert: Alert, out: &mut Vec<u8>) -> bool {
        let mut state = self.state();
        state.change_keys();
        let record = Plain {
            content_type: ContentType::Alert,
            version: EncodableVersion::Legacy(ProtocolVersion::TLSv1_2),
            payload: alert.to_bytes().to_vec(),
        };
        state.seal(&record, out).is_ok()
    }

    /// Ends the handshake: later records are encrypted at once, except for alerts. No record may be
    /// deferred.
    pub(super) fn complete(&self) {
        let mut state = self.state();
        state.change_keys();
        state.mode = Mode::Complete;
    }

    /// Returns whether a record is deferred, or would be, whatever it is.
    pub(super) fn is_deferring(&self) -> bool {
        let state = self.state();
        state.mode == Mode::Handshaking || !state.deferred.is_empty()
    }

    /// Gives the keys back to rustls. No record may be deferred.
    pub(super) fn release(&self) {
        let mut state = self.state();
        state.change_keys();
        state.mode = Mode::Released;
    }
}

/// The encrypter that rustls has.
pub(super) enum Attached {
    /// The keys are here.
    To(Arc<Sealer>),
    /// The keys are rustls's again.
    Released(Keys),
}

impl Attached {
    /// Encrypts or defers a record while the keys are shared.
    #[cold]
    fn shared<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        number: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let Self::To(sealer) = self else {
            return Err(Error::EncryptError);
        };
        let taken = sealer.state().take(&record, out)?;
        match taken {
            Taken::Record(sealed) => {
                if is_key_update(&record) {
                    current::announce(sealer);
                }
                Ok(sealed)
            }
            Taken::Keys(keys, out) => {
                *self = Self::Released(keys);
                self.encrypt(record, number, out)
            }
        }
    }
}

impl RecordEncrypter for Attached {
    #[inline]
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        number: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        match self {
            // rustls has counted the same records
            Self::Released(keys) if keys.next == number => keys.encrypt(record, out),
            _ => self.shared(record, number, out),
        }
    }

    fn encrypted_payload_len(&self, len: usize) -> usize {
        match self {
            Self::Released(keys) => keys.encrypter.encrypted_payload_len(len),
            Self::To(sealer) => sealer.state().encrypted_payload_len(len),
        }
    }
}
