//! What stays with a client from its first byte to the end of its handshake.

use std::time::{Duration, Instant};

use crate::{Drain, Options};

/// One client's handshake: when it began, when it must have ended, and how long the client is
/// listened to once it has failed.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) started: Instant,
    pub(crate) until: Instant,
    pub(crate) drain: Drain,
}

impl Attempt {
    pub(crate) fn new(options: &Options, now: Instant) -> Self {
        Self {
            started: now,
            until: options.until(now),
            drain: options.drain,
        }
    }

    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }
}
