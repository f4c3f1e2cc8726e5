//! What blocking and nonblocking have in common: states that go on until the stream would block.

use std::io::{self, ErrorKind};
use std::time::Instant;

use crate::{Step, Transport};

/// A state that moves bytes until the stream would block, a deadline passes, or it is over.
pub(crate) trait Machine: Sized {
    /// What it is over with.
    type Over;

    /// When it goes on at the latest, though the stream would block: then it must be stepped.
    fn until(&self) -> Instant;

    /// Goes on for as long as the stream does not block and the deadline is the same.
    fn advance(self, stream: &mut impl Transport) -> Next<Self, Self::Over>;
}

/// How far a state came.
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

/// Goes on for as long as the stream does not block.
pub(crate) fn step<M: Machine>(mut machine: M, stream: &mut impl Transport) -> Step<M, M::Over> {
    loop {
        machine = match machine.advance(stream) {
            Next::Reading(machine) => return Step::Reading(machine),
            Next::Writing(machine) => return Step::Writing(machine),
            Next::Again(machine) => machine,
            Next::Over(over) => return Step::Over(over),
        };
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
                ErrorKind::WouldBlock => return Moved::Blocked,
                _ => return Moved::Failed(error),
            },
        }
    }
}

/// Reads once. A stream that says it read more bytes than the buffer holds has failed.
pub(crate) fn read(stream: &mut impl Transport, buf: &mut [u8]) -> Moved {
    moved(|| stream.read(buf).and_then(|n| within(n, buf)))
}

/// The same of what has arrived, also over a blocking stream.
pub(crate) fn try_read(stream: &mut impl Transport, buf: &mut [u8]) -> Moved {
    moved(|| stream.try_read(buf).and_then(|n| within(n, buf)))
}

/// The number of bytes that a stream says it moved, if the buffer has so many.
pub(crate) fn within(n: usize, buf: &[u8]) -> io::Result<usize> {
    if n > buf.len() {
        let words = "the stream moved more bytes than there are in the buffer";
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    Ok(n)
}

/// Whether the client has reset the connection.
pub(crate) fn is_reset(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}
