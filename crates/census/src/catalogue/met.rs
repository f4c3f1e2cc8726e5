//! Whether a client gets the required result today.

use super::verdict::list;
use super::{Case, Provider, Required};
use crate::server;

/// Whether a client gets the required result from a server with rustls's own provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Met {
    /// It gets it.
    Yes,
    /// It does not. [`Case::verdict`] then requires exactly today's result, and reports a better one.
    No {
        /// The result of today, including the last alert.
        today: Required,
        /// The reason, in words.
        why: &'static str,
    },
}

impl Case {
    /// Returns whether the client gets the required result from the case's server. With encrypted alerts every case is met.
    #[must_use]
    pub fn met_by_server(&self) -> Met {
        match self.server.provider {
            Provider::EncryptedAlerts => Met::Yes,
            Provider::Rustls => server::met(self),
        }
    }

    /// Returns a note for one line of a table; `None` if the case is met.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match self.met_by_server() {
            Met::Yes => None,
            Met::No { today, why } => Some(format!("{} today: {why}", list(today.alerts()))),
        }
    }

    /// Returns the same case, with another result today.
    pub(super) const fn unmet(mut self, today: Required, why: &'static str) -> Self {
        self.met = Met::No { today, why };
        self
    }
}
