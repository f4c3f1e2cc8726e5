//! What a report is told, in the order in which things happen.

use std::io;
use std::time::Duration;

use lastword_census::catalogue::Case;

use super::PATHS;
use super::mark::Tally;
use super::outcome::Outcome;
use super::programs::{Condition, Program, Trial};

/// How the demo is shown. What is not of interest is left out by default.
pub(super) trait Report {
    /// The clients of the catalogue are about to run.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// What came of a client, on each path.
    fn case(&mut self, case: &Case, outcomes: &[Outcome; PATHS]) -> io::Result<()>;

    /// The conditions are about to be tried with a program of this version, or it is absent.
    fn program(&mut self, _program: Program, _version: Option<&str>) -> io::Result<()> {
        Ok(())
    }

    /// What came of a condition with a program, on each path.
    fn trial(&mut self, _: Program, _: &Condition, _trials: &[Trial; PATHS]) -> io::Result<()> {
        Ok(())
    }

    /// That is all.
    fn end(&mut self, _tally: &Tally, _took: Duration) -> io::Result<()> {
        Ok(())
    }
}
