//! How far a handshake had come.

use core::fmt;

/// How far a handshake had come when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The ClientHello had not arrived whole.
    ClientHello,
    /// The ClientHello had, and no ServerHello was made of it.
    ServerHello,
    /// The ServerHello had been made and the client had not finished.
    Finished,
    /// The client had finished. What it sent right after that failed.
    Established,
}

impl Phase {
    /// A short stable name: `client_hello`, `server_hello` or `finished`, after the message that
    /// was waited for; or `established`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientHello => "client_hello",
            Self::ServerHello => "server_hello",
            Self::Finished => "finished",
            Self::Established => "established",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientHello => "before the ClientHello was complete",
            Self::ServerHello => "before the ServerHello",
            Self::Finished => "after the ServerHello",
            Self::Established => "right after the handshake",
        })
    }
}
