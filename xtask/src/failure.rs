//! Why a verb failed.

use std::path::Path;
use std::{error::Error as StdError, io, process::ExitStatus};

use thiserror::Error;

/// Why a verb failed: the end of the process with [`code`](Failure::code).
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A command ran and said no.
    #[error("`{command}` ended with {status}")]
    Said { command: String, status: ExitStatus },
    /// A command could not be run.
    #[error("`{command}` could not be run")]
    NotRun { command: String, source: io::Error },
    /// A command's output is not what it is known to print.
    #[error("`{command}` printed what was not expected: {what}")]
    Output { command: String, what: String },
    /// A file could not be read or written.
    #[error("{path} could not be read or written")]
    File { path: String, source: io::Error },
    /// The sources have faults, which have been printed.
    #[error("tidy found {faults} fault{}", if *faults == 1 { "" } else { "s" })]
    Untidy { faults: usize },
    /// What crates offer is not what is written down of it, which has been printed.
    #[error(
        "the API is not as it is written down, in {faults} place{}: `cargo xtask api --help`",
        if *faults == 1 { "" } else { "s" }
    )]
    Api { faults: usize },
    /// All tests passed because there were none.
    #[error("not a single test ran")]
    NoTest,
    /// A file named on the command line cannot be used.
    #[error("{path} cannot be used")]
    Unusable { path: String, source: Cause },
    /// A tool that a verb needs is not there.
    #[error("{what} is missing: {how}")]
    Missing { what: &'static str, how: String },
    /// A fuzz target found an input that does not come to what it must.
    #[error(
        "{input} does not come to what it must: `cargo xtask fuzz {target} --input {input}` tries it again"
    )]
    Input { target: String, input: String },
    /// A step of `ci` failed.
    #[error("ci stopped at {step}")]
    Step {
        step: &'static str,
        source: Box<Failure>,
    },
}

type Cause = Box<dyn StdError + Send + Sync>;

impl Failure {
    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            source,
        }
    }

    pub(crate) fn unusable(path: &Path, source: impl Into<Cause>) -> Self {
        Self::Unusable {
            path: path.display().to_string(),
            source: source.into(),
        }
    }

    pub(crate) fn missing(what: &'static str, how: impl Into<String>) -> Self {
        Self::Missing {
            what,
            how: how.into(),
        }
    }

    /// The code the process ends with: 2 if the command line is at fault, as clap has it.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Unusable { .. } => 2,
            _ => 1,
        }
    }

    /// The failure and what caused it, on one line.
    pub(crate) fn in_words(&self) -> String {
        let mut words = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_failed_and_then_what_caused_it() {
        let source = Box::new(Failure::Untidy { faults: 2 });
        let failure = Failure::Step {
            step: "tidy",
            source,
        };
        assert_eq!(
            failure.in_words(),
            "ci stopped at tidy: tidy found 2 faults"
        );
    }
}
