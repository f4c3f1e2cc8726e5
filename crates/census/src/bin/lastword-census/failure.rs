//! Why `serve` or `demo` failed.

use std::error::Error as StdError;
use std::io;
use std::path::Path;

use thiserror::Error;

/// The reason that a command failed, and the [`code`](Failure::code) that the process exits with.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A file could not be read or written.
    #[error("{path} could not be read or written")]
    File { path: String, source: io::Error },
    /// A file named on the command line cannot be used.
    #[error("{path} cannot be used")]
    Unusable { path: String, source: Cause },
    /// The options do not make a server.
    #[error("the options do not make a valid server")]
    Config { source: Cause },
    /// A server cannot listen.
    #[error("cannot listen")]
    Listen { source: io::Error },
    /// No client of the demo has this in its name.
    #[error("no client has `{only}` in its name")]
    NoClient { only: String },
    /// Clients of the demo were told something else than they must be, or nothing.
    #[error("{wrong} client{} a wrong result", if *wrong == 1 { " has" } else { "s have" })]
    ToldWrong { wrong: usize },
}

type Cause = Box<dyn StdError + Send + Sync>;

impl Failure {
    pub(crate) fn unusable(path: &Path, source: impl Into<Cause>) -> Self {
        Self::Unusable {
            path: path.display().to_string(),
            source: source.into(),
        }
    }

    pub(crate) fn config(source: impl Into<Cause>) -> Self {
        Self::Config {
            source: source.into(),
        }
    }

    pub(crate) fn listen(source: io::Error) -> Self {
        Self::Listen { source }
    }

    /// Standard output could not be written to.
    pub(crate) fn output(source: io::Error) -> Self {
        Self::File {
            path: "standard output".into(),
            source,
        }
    }

    /// Whether a reader of the output, for example `head`, has enough.
    pub(crate) fn is_end_of_reader(&self) -> bool {
        match self {
            Self::File { source, .. } => source.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }

    /// Returns the exit code: 2 if the command line is wrong, as with clap, else 1.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Unusable { .. } | Self::Config { .. } | Self::NoClient { .. } => 2,
            Self::File { .. } | Self::Listen { .. } | Self::ToldWrong { .. } => 1,
        }
    }

    /// Returns the failure and its causes on one line.
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
