//! The phases of a handshake.

use core::fmt;

/// The phase of a handshake in which it ended.
///
/// ```
/// use lastword_acceptor::{End, Handshake, Phase};
///
/// let failed = Handshake::default().end(End::Closed);
/// assert_eq!(failed.error().phase(), Phase::ClientHello);
/// assert!(Phase::ClientHello < Phase::Established);
/// assert_eq!(Phase::ServerHello.name(), "server_hello");
/// assert_eq!(Phase::ServerHello.to_string(), "before the ServerHello");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The ClientHello was not complete.
    ClientHello,
    /// The ClientHello was complete, and no ServerHello had been made.
    ServerHello,
    /// The ServerHello had been made, and the client's Finished had not arrived.
    AfterServerHello,
    /// The client was authenticated and waited for the application's verdict.
    Authenticated,
    /// The handshake was complete. A record right after it failed.
    Established,
}

impl Phase {
    /// Returns a short stable name: `client_hello`, `server_hello`, `after_server_hello`,
    /// `authenticated` or `established`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientHello => "client_hello",
            Self::ServerHello => "server_hello",
            Self::AfterServerHello => "after_server_hello",
            Self::Authenticated => "authenticated",
            Self::Established => "established",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientHello => "before the ClientHello was complete",
            Self::ServerHello => "before the ServerHello",
            Self::AfterServerHello => "after the ServerHello",
            Self::Authenticated => "after the client was authenticated",
            Self::Established => "right after the handshake",
        })
    }
}
