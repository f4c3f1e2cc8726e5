//! Alerts under encryption: the records of a connection whose keys are shared with this crate.
//!
//! rustls encrypts only its own alerts. With a provider of [`encrypted_alerts`], the records of a
//! handshake are encrypted here when they are sent. An alert of this crate can follow them. Records
//! that must not be sent any more are dropped. Once the handshake is complete and written, only rustls
//! has the keys.

mod current;
mod provider;
mod sealer;

use std::io::{self, Write};
use std::sync::Arc;

use lastword_alert::{Alert, AlertDescription, AlertLevel};
use lastword_record::{HandshakeType, Header, ProtocolVersion};
use rustls::crypto::{CryptoProvider, TicketProducer};
use rustls::{KeyLog, ServerConfig};

pub use provider::encrypted_alerts;

use super::CertificateDer;
use super::buffered::Buffered;
use super::connection::{Connection, HandshakeKind, Inner};
use current::{Announcing, Apart};
use sealer::{PLACEHOLDER, Sealer};

use crate::messages::Proof;

/// The keys of a connection and what it still has to write.
#[derive(Default)]
pub(super) struct Seal {
    sealer: Arc<Sealer>,
    out: Vec<u8>,
    /// How many bytes of it are written.
    written: usize,
    /// The fatal alert in it. No other alert follows.
    fatal: Option<AlertDescription>,
    /// Whether the provider could not encrypt a record. No other record follows.
    has_failed: bool,
}

/// RFC 8446 6.1: user_canceled is followed by close_notify
const CANCEL: [AlertDescription; 2] = [
    AlertDescription::USER_CANCELED,
    AlertDescription::CLOSE_NOTIFY,
];

/// Returns whether the encrypters of all suites can be shared.
pub(super) fn is_shared(provider: &CryptoProvider) -> bool {
    let (tls12, tls13) = (&provider.tls12_cipher_suites, &provider.tls13_cipher_suites);
    tls12.iter().all(|suite| provider::is_wrapped_tls12(suite))
        && tls13.iter().all(|suite| provider::is_wrapped_tls13(suite))
}

/// Returns the configuration for connections whose keys are shared.
pub(super) fn announcing(config: &ServerConfig) -> ServerConfig {
    let mut config = config.clone();
    let inner = Arc::clone(&config.key_log);
    config.key_log = Arc::new(Announcing(inner)) as Arc<dyn KeyLog>;
    let ticketer = config.ticketer.take();
    config.ticketer = ticketer.map(|inner| Arc::new(Apart(inner)) as Arc<dyn TicketProducer>);
    config
}

/// Calls `action`, which drives a connection whose keys are not shared.
pub(super) fn driving_another<T>(action: impl FnOnce() -> T) -> T {
    current::driving_another(action)
}

impl Seal {
    /// Calls `action`, which drives this connection.
    ///
    /// `changes_keys`: whether its first record is a change_cipher_spec. In TLS 1.2 rustls 0.24 makes the
    /// encrypter of a full handshake for it, without a call of the application's code before.
    pub(super) fn driving<T>(&self, changes_keys: bool, action: impl FnOnce() -> T) -> T {
        current::driving(&self.sealer, || {
            if changes_keys {
                current::announce_tls12(&self.sealer);
            }
            action()
        })
    }

    /// Notes that the ClientHello is answered.
    pub(super) fn answered(&self) {
        self.sealer.answered();
    }

    /// Returns the client's message that an error is about, if that is known.
    pub(super) fn message(&self) -> Option<HandshakeType> {
        self.sealer.message()
    }

    /// Returns what an error about the client's certificates is about.
    pub(super) fn proof(&self) -> Proof {
        self.sealer.proof()
    }

    /// Returns the certificates that the client sent in TLS 1.3.
    pub(super) fn client_certificates(&self) -> Vec<CertificateDer<'static>> {
        self.sealer.client_certificates()
    }

    /// Returns whether there is something to write that rustls does not have any more, or a write
    /// returns that it could not be encrypted.
    pub(super) fn wants_write(&self) -> bool {
        self.has_failed || self.has_unwritten()
    }

    fn has_unwritten(&self) -> bool {
        self.written < self.out.len()
    }

    /// Takes all that rustls has queued, and encrypts what is deferred. rustls writes complete records.
    pub(super) fn take_from(&mut self, rustls: &mut Buffered) {
        let queue = rustls.take_queue();
        let mut records = &queue[..];
        while let Some(header) = records.first_chunk() {
            let header = Header::from_bytes(*header);
            let len = Header::LEN + usize::from(header.length);
            let Some((record, rest)) = records.split_at_checked(len) else {
                self.has_failed = true; // a part of a record
                return;
            };
            match header.content_type.0 {
                _ if self.has_failed => {}
                PLACEHOLDER => self.has_failed = !self.sealer.seal_next(&mut self.out),
                _ => self.out.extend(record),
            }
            records = rest;
        }
    }

    /// Takes all that rustls has queued, if a record of it may be deferred. Other records stay in
    /// rustls's queue, which has a limit.
    pub(super) fn take_deferred(&mut self, rustls: &mut Buffered) {
        if self.sealer.is_deferring() {
            self.take_from(rustls);
        }
    }

    /// Makes rustls queue its answer to a KeyUpdate, which it holds back until it next sends data.
    fn flush_key_update(&self, rustls: &mut Buffered) {
        if self.sealer.holds_key_update() {
            self.driving(false, || rustls.flush_key_update());
        }
    }

    fn write_to(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        let n = wr.write(self.out.get(self.written..).unwrap_or_default())?;
        self.written += n;
        if !self.has_unwritten() {
            (self.out, self.written) = (Vec::new(), 0);
        }
        Ok(n)
    }
}

impl Connection {
    /// Writes once to `wr`. Once all is written after the handshake, rustls gets its keys back.
    #[cold]
    pub(super) fn write_sealed(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        let Some(seal) = &mut self.inner.seal else {
            return self.inner.rustls.write_tls(wr);
        };
        if !seal.has_unwritten() {
            seal.take_from(&mut self.inner.rustls);
        }
        let n = match seal.has_unwritten() {
            true => seal.write_to(wr)?,
            false if seal.has_failed => return Err(io::ErrorKind::InvalidData.into()),
            false => 0,
        };
        self.release_if_written();
        Ok(n)
    }

    /// Gives the keys back to rustls, if the handshake is complete and all is written that rustls does
    /// not have.
    fn release_if_written(&mut self) {
        let is_over = |seal: &mut Box<Seal>| !seal.sealer.is_deferring() && !seal.wants_write();
        if let Some(seal) = self.inner.seal.take_if(is_over) {
            seal.sealer.release();
        }
    }

    /// Ends the handshake successfully. Records of rustls are then encrypted at once.
    pub(crate) fn complete(&mut self) {
        if let Some(seal) = &mut self.inner.seal {
            seal.flush_key_update(&mut self.inner.rustls);
            seal.take_from(&mut self.inner.rustls);
            seal.sealer.complete();
        }
    }

    /// Gives the keys back to rustls, now if all is written.
    pub(crate) fn released(mut self) -> Self {
        if let Some(seal) = &mut self.inner.seal {
            seal.take_deferred(&mut self.inner.rustls);
        }
        self.release_if_written();
        self
    }

    /// Returns the fatal alert that rustls has queued last, if it is deferred.
    pub(crate) fn deferred_alert(&self) -> Option<AlertDescription> {
        let alert = self.inner.seal.as_ref()?.sealer.last_alert()?;
        Some(alert.description)
    }

    /// Queues this alert, encrypted, after what is queued. It takes the place of a fatal alert that
    /// rustls has queued last. Returns the alert that the client gets: if an earlier one was fatal, it
    /// is that one.
    ///
    /// Returns `None` if the connection does not encrypt yet, or its keys are not shared.
    pub(crate) fn seal_alert(&mut self, alert: AlertDescription) -> Option<AlertDescription> {
        match self.is_encrypting() {
            true => self.seal(alert),
            false => None,
        }
    }

    fn seal(&mut self, alert: AlertDescription) -> Option<AlertDescription> {
        let Inner { rustls, seal, .. } = &mut *self.inner;
        let seal = seal.as_mut().filter(|it| it.sealer.has_keys())?;
        if let Some(alert) = seal.fatal {
            return Some(alert);
        }
        seal.flush_key_update(rustls);
        let record = Alert::new(alert);
        if record.level == AlertLevel::FATAL {
            seal.fatal = Some(alert);
            if seal.sealer.last_alert().is_none() {
                // so that rustls counts the record, and sends no alert after it
                seal.take_from(rustls);
                rustls.send_close_notify();
            }
            seal.sealer.drop_alert();
        }
        seal.take_from(rustls);
        let is_sealed = seal.sealer.seal_alert(record, &mut seal.out);
        seal.has_failed |= !is_sealed;
        is_sealed.then_some(alert)
    }

    /// Queues `user_canceled` and `close_notify` (RFC 8446 section 6.1), encrypted if the connection
    /// is. Returns the first alert that the client gets, or `None` if the keys are not shared.
    pub(crate) fn cancel(&mut self) -> Option<AlertDescription> {
        let [user_canceled, close_notify] = CANCEL;
        if self.is_encrypting() {
            let first = self.seal(user_canceled)?;
            self.seal(close_notify)?;
            return Some(first);
        }
        let is_queued = self.queue_plaintext(user_canceled) && self.queue_plaintext(close_notify);
        is_queued.then_some(user_canceled)
    }

    /// Queues this alert instead of the last messages of a handshake that is complete only for
    /// rustls: its answer to the client's Finished is dropped. Returns false if the keys are not
    /// shared.
    pub(crate) fn refuse(&mut self, alert: AlertDescription) -> bool {
        if !self.drop_unsent() {
            return false;
        }
        // RFC 5246 7.4.9: in a full handshake the server's change_cipher_spec comes after the
        // client's Finished. It is dropped, so the alert is not encrypted.
        let is_plaintext = self.protocol_version() == Some(ProtocolVersion::TLS_1_2)
            && self.handshake_kind() != Some(HandshakeKind::Resumed);
        let alerts = match alert {
            AlertDescription::USER_CANCELED => &CANCEL[..],
            _ => &[alert],
        };
        alerts.iter().all(|alert| match is_plaintext {
            true => self.queue_plaintext(*alert),
            false => self.seal(*alert).is_some(),
        })
    }

    /// Drops what is not encrypted yet.
    pub(crate) fn drop_deferred(&self) {
        if let Some(seal) = &self.inner.seal {
            seal.sealer.drop_all();
        }
    }

    /// Drops what rustls has queued since it was driven last, and what is not encrypted yet. Returns
    /// false if the keys are not shared.
    fn drop_unsent(&mut self) -> bool {
        let Inner { rustls, seal, .. } = &mut *self.inner;
        let Some(seal) = seal.as_ref().filter(|it| it.sealer.has_keys()) else {
            return false;
        };
        seal.sealer.drop_all();
        drop(rustls.take_queue());
        true
    }

    /// Queues an alert in plaintext, after what is queued. Returns false if the keys are not shared.
    fn queue_plaintext(&mut self, alert: AlertDescription) -> bool {
        let Inner { rustls, seal, .. } = &mut *self.inner;
        let Some(seal) = seal else {
            return false;
        };
        seal.take_from(rustls);
        seal.out.extend(Alert::new(alert).to_record());
        true
    }

    /// Returns whether a record could not be encrypted.
    pub(super) fn has_failed(&self) -> bool {
        self.inner.seal.as_ref().is_some_and(|seal| seal.has_failed)
    }

    /// Returns whether the keys are shared.
    pub(crate) const fn is_shared(&self) -> bool {
        self.inner.seal.is_some()
    }
}
