//! Counts instructions: runs this executable under valgrind's callgrind, and reads its dumps.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

use super::{Figure, Measure};

/// Returns valgrind's version, `valgrind-3.19.0`, or `None` if it is not installed.
#[must_use]
pub fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(version)
}

/// Runs this executable with these arguments and returns the counts of its works.
///
/// Instructions are counted within `measured`, a function of the program `instructions`. They are
/// written to the next dump in `folder` when `ended` is called; then the program must print a line:
/// work, way and number of times, with tabs between them.
///
/// # Errors
///
/// If valgrind cannot be run or fails, or a dump cannot be read or has no instructions.
pub fn count(folder: &Path, args: &[&str]) -> io::Result<Vec<Figure>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let output = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--dump-line=no"])
        .arg("--toggle-collect=instructions::measured*")
        .arg("--dump-before=instructions::ended*")
        .arg(format!(
            "--callgrind-out-file={}",
            folder.join("out").display()
        ))
        .arg(env::current_exe()?)
        .args(args)
        .output()?;
    if !output.status.success() {
        let wrong = String::from_utf8_lossy(&output.stderr);
        let failed = format!("valgrind: {}: {wrong}", output.status);
        return Err(io::Error::other(failed));
    }
    let mut figures = Vec::new();
    for (number, line) in (1..).zip(String::from_utf8_lossy(&output.stdout).lines()) {
        let unexpected = || io::Error::other(format!("the program printed {line:?}"));
        let mut parts = line.split('\t');
        let mut part = || parts.next().ok_or_else(unexpected);
        let (work, way, times) = (part()?, part()?, part()?);
        let times = times.parse().map_err(|_| unexpected())?;
        let dump = fs::read_to_string(folder.join(format!("out.{number}")))?;
        let counts = read(&dump);
        if counts.all == 0 {
            return Err(io::Error::other("no instruction was within `measured`"));
        }
        figures.extend(counts.figures(work, way, times));
    }
    Ok(figures)
}

/// The instructions of a dump.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    all: u64,
    /// Instructions of the crypto provider.
    crypto: u64,
    /// Instructions of the allocator.
    malloc: u64,
}

impl Counts {
    fn figures(&self, work: &str, way: &str, times: f64) -> Vec<Figure> {
        let figure =
            |way, measure, count: u64| Figure::new(work, way, measure, count as f64 / times);
        let mut figures = vec![figure(way, Measure::Instructions, self.all)];
        if self.crypto + self.malloc > 0 {
            let outside = self.all - self.crypto - self.malloc;
            figures.push(figure(way, Measure::OutsideCrypto, outside));
        }
        if self.crypto > 0 && way == "rustls" {
            // no server can do with less
            figures.push(figure("crypto alone", Measure::Instructions, self.crypto));
        }
        figures
    }
}

/// Reads a dump: the instructions of each function, without the instructions of the functions it calls.
fn read(dump: &str) -> Counts {
    let (mut files, mut functions) = (HashMap::new(), HashMap::new());
    let (mut file, mut function, mut is_call) = (String::new(), String::new(), false);
    let mut counts = Counts::default();
    for line in dump.lines() {
        match line.split_once('=') {
            Some(("fl", written)) => file = name(&mut files, written),
            Some(("fi" | "fe" | "cfi" | "cfl", written)) => drop(name(&mut files, written)),
            Some(("fn", written)) => function = name(&mut functions, written),
            Some(("cfn", written)) => drop(name(&mut functions, written)),
            Some(("calls", _)) => is_call = true, // the next line has the callee's instructions
            _ if line
                .starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) =>
            {
                let count = line.split_whitespace().nth(1);
                let count = count.and_then(|count| count.parse().ok()).unwrap_or(0);
                if std::mem::take(&mut is_call) {
                    continue;
                }
                counts.all += count;
                if is_crypto(&file, &function) {
                    counts.crypto += count;
                } else if is_malloc(&function) {
                    counts.malloc += count;
                }
            }
            _ => {}
        }
    }
    counts
}

/// Returns a name, which is written once, after a number in parentheses, and then as that number.
fn name(names: &mut HashMap<String, String>, written: &str) -> String {
    match written.split_once(' ') {
        Some((number, name)) if number.starts_with('(') => {
            names.insert(number.into(), name.into());
            name.into()
        }
        _ => names.get(written).map_or(written, |name| name).into(),
    }
}

fn is_crypto(file: &str, function: &str) -> bool {
    file.contains("/ring-0.")
        || function.contains("ring_core")
        || function.starts_with("ring::")
        || file.contains("/aws-lc-")
        || function.starts_with("aws_lc")
}

fn is_malloc(function: &str) -> bool {
    matches!(function, "malloc" | "free" | "realloc" | "calloc")
        || ["_int_", "unlink_chunk", "malloc_consolidate"]
            .iter()
            .any(|prefix| function.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "events: Ir\n\
        fl=(1) src/main.rs\nfn=(1) main\n0 10\ncfi=(2) /x/ring-0.17.14/src/p256.c\ncfn=(2) mul\n\
        calls=3 0\n0 700\n0 5\n\n\
        fl=(2)\nfn=(2)\n0 650\ncfn=(3) memcpy\ncalls=1 0\n0 50\n\n\
        fl=(3) ???\nfn=(3)\n0 50\n\nfn=(4) ring_core_0_17_14__ChaCha20\n+1 100\n\nfn=(5) _int_malloc\n0 7\n\ntotals: 822\n";

    #[test]
    fn counts_the_instructions_of_each_function_without_its_callees() {
        let expected = Counts {
            all: 10 + 5 + 650 + 50 + 100 + 7,
            crypto: 650 + 100,
            malloc: 7,
        };
        assert_eq!(read(DUMP), expected);
    }

    #[test]
    fn a_work_without_crypto_is_counted_without_the_allocator_too() {
        let counts = |malloc| Counts {
            all: 30,
            crypto: 0,
            malloc,
        };
        let values = |malloc| {
            let figures = counts(malloc).figures("a", "lastword", 2.0);
            let values = figures.iter().map(|figure| (figure.measure, figure.value));
            values.collect::<Vec<_>>()
        };
        let all = (Measure::Instructions, 15.0);
        assert_eq!(values(0), [all]);
        assert_eq!(values(10), [all, (Measure::OutsideCrypto, 10.0)]);
    }
}
