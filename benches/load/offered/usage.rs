//! What a server's processes use, from Linux's /proc.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

/// What the processes of a server have used, or use at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) processor: Duration,
    /// The sum of the peaks of resident memory, in bytes.
    pub(super) memory: u64,
    pub(super) threads: u64,
    pub(super) descriptors: u64,
    /// Connections that the system dropped because a queue was full: SYNs and completed ones.
    pub(super) dropped: u64,
}

impl Usage {
    /// Of this process and its descendants, until now.
    pub(super) fn of(process: u32) -> Self {
        let mut usage = Self {
            dropped: dropped().unwrap_or_default(),
            ..Self::default()
        };
        for process in tree(process) {
            usage.add(process);
        }
        usage
    }

    fn add(&mut self, process: u32) -> Option<()> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        self.memory += field(&status, "VmHWM:")? * 1024;
        self.threads += field(&status, "Threads:")?;
        self.descriptors += descriptors(process)?;
        self.processor += processor(process)?;
        Some(())
    }

    /// Takes the greater of what is in use at a time.
    pub(super) fn peak(self, other: Self) -> Self {
        Self {
            processor: self.processor.max(other.processor),
            memory: self.memory.max(other.memory),
            threads: self.threads.max(other.threads),
            descriptors: self.descriptors.max(other.descriptors),
            dropped: self.dropped.max(other.dropped),
        }
    }

    /// What was used since `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            processor: self.processor.saturating_sub(before.processor),
            dropped: self.dropped.saturating_sub(before.dropped),
            ..self
        }
    }
}

/// Returns the number of open descriptors. Since Linux 6.2 it is the length of the directory. The
/// directory itself is read only before 6.2: with thousands of entries that would delay the clients.
fn descriptors(process: u32) -> Option<u64> {
    let directory = format!("/proc/{process}/fd");
    match fs::metadata(&directory).ok()?.len() {
        0 => Some(fs::read_dir(directory).ok()?.count() as u64),
        descriptors => Some(descriptors),
    }
}

/// A process and its descendants.
fn tree(root: u32) -> BTreeSet<u32> {
    let names = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = names.filter_map(|name| name.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<(u32, u32)> = processes
        .filter_map(|process| Some((process, u32::try_from(stat(process)?[PARENT]).ok()?)))
        .collect();
    let mut all = BTreeSet::from([root]);
    loop {
        let children = parents.iter().filter(|(_, parent)| all.contains(parent));
        let children: Vec<u32> = children.map(|(process, _)| *process).collect();
        let before = all.len();
        all.extend(children);
        if all.len() == before {
            return all;
        }
    }
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The places of fields in what [`stat`] returns.
const PARENT: usize = 1;
const USER: usize = 11;
const SYSTEM: usize = 12;

/// The numbers of /proc/PID/stat after the name, which may have blanks. The first is for the state.
fn stat(process: u32) -> Option<[u64; 13]> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut numbers = [0; 13];
    for (number, field) in numbers.iter_mut().zip(fields.split_whitespace()) {
        *number = field.parse().unwrap_or_default();
    }
    Some(numbers)
}

/// With that of threads that have ended. Programs see 100 ticks a second, whatever the kernel has.
fn processor(process: u32) -> Option<Duration> {
    let stat = stat(process)?;
    Some(Duration::from_millis((stat[USER] + stat[SYSTEM]) * 10))
}

/// ListenDrops in /proc/net/netstat: the names are in one line, the numbers in the next.
fn dropped() -> Option<u64> {
    let netstat = fs::read_to_string("/proc/net/netstat").ok()?;
    let mut lines = netstat.lines().filter(|line| line.starts_with("TcpExt:"));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let mut pairs = names.split_whitespace().zip(numbers.split_whitespace());
    pairs
        .find(|(name, _)| *name == "ListenDrops")?
        .1
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_uses_memory_threads_and_descriptors() {
        let usage = Usage::of(std::process::id());
        assert!(usage.memory > 1 << 20, "{usage:?}");
        assert!(usage.threads > 0 && usage.descriptors > 2, "{usage:?}");
    }
}
