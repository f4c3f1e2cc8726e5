//! How much is on the heap: what a peer can have a server hold is bounded.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A number of bytes on the heap to compare with later. Of all threads: one is to run at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Mark {
    pub(crate) fn now() -> Self {
        let stats = ALLOCATOR.stats();
        // more was allocated than freed, both counted modulo 2^64
        Self(stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated))
    }

    /// How many bytes are on the heap that were not.
    pub(crate) fn grown(self) -> usize {
        Self::now().0.saturating_sub(self.0)
    }
}
