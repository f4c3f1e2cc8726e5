//! Seeing to it that the last word arrives: written whole, flushed, and closed behind in order.

use std::fmt;
use std::io::ErrorKind;

use crate::deadline::{Deadline, Stopped};
use crate::outgoing::{Outgoing, write_all};
use crate::{Drain, Transport};

/// What became of the last word to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// There was nothing to send.
    NothingToSend,
    /// All was written; the client had not closed when the drain came to its bounds.
    Written,
    /// All was written, then the client closed in order: as good as read.
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

/// Writes what is left to say, flushes, shuts the write side, and reads what the client still sends
/// until it closes or the drain comes to its bounds.
///
/// Whatever happens on the way, it ends; and none of it is an error, since there is one already.
pub(crate) fn deliver(
    transport: &mut impl Transport,
    outgoing: &mut impl Outgoing,
    deadline: Deadline,
    drain: Drain,
) -> Delivery {
    let something = outgoing.wants_write();
    let mut deadline = deadline.or_after(drain.time, transport);
    match write_all(transport, outgoing, &mut deadline) {
        Ok(()) => {}
        Err(Stopped::Expired) => return Delivery::TimedOut,
        Err(Stopped::Io(error)) if is_reset(error.kind()) => return Delivery::PeerReset,
        Err(Stopped::Io(_)) => return Delivery::Failed,
    }
    let drained = match transport.shutdown_write() {
        // a client that waits for the end of the stream would wait for ours, and we for its
        Err(error) if error.kind() == ErrorKind::Unsupported => Delivery::Written,
        // other errors are those of a connection that is gone, which the drain finds out
        Ok(()) | Err(_) => drain_input(transport, drain),
    };
    if something {
        drained
    } else {
        Delivery::NothingToSend
    }
}

/// Reads and throws away, so that the socket can be closed without a reset.
fn drain_input(transport: &mut impl Transport, drain: Drain) -> Delivery {
    let mut deadline = Deadline::after(drain.time, transport);
    let mut scratch = [0; 4096];
    let mut left = drain.bytes;
    loop {
        match deadline.retry(transport, |transport| transport.read(&mut scratch)) {
            Ok(0) => return Delivery::PeerClosed,
            Ok(n) => left = left.saturating_sub(n as u64),
            Err(Stopped::Io(error)) if is_reset(error.kind()) => return Delivery::PeerReset,
            Err(Stopped::Io(_) | Stopped::Expired) => return Delivery::Written,
        }
        if left == 0 {
            return Delivery::Written;
        }
    }
}

fn is_reset(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}
