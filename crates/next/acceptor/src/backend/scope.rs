//! Binds sessions to the configuration that they were made with.
//!
//! A session holds the identity that the client proved. rustls 0.24 compares the cipher suite and
//! the server name when it resumes one, but not whom the configuration trusts. So the tickets and the
//! stored sessions of a configuration that asks for client certificates begin with a scope and an end
//! of validity, and others are not accepted.

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::TicketProducer;
use rustls::server::{ServerSessionKey, StoresServerSessions};
use rustls::time_provider::TimeProvider;
use sha2::{Digest, Sha256};

use super::not_after::not_after;
use crate::vector::{take, take_vector};

thread_local! {
    /// Until when the certificate is valid that the driven connection has sent, in seconds since 1970.
    static SERVED_UNTIL: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Calls `action`, which drives a connection that has sent a certificate that is valid until then.
#[inline]
pub(super) fn driving<T>(until: u64, action: impl FnOnce() -> T) -> T {
    /// Restores what was noted before, after a panic too.
    struct Restore(u64);

    impl Drop for Restore {
        fn drop(&mut self) {
            SERVED_UNTIL.set(self.0);
        }
    }

    let _restore = Restore(SERVED_UNTIL.replace(until));
    action()
}

/// Notes the certificate that the driven connection sends. Returns until when it is valid.
pub(super) fn serve(certificate: &[u8]) -> u64 {
    let until = not_after(certificate).unwrap_or(u64::MAX);
    SERVED_UNTIL.set(until);
    until
}

/// The scope of sessions. Configurations of one scope resume each other's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope([u8; Self::LEN]);

/// The scopes of configurations that still exist.
static SCOPES: Mutex<Vec<(Weak<ServerConfig>, Scope)>> = Mutex::new(Vec::new());

impl Scope {
    const LEN: usize = 32;

    /// Returns the scope of this configuration alone: a random one. `None` if there is no random number.
    pub(super) fn of(config: &Arc<ServerConfig>) -> Option<Self> {
        let mut random = [0; Self::LEN];
        let provider = config.provider();
        provider.secure_random.fill(&mut random).ok()?;
        let mut scopes = SCOPES.lock().unwrap_or_else(PoisonError::into_inner);
        scopes.retain(|(config, _)| config.strong_count() > 0);
        let is_same = |(known, _): &&(Weak<_>, _)| Weak::as_ptr(known) == Arc::as_ptr(config);
        if let Some((_, scope)) = scopes.iter().find(is_same) {
            return Some(*scope);
        }
        scopes.push((Arc::downgrade(config), Self(random)));
        Some(Self(random))
    }

    /// Returns the scope with this name.
    pub(super) fn named(name: &[u8]) -> Self {
        let hash = Sha256::new_with_prefix(b"lastword resumption scope\0");
        Self(hash.chain_update(name).finalize().into())
    }
}

/// Returns this configuration with sessions of this scope. Without a scope none is resumed.
pub(super) fn bind(config: &ServerConfig, scope: Option<Scope>) -> ServerConfig {
    let mut config = config.clone();
    let clock = Arc::clone(&config.time_provider);
    let binding = Binding { scope, clock };
    config.ticketer = config.ticketer.map(|inner| {
        let binding = binding.clone();
        Arc::new(Tickets { inner, binding }) as Arc<dyn TicketProducer>
    });
    config.session_storage = Arc::new(Store {
        inner: Arc::clone(&config.session_storage),
        binding,
    });
    config
}

/// What sessions begin with.
#[derive(Clone)]
struct Binding {
    scope: Option<Scope>,
    clock: Arc<dyn TimeProvider>,
}

/// The first bytes of a bound session. rustls 0.24 reads them as a protocol version that does not exist.
/// So a configuration that is not bound does not accept the session.
const MARK: [u8; 3] = [1, 1, 0];

impl Binding {
    const LEN: usize = MARK.len() + Scope::LEN + size_of::<u64>();

    /// Returns a session that is bound; `None` if it must not be resumed.
    fn seal(&self, session: &[u8]) -> Option<Vec<u8>> {
        let Scope(scope) = self.scope?;
        let client = match client_certificate(session)? {
            Some(certificate) => not_after(certificate).unwrap_or(u64::MAX),
            None => u64::MAX,
        };
        let until = client.min(SERVED_UNTIL.get());
        Some([&MARK[..], &scope, &until.to_be_bytes(), session].concat())
    }

    /// Returns the session, if it is of this scope and its certificates are still valid.
    fn open(&self, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let Scope(scope) = self.scope?;
        let mut rest = &sealed[..];
        let is_own = take(&mut rest, MARK.len())? == MARK && take(&mut rest, Scope::LEN)? == scope;
        let until = u64::from_be_bytes(*take(&mut rest, size_of::<u64>())?.first_chunk()?);
        // RFC 5280 4.1.2.5: a certificate is valid through its notAfter
        let is_valid = until == u64::MAX || self.clock.current_time()?.as_secs() <= until;
        if !(is_own && is_valid) {
            return None;
        }
        sealed.drain(..Self::LEN);
        Some(sealed)
    }
}

/// Returns the client's own certificate in a session of rustls 0.24, if the client showed one. The outer
/// `None` is for a session of another form.
fn client_certificate(mut session: &[u8]) -> Option<Option<&[u8]>> {
    take(&mut session, 2 + 8)?; // the version and the time
    if take(&mut session, 1)? == [1] {
        take_vector(&mut session, 1)?; // the server name
    }
    take(&mut session, 2)?; // the cipher suite
    match take(&mut session, 1)? {
        [1] => match take(&mut session, 1)? {
            // X.509
            [0] => take_vector(&mut session, 3).map(Some),
            // a raw public key, which does not expire
            _ => Some(None),
        },
        _ => Some(None),
    }
}

/// The application's ticketer.
struct Tickets {
    inner: Arc<dyn TicketProducer>,
    binding: Binding,
}

impl TicketProducer for Tickets {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.inner.encrypt(&self.binding.seal(plain)?)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.binding.open(self.inner.decrypt(cipher)?)
    }

    fn lifetime(&self) -> Duration {
        self.inner.lifetime()
    }
}

/// The application's session store.
///
/// rustls 0.24 has no way to make the key of a session. So the keys are not of a scope: a session that
/// is taken under another scope is gone, and its client gets a full handshake.
struct Store {
    inner: Arc<dyn StoresServerSessions>,
    binding: Binding,
}

impl StoresServerSessions for Store {
    fn put(&self, key: ServerSessionKey<'_>, value: Vec<u8>) -> bool {
        let sealed = self.binding.seal(&value);
        sealed.is_some_and(|value| self.inner.put(key, value))
    }

    fn get(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        self.binding.open(self.inner.get(key)?)
    }

    fn take(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        self.binding.open(self.inner.take(key)?)
    }

    fn can_cache(&self) -> bool {
        self.binding.scope.is_some() && self.inner.can_cache()
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
