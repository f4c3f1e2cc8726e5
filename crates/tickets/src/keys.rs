//! The keys in use: each secret has one for the current period, the previous one and the next one.

use crate::Secret;
use crate::key::Key;

pub(crate) struct Keys {
    /// At least one. The first seals.
    secrets: Vec<Secret>,
    /// `None` until the keys are derived.
    period: Option<u64>,
    /// The key that seals comes first.
    keys: Vec<Key>,
}

impl Keys {
    /// Creates keys that are not derived yet.
    pub(crate) const fn of(secrets: Vec<Secret>) -> Self {
        Self {
            secrets,
            period: None,
            keys: Vec::new(),
        }
    }

    /// Derives the keys of a period.
    pub(crate) fn derive(&mut self, lifetime: u32, period: u64) {
        // A ticket lives as long as a period, so one of the period before can still be valid. The clock
        // of the host that issued it can be ahead.
        let periods = [Some(period), period.checked_sub(1), period.checked_add(1)];
        // a vector that grows would leave copies of keys that are not erased
        let mut keys = Vec::with_capacity(self.secrets.len() * periods.len());
        for secret in &self.secrets {
            let periods = periods.into_iter().flatten();
            keys.extend(periods.map(|period| Key::derive(secret, lifetime, period)));
        }
        self.keys = keys;
        self.period = Some(period);
    }

    /// Makes the keys be derived again.
    pub(crate) fn forget(&mut self) {
        self.period = None;
    }

    /// Returns whether the keys are derived for this period.
    pub(crate) fn is_for(&self, period: u64) -> bool {
        self.period == Some(period)
    }

    /// Returns whether the keys are derived from these secrets.
    pub(crate) fn are_of(&self, secrets: &[Secret]) -> bool {
        let bytes = secrets.iter().map(Secret::bytes);
        self.secrets.iter().map(Secret::bytes).eq(bytes)
    }

    pub(crate) fn seal(&self, session: &[u8], now: u64) -> Option<Vec<u8>> {
        self.keys.first()?.seal(session, now)
    }

    pub(crate) fn open(&self, ticket: &[u8]) -> Option<(Vec<u8>, u64)> {
        self.keys.iter().find_map(|key| key.open(ticket))
    }
}
