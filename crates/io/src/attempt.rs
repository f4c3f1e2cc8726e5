//! What stays with a client from its first byte to the end of its handshake.

use std::time::{Duration, Instant};

use crate::observed::Observed;
use crate::{Drain, Options};

/// One client's handshake: when it began, when it must have ended, how long the client is listened
/// to once it has failed, and who observes it.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) started: Instant,
    pub(crate) until: Instant,
    pub(crate) drain: Drain,
    pub(crate) observed: Observed,
}

impl Attempt {
    pub(crate) fn new(options: &Options, now: Instant) -> Self {
        Self {
            started: now,
            until: options.until(now),
            drain: options.drain,
            observed: Observed::begin(),
        }
    }

    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }
}
