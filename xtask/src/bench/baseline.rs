//! The committed counts of instructions, and whether one of ours has grown.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::callgrind;
use super::figures::{Figure, Measure, value};
use crate::failure::Failure;
use crate::tool::{Tool, root};

/// How much more than in the baseline a count may be.
const TOLERANCE: f64 = 1.01;

/// What a comparison came to.
pub(super) enum Compared {
    /// None of this many counts has grown.
    Held(usize),
    /// These have.
    Grown(Vec<String>),
    /// The counts do not compare, and why.
    Incomparable(String),
}

fn path() -> PathBuf {
    root().join("benches/baseline.txt")
}

/// Writes the counts of our ways down.
pub(super) fn save(figures: &[Figure]) -> Result<(), Failure> {
    let text = written(&counted_with()?, figures);
    fs::write(path(), text).map_err(|source| Failure::file(&path(), source))
}

/// Compares with what is written down.
pub(super) fn compare(figures: &[Figure]) -> Result<Compared, Failure> {
    Ok(compared(&read()?, &counted_with()?, figures))
}

/// Why counts from here do not compare with what is written down, if they do not.
pub(super) fn incomparable() -> Result<Option<String>, Failure> {
    Ok(other_tools(&read()?, &counted_with()?))
}

fn read() -> Result<String, Failure> {
    fs::read_to_string(path()).map_err(|source| Failure::file(&path(), source))
}

/// All that the counts depend on beside the sources.
fn counted_with() -> Result<String, Failure> {
    let rustc = Tool::new("rustc").args(["--version"]).stdout()?;
    let libc = Tool::new("getconf").args(["GNU_LIBC_VERSION"]).stdout();
    // the instruction sets that memcpy and the ciphers choose by, of those that valgrind knows
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = processor.lines().find(|line| line.starts_with("flags"));
    let has = |set: &&str| flags.is_some_and(|flags| flags.split(' ').any(|flag| flag == *set));
    let sets = ["ssse3", "avx", "avx2", "bmi2", "adx"]
        .into_iter()
        .filter(has);
    let mut with = format!("# {}\n# {}\n", rustc.trim(), callgrind::version()?);
    let _ = writeln!(with, "# {}", libc.unwrap_or_default().trim());
    let _ = writeln!(with, "# {}", sets.collect::<Vec<_>>().join(" "));
    Ok(with)
}

fn written(with: &str, figures: &[Figure]) -> String {
    let mut text = with.to_owned();
    for figure in gated(figures) {
        let Figure {
            work, way, value, ..
        } = figure;
        let _ = writeln!(text, "{work}\t{way}\t{value:.1}");
    }
    text
}

/// Of a handshake neither crypto is compared, which varies with the random numbers, nor the allocator,
/// which varies with what was on the heap.
fn gated(figures: &[Figure]) -> impl Iterator<Item = &Figure> {
    figures.iter().filter(|figure| {
        let outside = value(figures, &figure.work, &figure.way, Measure::OutsideCrypto);
        figure.is_ours()
            && match figure.measure {
                Measure::Instructions => outside.is_none(),
                measure => measure == Measure::OutsideCrypto,
            }
    })
}

fn other_tools(baseline: &str, with: &str) -> Option<String> {
    let then = baseline.lines().filter(|line| line.starts_with('#'));
    let mut pairs = then.zip(with.lines());
    let (then, now) = pairs.find(|(then, now)| then != now)?;
    let [then, now] = [then, now].map(|line| line.trim_start_matches("# "));
    Some(format!(
        "the baseline was counted with `{then}`, and this is `{now}`"
    ))
}

fn compared(baseline: &str, with: &str, figures: &[Figure]) -> Compared {
    if let Some(why) = other_tools(baseline, with) {
        return Compared::Incomparable(why);
    }
    let (mut held, mut grown) = (0, Vec::new());
    for Figure {
        work,
        way,
        value: now,
        ..
    } in gated(figures)
    {
        let prefix = format!("{work}\t{way}\t");
        let then: Option<f64> = baseline
            .lines()
            .find_map(|line| line.strip_prefix(&prefix)?.parse().ok());
        match then {
            Some(then) if *now <= then * TOLERANCE => held += 1,
            Some(then) => {
                let percent = (now / then - 1.0) * 100.0;
                grown.push(format!(
                    "{work}, {way}: {then:.0} were, {now:.0} are, {percent:.1} % more"
                ));
            }
            None => grown.push(format!("{work}, {way}: not in the baseline")),
        }
    }
    match grown.is_empty() {
        true => Compared::Held(held),
        false => Compared::Grown(grown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: &str = "# rustc 1\n# valgrind-3\n";

    fn figures(instructions: f64, outside: f64) -> Vec<Figure> {
        let figure = |work: &str, way: &str, measure, value| Figure {
            work: work.into(),
            way: way.into(),
            measure,
            value,
        };
        vec![
            figure("a", "lastword", Measure::Instructions, instructions),
            figure("a", "rustls", Measure::Instructions, 9.0),
            figure("b", "lastword", Measure::Instructions, 7000.0),
            figure("b", "lastword", Measure::OutsideCrypto, outside),
        ]
    }

    #[test]
    fn keeps_ours_and_of_a_handshake_what_is_outside_crypto() {
        let text = written(WITH, &figures(1000.0, 200.0));
        assert_eq!(
            text,
            format!("{WITH}a\tlastword\t1000.0\nb\tlastword\t200.0\n")
        );
    }

    #[test]
    fn a_count_may_grow_by_a_hundredth_and_no_more() {
        let baseline = written(WITH, &figures(1000.0, 200.0));
        let now = |all, outside| compared(&baseline, WITH, &figures(all, outside));
        assert!(matches!(now(1010.0, 202.0), Compared::Held(2)));
        let Compared::Grown(grown) = now(1011.0, 202.1) else {
            panic!("it has grown")
        };
        assert_eq!(grown[0], "a, lastword: 1000 were, 1011 are, 1.1 % more");
        assert_eq!(grown.len(), 2);
    }

    #[test]
    fn a_count_that_the_baseline_lacks_is_a_fault() {
        let Compared::Grown(grown) = compared(WITH, WITH, &figures(1.0, 1.0)) else {
            panic!("it is not there")
        };
        assert_eq!(grown[0], "a, lastword: not in the baseline");
    }

    #[test]
    fn counts_of_another_compiler_do_not_compare() {
        let baseline = written(WITH, &figures(1.0, 1.0));
        let other = "# rustc 2\n# valgrind-3\n";
        let Compared::Incomparable(why) = compared(&baseline, other, &figures(9.0, 9.0)) else {
            panic!("it is another compiler")
        };
        assert_eq!(
            why,
            "the baseline was counted with `rustc 1`, and this is `rustc 2`"
        );
    }
}
