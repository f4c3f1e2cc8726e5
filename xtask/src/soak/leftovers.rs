//! What a process holds: threads, descriptors, memory.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// What this process holds, where the system says so: Linux does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) threads: usize,
    pub(super) descriptors: usize,
    /// Resident memory that is no file's, in bytes: heap and stacks.
    pub(super) resident: u64,
}

/// How long threads that have done their work have to leave the system's list.
const SETTLING: Duration = Duration::from_secs(2);

impl Held {
    /// What is held now; `None` if the system does not say.
    pub(super) fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        Some(Self {
            threads: fs::read_dir("/proc/self/task").ok()?.count(),
            // but for the one that reads the directory
            descriptors: fs::read_dir("/proc/self/fd").ok()?.count() - 1,
            resident: resident(&status)?,
        })
    }

    /// What is held once there are no more threads and descriptors than in `before`, or after
    /// two seconds: a thread leaves the system's list a moment after its last word.
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

/// `RssAnon`, in bytes.
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_resident_memory_that_is_no_files() {
        let status = "VmRSS:\t  5236 kB\nRssAnon:\t    1024 kB\nRssFile:\t 4212 kB\n";
        assert_eq!(resident(status), Some(1 << 20));
        assert_eq!(resident("VmRSS:\t  5236 kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_holds_a_thread_and_some_memory() {
        let held = Held::now().unwrap();
        assert!(held.threads > 0 && held.resident > 0, "{held:?}");
    }
}
