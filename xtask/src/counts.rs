//! How many tests ran, told from the lines in which test runners sum up.

use std::{fmt, ops::Add};

/// How many tests passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// What a line sums up: one of cargo-nextest, one of the standard test harness, or none.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let line = line.trim_start();
        let sum = if line.starts_with("Summary [") {
            line.split_once(" run: ")?.1
        } else {
            line.strip_prefix("test result: ")?.split_once(". ")?.1
        };
        let mut counts = Self::default();
        for part in sum.split([',', ';']) {
            let mut words = part.split_whitespace();
            let number = words.next().and_then(|word| word.parse().ok());
            let (Some(number), Some(word)) = (number, words.next()) else {
                continue;
            };
            match word {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "skipped" | "ignored" => counts.skipped = number,
                _ => {}
            }
        }
        Some(counts)
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Option<Counts> {
        Some(Counts {
            passed,
            failed,
            skipped,
        })
    }

    #[test]
    fn reads_the_summary_of_nextest() {
        let line = "     Summary [   1.203s] 30 tests run: 28 passed (2 slow), 2 failed, 7 skipped";
        assert_eq!(Counts::of_line(line), counts(28, 2, 7));
    }

    #[test]
    fn reads_the_result_of_the_standard_harness() {
        let line = "test result: FAILED. 4 passed; 1 failed; 2 ignored; 0 measured; 9 filtered out; \
             finished in 0.01s";
        assert_eq!(Counts::of_line(line), counts(4, 1, 2));
    }

    #[test]
    fn reads_nothing_into_other_lines() {
        for line in ["", "test a ... ok", "running 3 tests", "Summary of it"] {
            assert_eq!(Counts::of_line(line), None, "{line}");
        }
    }
}
