//! What blocking and nonblocking have in common: states that go on until the stream would block.

use std::io::{self, ErrorKind};
use std::time::Instant;

use crate::Transport;

/// A state that moves bytes until the stream would block, a deadline passes, or it is over.
pub(crate) trait Machine: Sized {
    /// What it is over with.
    type Over;

    /// When it goes on at the latest, though the stream would block: then it must be stepped.
    fn until(&self) -> Instant;

    /// Goes on for as long as the stream does not block.
    fn step(self, stream: &mut impl Transport) -> Next<Self, Self::Over>;
}

/// How a step ended.
pub(crate) enum Next<M, T> {
    /// The stream has nothing to read.
    Reading(M),
    /// The stream takes nothing more to write.
    Writing(M),
    /// It goes on at once, under another deadline.
    Again(M),
    /// Over.
    Over(T),
}

impl<M, T> Next<M, T> {
    /// The same of a state that this one is a part of, and what that one does when it is over.
    pub(crate) fn within<N, U>(
        self,
        part: impl FnOnce(M) -> N,
        over: impl FnOnce(T) -> Next<N, U>,
    ) -> Next<N, U> {
        match self {
            Self::Reading(machine) => Next::Reading(part(machine)),
            Self::Writing(machine) => Next::Writing(part(machine)),
            Self::Again(machine) => Next::Again(part(machine)),
            Self::Over(end) => over(end),
        }
    }
}

/// What a read or a write came to.
pub(crate) enum Moved {
    /// So many bytes.
    Bytes(usize),
    /// Nothing, for the stream would block.
    Blocked,
    /// The stream failed.
    Failed(io::Error),
}

/// Calls `action` again for as long as it is interrupted.
pub(crate) fn moved(mut action: impl FnMut() -> io::Result<usize>) -> Moved {
    loop {
        match action() {
            Ok(n) => return Moved::Bytes(n),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                // what a blocking stream says once its timeout has passed
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Moved::Blocked,
                _ => return Moved::Failed(error),
            },
        }
    }
}

/// Whether the client has reset the connection.
pub(crate) fn is_reset(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}
