//! What a process holds: threads, descriptors, memory.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use stats_alloc::INSTRUMENTED_SYSTEM;

/// What this process holds. Only Linux shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) threads: usize,
    pub(super) descriptors: usize,
    /// Bytes on the heap.
    pub(super) heap: usize,
}

/// How long ended threads may stay in the system's list.
const SETTLING: Duration = Duration::from_secs(2);

impl Held {
    /// Returns what is held now; `None` if the system does not say.
    pub(super) fn now() -> Option<Self> {
        Some(Self {
            threads: fs::read_dir("/proc/self/task").ok()?.count(),
            // without the descriptor that reads the directory
            descriptors: fs::read_dir("/proc/self/fd").ok()?.count() - 1,
            heap: heap(),
        })
    }

    /// Returns what is held once there are not more threads and descriptors than in `before`, or
    /// after two seconds. A thread leaves the system's list a moment after it has ended.
    pub(super) fn settled(before: Self) -> Option<Self> {
        let until = Instant::now() + SETTLING;
        loop {
            let now = Self::now()?;
            let more = now.threads > before.threads || now.descriptors > before.descriptors;
            if !more || Instant::now() >= until {
                return Some(now);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The bytes on the heap.
pub(crate) fn heap() -> usize {
    let stats = INSTRUMENTED_SYSTEM.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_on_the_heap() {
        const MUCH: usize = 1 << 30; // more than all other tests together
        let before = heap();
        let held = Vec::<u8>::with_capacity(MUCH);
        assert!(heap() - before > MUCH / 2);
        drop(held);
        assert!(heap().saturating_sub(before) < MUCH / 2);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_holds_a_thread_and_some_memory() {
        let held = Held::now().unwrap();
        assert!(held.threads > 0 && held.heap > 0, "{held:?}");
    }
}
