//! How `ci` ended: a table of its steps.

use std::{fmt, time::Duration};

use crate::counts::Counts;

/// How a step ended.
pub(crate) enum Line {
    Passed { took: Duration },
    Failed { took: Duration },
    Skipped { why: String },
    NotReached,
}

/// The steps in order, and the tests that ran.
#[derive(Default)]
pub(crate) struct Summary {
    lines: Vec<(&'static str, Line)>,
    pub(crate) tests: Option<Counts>,
}

impl Summary {
    /// Adds the next step.
    pub(crate) fn push(&mut self, step: &'static str, line: Line) {
        self.lines.push((step, line));
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut total = Duration::ZERO;
        for (step, line) in &self.lines {
            write!(f, "{step:<13}")?;
            match line {
                Line::Passed { took } => writeln!(f, "passed {:>9.1} s", took.as_secs_f64())?,
                Line::Failed { took } => writeln!(f, "failed {:>9.1} s", took.as_secs_f64())?,
                Line::Skipped { why } => writeln!(f, "skipped: {why}")?,
                Line::NotReached => writeln!(f, "not reached")?,
            }
            if let Line::Passed { took } | Line::Failed { took } = line {
                total += *took;
            }
        }
        if let Some(counts) = self.tests {
            // test runners' summaries, of doctests and others, in one line
            writeln!(f, "{:<13}{:>16.1} s", "in all", total.as_secs_f64())?;
            writeln!(f, "tests: {counts}")?;
        }
        Ok(())
    }
}
