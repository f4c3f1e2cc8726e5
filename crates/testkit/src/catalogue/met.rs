//! Whether a client is told what it must be told, or not yet.

use super::verdict::list;
use super::{Case, Provider, Required};

/// Whether a client is told what it must be told, by a server with rustls's own provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Met {
    /// It is.
    Yes,
    /// It is not. The [`verdict`](Case::verdict) then holds a server to exactly what it tells
    /// today, and says so when it does better.
    No {
        /// What the client is told instead, to the last alert.
        today: Required,
        /// Why, in words.
        why: &'static str,
    },
}

impl Case {
    /// Returns [`met`](Self::met) for the case's server. With encrypted alerts every case is met.
    #[must_use]
    pub const fn met_by_server(&self) -> Met {
        match self.server.provider {
            Provider::EncryptedAlerts => Met::Yes,
            Provider::Rustls => self.met,
        }
    }

    /// What is to be noted beside what [`required`](Self::required) says, for one line of a table:
    /// nothing if it is met.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match self.met_by_server() {
            Met::Yes => None,
            Met::No { today, why } => Some(format!("{} today: {why}", list(today.alerts()))),
        }
    }

    /// The same, which is told something else today.
    pub(super) const fn unmet(mut self, today: Required, why: &'static str) -> Self {
        self.met = Met::No { today, why };
        self
    }
}
