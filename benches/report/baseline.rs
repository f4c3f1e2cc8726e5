//! The saved counts of instructions, and which of ours have grown since.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use super::{Figure, Measure};

/// The greatest ratio to the saved count.
const TOLERANCE: f64 = 1.01;

/// Returns the lines at the head of the file: what the counts depend on, other than the sources.
#[must_use]
pub fn head(valgrind: &str) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = processor.lines().find(|line| line.starts_with("flags"));
    let has = |set: &&str| flags.is_some_and(|flags| flags.split(' ').any(|flag| flag == *set));
    // memcpy and the ciphers choose by these instruction sets, and valgrind has them
    let sets = ["ssse3", "avx", "avx2", "bmi2", "adx"];
    let sets: Vec<_> = sets.into_iter().filter(has).collect();
    let rustc = printed("rustc", "--version");
    let libc = printed("getconf", "GNU_LIBC_VERSION");
    format!("# {rustc}\n# {valgrind}\n# {libc}\n# {}\n", sets.join(" "))
}

/// Returns what a program prints, or nothing if it cannot be run.
fn printed(program: &str, arg: &str) -> String {
    let output = Command::new(program).arg(arg).output();
    let printed = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    String::from_utf8_lossy(&printed).trim().to_owned()
}

/// Returns the text of the file.
#[must_use]
pub fn text(head: &str, figures: &[Figure]) -> String {
    let mut text = head.to_owned();
    for figure in compared(figures) {
        let _ = writeln!(text, "{}{:.1}", name(figure), figure.value);
    }
    text
}

/// Returns why counts with this head cannot be compared with the saved ones, if they cannot.
#[must_use]
pub fn incomparable(saved: &str, head: &str) -> Option<String> {
    let then = saved.lines().filter(|line| line.starts_with('#'));
    let (then, now) = then.zip(head.lines()).find(|(then, now)| then != now)?;
    let [then, now] = [then, now].map(|line| line.trim_start_matches("# "));
    Some(format!(
        "the baseline was counted with `{then}`, and this is `{now}`"
    ))
}

/// The outcome of a comparison.
#[derive(Debug, PartialEq)]
pub struct Comparison {
    /// How many counts have not grown.
    pub held: usize,
    /// A sentence for each count that has grown or is not in the baseline.
    pub grown: Vec<String>,
}

/// Compares counts with the saved ones.
#[must_use]
pub fn compare(saved: &str, figures: &[Figure]) -> Comparison {
    let (mut held, mut grown) = (0, Vec::new());
    for figure in compared(figures) {
        let (name, now) = (name(figure), figure.value);
        let mut values = saved.lines().filter_map(|line| line.strip_prefix(&name));
        let then: Option<f64> = values.next().and_then(|value| value.parse().ok());
        let Figure { work, way, .. } = figure;
        match then {
            Some(then) if now <= then * TOLERANCE => held += 1,
            Some(then) => {
                let percent = (now / then - 1.0) * 100.0;
                grown.push(format!(
                    "{work}, {way}: {then:.0} before, {now:.0} now, {percent:.1} % more"
                ));
            }
            None => grown.push(format!("{work}, {way}: not in the baseline")),
        }
    }
    Comparison { held, grown }
}

/// Returns what a line begins with.
fn name(figure: &Figure) -> String {
    format!("{}\t{}\t", figure.work, figure.way)
}

/// Returns the figures that are compared: without crypto, which varies with the random numbers, and
/// without the allocator, which varies with what was on the heap.
fn compared(figures: &[Figure]) -> impl Iterator<Item = &Figure> {
    figures.iter().filter(|figure| {
        let is_beside = |it: &&Figure| it.work == figure.work && it.way == figure.way;
        let mut beside = figures.iter().filter(is_beside);
        let has_outside = beside.any(|it| it.measure == Measure::OutsideCrypto);
        let is_compared = match has_outside {
            true => figure.measure == Measure::OutsideCrypto,
            false => figure.measure == Measure::Instructions,
        };
        figure.is_ours() && is_compared
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# rustc 1\n# valgrind-3\n";

    fn figures(instructions: f64, outside: f64) -> Vec<Figure> {
        vec![
            Figure::new("a", "lastword", Measure::Instructions, instructions),
            Figure::new("a", "rustls", Measure::Instructions, 9.0),
            Figure::new("b", "lastword", Measure::Instructions, 7000.0),
            Figure::new("b", "lastword", Measure::OutsideCrypto, outside),
        ]
    }

    #[test]
    fn saves_ours_and_of_a_handshake_what_is_outside_crypto() {
        let saved = format!("{HEAD}a\tlastword\t1000.0\nb\tlastword\t200.0\n");
        assert_eq!(text(HEAD, &figures(1000.0, 200.0)), saved);
    }

    #[test]
    fn a_count_may_grow_by_one_percent_and_no_more() {
        let saved = text(HEAD, &figures(1000.0, 200.0));
        let within = compare(&saved, &figures(1010.0, 202.0));
        assert_eq!((within.held, within.grown.len()), (2, 0));
        let beyond = compare(&saved, &figures(1011.0, 202.1));
        let grown = "a, lastword: 1000 before, 1011 now, 1.1 % more";
        assert_eq!((beyond.held, beyond.grown.len()), (0, 2));
        assert_eq!(beyond.grown[0], grown);
    }

    #[test]
    fn a_count_that_is_not_in_the_baseline_is_a_fault() {
        let grown = compare(HEAD, &figures(1.0, 1.0)).grown;
        assert_eq!(grown[0], "a, lastword: not in the baseline");
    }

    #[test]
    fn counts_of_another_compiler_are_not_compared() {
        let saved = text(HEAD, &figures(1.0, 1.0));
        assert_eq!(incomparable(&saved, HEAD), None);
        let why = incomparable(&saved, "# rustc 2\n# valgrind-3\n").unwrap();
        let sentence = "the baseline was counted with `rustc 1`, and this is `rustc 2`";
        assert_eq!(why, sentence);
    }
}
