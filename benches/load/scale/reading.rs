//! What a server's process holds, and the line that another process reads.

use std::fmt;
use std::fs;
use std::str::FromStr;

use stats_alloc::INSTRUMENTED_SYSTEM;
use tokio::runtime::RuntimeMetrics;

use crate::soak::leftovers::heap;

/// What a server's process holds now. Its text is one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Bytes on the heap, and in how many blocks.
    pub(super) heap: usize,
    pub(super) blocks: usize,
    /// The number of tasks in tokio's runtime.
    pub(super) tasks: usize,
    /// Bytes of memory that the system has given it; 0 if the system does not say.
    pub(super) resident: usize,
    /// Its processor time so far, in hundredths of a second; 0 if the system does not say.
    pub(super) processor: usize,
}

impl Reading {
    /// Reads the values of this process.
    pub(super) fn now(runtime: &RuntimeMetrics) -> Self {
        let (heap, stats) = (heap(), INSTRUMENTED_SYSTEM.stats());
        Self {
            heap,
            blocks: stats.allocations.wrapping_sub(stats.deallocations),
            tasks: runtime.num_alive_tasks(),
            resident: resident().unwrap_or_default(),
            processor: processor().unwrap_or_default(),
        }
    }
}

/// From Linux's /proc, where it is in units of 1024 bytes.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// From Linux's /proc: the 14th and the 15th field, counted with the name in brackets, which may
/// have blanks. Programs see 100 ticks a second, whatever the kernel has.
fn processor() -> Option<usize> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_name, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<usize>().ok();
    Some(ticks()? + ticks()?)
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            heap,
            blocks,
            tasks,
            resident,
            processor,
        } = self;
        write!(f, "{heap} {blocks} {tasks} {resident} {processor}")
    }
}

impl FromStr for Reading {
    type Err = &'static str;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<usize>, _> = line.split_whitespace().map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[heap, blocks, tasks, resident, processor]) => Ok(Self {
                heap,
                blocks,
                tasks,
                resident,
                processor,
            }),
            _ => Err("not five numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_read_as_it_was_written() {
        let reading = Reading {
            heap: 1,
            blocks: 2,
            tasks: 3,
            resident: 4,
            processor: 5,
        };
        assert_eq!(reading.to_string(), "1 2 3 4 5");
        assert_eq!("1 2 3 4 5\n".parse(), Ok(reading));
        assert_eq!("1 2 3 4".parse::<Reading>(), Err("not five numbers"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_has_memory_and_the_time_it_worked() {
        let before = processor().unwrap();
        while processor().unwrap() < before + 2 {}
        assert!(resident().unwrap() > 1 << 20);
    }
}
