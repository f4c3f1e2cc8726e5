//! The ways in which a client is driven.

/// Who chooses a configuration for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Nobody: there is one for all.
    OneForAll,
    /// The application, which may reject the client.
    Application,
}

/// Whether the server writes as soon as it can, or when the client has said all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    AtOnce,
    AtTheEnd,
}

/// Whether records that wait for the next are processed without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pauses {
    /// When the client has said all and waits.
    AtTheEnd,
    /// After each chunk.
    Always,
}
