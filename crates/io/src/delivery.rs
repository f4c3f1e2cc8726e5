//! What can become of the last word.

use std::fmt;

/// What became of the last word to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// There was nothing to send.
    NothingToSend,
    /// All was written; the client had not closed when the drain came to its bounds.
    Written,
    /// All was written, then the client closed, and no reset had come: as good as read.
    PeerClosed,
    /// The client reset the connection, before all was written or after.
    PeerReset,
    /// The deadline passed before all was written.
    TimedOut,
    /// The stream failed, or took no more, before all was written.
    Failed,
}

impl Delivery {
    /// A short stable name, in snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingToSend => "nothing_to_send",
            Self::Written => "written",
            Self::PeerClosed => "peer_closed",
            Self::PeerReset => "peer_reset",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingToSend => "nothing to send",
            Self::Written => "written",
            Self::PeerClosed => "delivered",
            Self::PeerReset => "reset by the client",
            Self::TimedOut => "not written in time",
            Self::Failed => "not written",
        })
    }
}
