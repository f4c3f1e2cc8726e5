//! The ticketer that rustls asks.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use rustls::server::ProducesTickets;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};

use crate::keys::Keys;
use crate::secret::check_count;
use crate::{Secret, SecretError};

/// How long a ticket is valid if nothing else is set, in seconds.
const LIFETIME: u32 = 6 * 60 * 60;
/// Much longer than clocks may differ.
const MIN_LIFETIME: u32 = 10 * 60;
/// RFC 8446 4.6.1: a ticket lives at most 7 days.
const MAX_LIFETIME: u32 = 7 * 24 * 60 * 60;
/// How far the clock of another host may be ahead, in seconds.
const MAX_SKEW: u64 = 60;
/// How often a source is read, in seconds.
const INTERVAL: u64 = 10;

type Source = dyn Fn() -> Result<Vec<Secret>, SecretError> + Send + Sync;
type OnReplaced = dyn Fn() + Send + Sync;
type OnError = dyn Fn(&SecretError) + Send + Sync;

/// A ticketer for several hosts. Hosts with the same secret and lifetime accept the session tickets
/// of each other.
///
/// Set it as [`ServerConfig::ticketer`](rustls::ServerConfig::ticketer).
///
/// Servers that ask for client certificates must also have the same
/// [resumption scope](https://docs.rs/lastword-acceptor/latest/lastword_acceptor/struct.Config.html#method.with_resumption_scope).
///
/// Time is divided into periods. A period is as long as the lifetime of a ticket. Each period has
/// its own key, which is derived from the secret and the number of the period. A host seals with
/// the key of its period. It opens tickets of its period, the one before and the one after. It
/// accepts a ticket if, by its own clock, the ticket is not older than the lifetime, and not more
/// than 60 seconds in the future. So the clocks of two hosts may differ by 60 seconds. A ticket may
/// then be accepted for up to 60 seconds longer or shorter than its lifetime.
///
/// A ticket that is malformed or of another secret is ignored. A full handshake follows.
///
/// ```
/// use std::sync::Arc;
/// use lastword_tickets::{Secret, SecretError, Tickets};
///
/// /// Sets the ticketer before the configuration is in use.
/// fn share_sessions(tls: &mut rustls::ServerConfig, secrets: &str) -> Result<(), SecretError> {
///     tls.ticketer = Arc::new(Tickets::new(Secret::parse_list(secrets)?)?);
///     Ok(())
/// }
/// ```
pub struct Tickets {
    lifetime: u32,
    clock: Arc<dyn TimeProvider>,
    source: Option<Box<Source>>,
    on_replaced: Option<Box<OnReplaced>>,
    on_error: Option<Box<OnError>>,
    keys: RwLock<Keys>,
    /// When the source is read again, in seconds since 1970. Locked while it is read.
    next_read: Mutex<u64>,
}

impl Tickets {
    /// Makes a ticketer from a list of secrets. Tickets are sealed with the first, and opened with
    /// each of them.
    ///
    /// ```
    /// use lastword_tickets::{Secret, SecretError, Tickets};
    /// use rustls::server::ProducesTickets;
    ///
    /// let secrets = || Ok(vec![Secret::new(*b"Fq0V0c2mCzQz5H9nJ8vB1yTj7kLp3xWs")?]);
    /// let (one_host, another) = (Tickets::new(secrets()?)?, Tickets::new(secrets()?)?);
    /// let ticket = one_host.encrypt(b"session").unwrap();
    /// assert_eq!(another.decrypt(&ticket).as_deref(), Some(&b"session"[..]));
    /// # Ok::<(), SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SecretError::Empty`] or [`SecretError::TooMany`].
    pub fn new(secrets: Vec<Secret>) -> Result<Self, SecretError> {
        check_count(&secrets)?;
        Ok(Self {
            lifetime: LIFETIME,
            clock: Arc::new(DefaultTimeProvider),
            source: None,
            on_replaced: None,
            on_error: None,
            keys: RwLock::new(Keys::of(secrets)),
            next_read: Mutex::new(0),
        })
    }

    /// Reads the secrets from a file now, and again as [`from_source`](Self::from_source) does.
    ///
    /// [`Secret::read_file`] describes the file. Replace it with a rename, so that no partial file is
    /// read.
    ///
    /// ```no_run
    /// use lastword_tickets::Tickets;
    ///
    /// let tickets = Tickets::from_file("/run/secrets/tickets")?
    ///     .with_on_replaced(|| eprintln!("ticket secrets: replaced"))
    ///     .with_on_error(|error| eprintln!("ticket secrets: {error}"));
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of `read_file`.
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self, SecretError> {
        let path = path.into();
        Self::from_source(move || Secret::read_file(&path))
    }

    /// Makes a ticketer that calls a source for its secrets. The source is called now, in the first
    /// handshake, and then in a handshake at most once in 10 seconds. If it fails in a handshake,
    /// the last secrets stay in use.
    ///
    /// The thread of that handshake waits for the source. Other threads do not wait. In an
    /// asynchronous server, all tasks of that thread wait. So the source should return at once, for
    /// example because it only reads a file. For a store on the network, call
    /// [`set_secrets`](Self::set_secrets) from a task instead.
    ///
    /// ```
    /// use lastword_tickets::{Secret, SecretError, Tickets};
    ///
    /// # fn read_vault() -> std::io::Result<String> { Ok("Fq0V0c2mCzQz5H9nJ8vB1yTj7kLp3xWs".into()) }
    /// let tickets = Tickets::from_source(|| {
    ///     let list = read_vault().map_err(|error| SecretError::Source(error.into()))?;
    ///     Secret::parse_list(&list)
    /// })?;
    /// # Ok::<(), SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the source, [`SecretError::Empty`] and [`SecretError::TooMany`].
    pub fn from_source(
        source: impl Fn() -> Result<Vec<Secret>, SecretError> + Send + Sync + 'static,
    ) -> Result<Self, SecretError> {
        let tickets = Self::new(source()?)?;
        Ok(Self {
            source: Some(Box::new(source)),
            ..tickets
        })
    }

    /// Sets how long a ticket is valid: from 10 minutes to 7 days, in whole seconds. The default is
    /// 6 hours. A value outside that range is changed to the nearest value in it.
    ///
    /// This is also the period of a key. The lifetime must be the same on all hosts.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lastword_tickets::{Secret, Tickets};
    /// use rustls::server::ProducesTickets;
    ///
    /// # let secrets = vec![Secret::new([7; 32])?];
    /// let tickets = Tickets::new(secrets)?.with_lifetime(Duration::from_secs(3_600));
    /// assert_eq!(tickets.lifetime(), 3_600);
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        let seconds = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
        self.lifetime = seconds.clamp(MIN_LIFETIME, MAX_LIFETIME);
        self.write(Keys::forget);
        self
    }

    /// Sets the clock. The default is the system's.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use lastword_tickets::{Secret, Tickets};
    /// use rustls::time_provider::DefaultTimeProvider;
    ///
    /// # let secrets = vec![Secret::new([7; 32])?];
    /// let tickets = Tickets::new(secrets)?.with_time_provider(Arc::new(DefaultTimeProvider));
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    #[must_use]
    pub fn with_time_provider(mut self, clock: Arc<dyn TimeProvider>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets a function that is called when the source returns different secrets than before. Use it
    /// to log that this host uses the new secrets. It is called in a handshake, as the source is.
    ///
    /// ```no_run
    /// use lastword_tickets::Tickets;
    ///
    /// let tickets = Tickets::from_file("/run/secrets/tickets")?
    ///     .with_on_replaced(|| eprintln!("ticket secrets: replaced"));
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    #[must_use]
    pub fn with_on_replaced(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_replaced = Some(Box::new(f));
        self
    }

    /// Sets a function that is called when the source fails. Use it to log the error. It is called
    /// in a handshake, as the source is.
    ///
    /// ```no_run
    /// use lastword_tickets::Tickets;
    ///
    /// let tickets = Tickets::from_file("/run/secrets/tickets")?
    ///     .with_on_error(|error| eprintln!("ticket secrets: {error}"));
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    #[must_use]
    pub fn with_on_error(mut self, f: impl Fn(&SecretError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(f));
        self
    }

    /// Replaces the secrets. Tickets are sealed with the first, and opened with each of them.
    ///
    /// Returns whether the secrets or their order differ from before.
    ///
    /// ```
    /// use lastword_tickets::{Secret, Tickets};
    ///
    /// let old = Secret::new(*b"Fq0V0c2mCzQz5H9nJ8vB1yTj7kLp3xWs")?;
    /// let new = Secret::new(*b"sWx3pLk7jTy1Bv8Jn9H5zQzCm2c0V0qF")?;
    /// let tickets = Tickets::new(vec![old.clone()])?;
    /// assert!(tickets.set_secrets(vec![new.clone(), old.clone()])?);
    /// assert!(!tickets.set_secrets(vec![new, old])?); // nothing has changed
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SecretError::Empty`] or [`SecretError::TooMany`]. The secrets are not changed.
    pub fn set_secrets(&self, secrets: Vec<Secret>) -> Result<bool, SecretError> {
        check_count(&secrets)?;
        let are_new = !self.read(|keys| keys.are_of(&secrets));
        if are_new {
            self.write(|keys| *keys = Keys::of(secrets));
        }
        Ok(are_new)
    }

    /// Reads the source if it is due, and returns the time in seconds since 1970.
    fn now(&self) -> Option<u64> {
        let now = self.clock.current_time()?.as_secs();
        match &self.source {
            // the source may have taken long
            Some(source) if self.read_if_due(source, now) => {
                Some(self.clock.current_time()?.as_secs())
            }
            _ => Some(now),
        }
    }

    /// Returns whether the source was read. No two threads read it at the same time.
    fn read_if_due(&self, source: &Source, now: u64) -> bool {
        let mut next_read = match self.next_read.try_lock() {
            Ok(next_read) => next_read,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        // a clock that was set back does not stop it
        if now < *next_read && *next_read - now <= INTERVAL {
            return false;
        }
        *next_read = now.saturating_add(INTERVAL);
        match source().and_then(|secrets| self.set_secrets(secrets)) {
            Ok(true) => self.on_replaced.iter().for_each(|tell| tell()),
            Ok(false) => {}
            Err(error) => self.on_error.iter().for_each(|tell| tell(&error)),
        }
        true
    }

    /// Calls `f` with the keys of the period that `now` is in.
    fn with_keys<T>(&self, now: u64, f: impl Fn(&Keys) -> T) -> T {
        let period = now / u64::from(self.lifetime);
        let result = self.read(|keys| keys.is_for(period).then(|| f(keys)));
        result.unwrap_or_else(|| {
            self.write(|keys| {
                if !keys.is_for(period) {
                    keys.derive(self.lifetime, period);
                }
                f(keys)
            })
        })
    }

    fn read<T>(&self, f: impl FnOnce(&Keys) -> T) -> T {
        f(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, f: impl FnOnce(&mut Keys) -> T) -> T {
        f(&mut self.keys.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        self.lifetime
    }

    fn encrypt(&self, session: &[u8]) -> Option<Vec<u8>> {
        let now = self.now()?;
        self.with_keys(now, |keys| keys.seal(session, now))
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let now = self.now()?;
        let (session, issued) = self.with_keys(now, |keys| keys.open(ticket))?;
        let is_valid = match now.checked_sub(issued) {
            Some(age) => age <= u64::from(self.lifetime),
            None => issued - now <= MAX_SKEW,
        };
        is_valid.then_some(session)
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
