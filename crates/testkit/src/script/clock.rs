//! What time it is, where no time passes but by script.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A clock that stands still until it is advanced. Its clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    start: Arc<OnceLock<Instant>>,
    nanoseconds: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that shows the time of its first [`now`](Self::now), until it is advanced.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Instant {
        *self.start.get_or_init(Instant::now) + self.elapsed()
    }

    /// By how much it has been advanced in all.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    /// Moves it forward. It holds 584 years.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(by, Ordering::Relaxed);
    }
}
