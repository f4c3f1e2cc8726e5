//! What can become of the last word.

use std::fmt;

/// What became of the last word to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// There was nothing to send.
    NothingToSend,
    /// All was written to the system, and nothing proves that the client has read it.
    ///
    /// The client keeps its side open for longer than the limits of [`Drain`](crate::Drain), or
    /// closed it before the alert was written, as a client does that sends a request and shuts its
    /// write side. Or the stream cannot tell: one without a write side to shut, or a blocking one
    /// without [`set_nonblocking`](crate::Transport::set_nonblocking).
    Written,
    /// All was written, then the client closed, and no reset had come: the client has read it.
    ///
    /// The client's side was open just before the alert was written and was closed afterwards. A
    /// client that closes its socket without reading resets the connection. Two clients cannot be
    /// told from one that has read: one that only shuts its write side while it waits, and one that
    /// closed while the alert was on its way to it.
    Delivered,
    /// The client reset the connection, before all was written or after.
    PeerReset,
    /// The time for writing passed before all was written.
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
            Self::Delivered => "delivered",
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
            Self::Delivered => "delivered",
            Self::PeerReset => "reset by the client",
            Self::TimedOut => "not written in time",
            Self::Failed => "not written",
        })
    }
}
