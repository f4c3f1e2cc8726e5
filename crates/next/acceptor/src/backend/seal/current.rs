//! Finds the connection that an encrypter is made for.
//!
//! rustls makes an encrypter without saying for which connection. So the connection that is driven is
//! noted for the thread, and its key log tells when rustls makes the next encrypter: right after the
//! secret for it is offered to the log. Code of the application that rustls calls may drive other
//! connections meanwhile, of the same provider. Their secrets are not offered to this key log, so their
//! encrypters are not taken for this connection's. The secrets themselves are not looked at.
//!
//! In a full handshake of TLS 1.2 rustls makes the encrypter later: for the client's change_cipher_spec,
//! before it calls code of the application.
//!
//! A KeyUpdate changes keys without a log. It is a record of the connection's own encrypter, and rustls
//! makes the next encrypter right after it.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::KeyLog;
use rustls::crypto::TicketProducer;

use super::sealer::Sealer;

thread_local! {
    /// The connection that is driven.
    static CURRENT: RefCell<Option<Arc<Sealer>>> = const { RefCell::new(None) };
    /// The connection that the next encrypter is made for, if it is known.
    static NEXT: RefCell<Option<Arc<Sealer>>> = const { RefCell::new(None) };
}

/// Calls `action`, which drives a connection without a sealer.
pub(super) fn driving_another<T>(action: impl FnOnce() -> T) -> T {
    match CURRENT.with_borrow(Option::is_some) {
        true => replacing(None, action),
        false => action(),
    }
}

/// Calls `action`, which drives the connection of `sealer`.
pub(super) fn driving<T>(sealer: &Arc<Sealer>, action: impl FnOnce() -> T) -> T {
    replacing(Some(Arc::clone(sealer)), action)
}

fn replacing<T>(sealer: Option<Arc<Sealer>>, action: impl FnOnce() -> T) -> T {
    /// Restores what was noted before, after a panic too.
    struct Restore(Option<Arc<Sealer>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
            NEXT.set(None);
        }
    }

    let _restore = Restore(CURRENT.replace(sealer));
    action()
}

/// Returns the connection that the next encrypter is made for, if one is known.
pub(super) fn take() -> Option<Arc<Sealer>> {
    NEXT.take()
}

/// Passes a decrypted handshake record to the connection that is driven. For other records the payload is
/// empty.
pub(super) fn received(payload: &[u8]) {
    CURRENT.with_borrow(|current| {
        if let Some(sealer) = current {
            sealer.received(payload);
        }
    });
}

/// Notes that the next encrypter is made for this connection.
pub(super) fn announce(sealer: &Arc<Sealer>) {
    NEXT.set(Some(Arc::clone(sealer)));
}

/// Notes that the next encrypter is made for this connection, if its secret of TLS 1.2 is known and it has
/// no encrypter yet.
pub(super) fn announce_tls12(sealer: &Arc<Sealer>) {
    if sealer.takes_tls12_keys() {
        announce(sealer);
    }
}

/// Notes whether the next encrypter is made for the connection that is driven.
fn note(is_next: bool) {
    let next = match is_next {
        true => CURRENT.with_borrow(Option::clone),
        false => None,
    };
    NEXT.set(next);
}

/// A key log that notes which encrypters are made for a connection that is driven.
pub(super) struct Announcing(pub(super) Arc<dyn KeyLog>);

/// Returns whether rustls makes an encrypter right after this secret was offered to the log.
fn precedes_an_encrypter(label: &str) -> bool {
    matches!(
        label,
        "SERVER_HANDSHAKE_TRAFFIC_SECRET" | "EXPORTER_SECRET" | "CLIENT_RANDOM"
    )
}

impl KeyLog for Announcing {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        note(false); // the application's log may drive another connection
        self.0.log(label, client_random, secret);
        note(precedes_an_encrypter(label));
        if label == "CLIENT_RANDOM" {
            CURRENT.with_borrow(|current| {
                if let Some(sealer) = current {
                    sealer.has_tls12_secret();
                }
            });
        }
    }

    fn will_log(&self, label: &str) -> bool {
        note(false);
        let will_log = self.0.will_log(label);
        note(precedes_an_encrypter(label));
        will_log
    }
}

impl fmt::Debug for Announcing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A ticketer of the application, which may drive another connection before rustls makes an encrypter.
pub(super) struct Apart(pub(super) Arc<dyn TicketProducer>);

impl Apart {
    fn call<T>(&self, action: impl FnOnce(&dyn TicketProducer) -> T) -> T {
        let next = take();
        let result = action(&*self.0);
        NEXT.set(next);
        result
    }
}

impl TicketProducer for Apart {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.call(|inner| inner.encrypt(plain))
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.call(|inner| inner.decrypt(cipher))
    }

    fn lifetime(&self) -> Duration {
        self.call(|inner| inner.lifetime())
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
