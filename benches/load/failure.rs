//! Why `soak` or `scale` failed.

use std::error::Error as StdError;
use std::io;

use thiserror::Error;

/// The reason that a command failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A server in another process could not be started.
    #[error("`{command}` could not be run")]
    NotRun { command: String, source: io::Error },
    /// A server in another process printed something unknown.
    #[error("`{command}` printed unexpected output: {what}")]
    Output { command: String, what: String },
    /// The limit of descriptors could not be raised.
    #[error("the limit of descriptors could not be raised")]
    Limit { source: io::Error },
    /// A server is a program that is not built.
    #[error("`{name}` is not built: `cargo build --release -p {name}`")]
    NotBuilt { name: String },
    /// The server and its clients need a processor each.
    #[error("`load` needs the processors 0 and 1")]
    Processors,
    /// The clients could not be run.
    #[error("load: the clients could not be run")]
    Offer { source: io::Error },
    /// A server or a client could not be configured.
    #[error("a server or a client cannot be configured")]
    Config {
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A server cannot listen.
    #[error("cannot listen")]
    Listen { source: io::Error },
    /// A good client of `scale` was not served.
    #[error("scale: a good client was not served")]
    Client { source: io::Error },
    /// A limit of `scale` was exceeded.
    #[error("scale: {faults}")]
    Scale { faults: String },
    /// A soak found a leak, or a client got a wrong result.
    #[error("soak: {faults}")]
    Soak { faults: String },
}

impl Failure {
    pub(crate) fn config(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Config {
            source: source.into(),
        }
    }

    pub(crate) fn listen(source: io::Error) -> Self {
        Self::Listen { source }
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
