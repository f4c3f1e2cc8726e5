//! States that advance until the stream would block, and their reads and writes.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::time::Instant;

use lastword_acceptor::{Connection, End, Handshake};

use crate::transport::Transport;

/// The result of a step.
///
/// ```
/// # use std::net::TcpStream;
/// use lastword_io::acceptor::Connection;
/// use lastword_io::step::{Handshaking, Step, Undelivered};
///
/// /// The event to wait for, and the state to step then.
/// enum Wait {
///     Readable(Handshaking),
///     Writable(Handshaking),
/// }
///
/// fn ready(
///     handshaking: Handshaking,
///     stream: &mut TcpStream,
/// ) -> Result<Wait, Result<Connection, Undelivered>> {
///     match handshaking.step(stream) {
///         Step::Reading(next) => Ok(Wait::Readable(next)),
///         Step::Writing(next) => Ok(Wait::Writable(next)),
///         Step::Over(result) => Err(result),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits"]
pub enum Step<S, T> {
    /// The stream has nothing to read. Step this state when the stream is readable.
    Reading(S),
    /// The stream takes nothing more. Step this state when the stream is writable.
    Writing(S),
    /// The state is over, with this result.
    Over(T),
}

/// A state that moves bytes until the stream would block, a deadline passes, or it is over.
pub(crate) trait Machine: Sized {
    /// The result of the state.
    type Over;

    /// The deadline: advance the state then even if the stream would block.
    fn deadline(&self) -> Instant;

    /// Advances until the stream would block or the deadline changes. Reads go into `buffer`.
    fn advance(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Next<Self, Self::Over>;
}

/// The result of advancing a state.
pub(crate) enum Next<M, T> {
    /// The stream has nothing to read.
    Reading(M),
    /// The stream takes nothing more to write.
    Writing(M),
    /// The deadline has changed. Advance again at once.
    Again(M),
    /// The state is over.
    Over(T),
}

/// Steps a state until the stream would block.
pub(crate) fn step<M: Machine>(
    mut machine: M,
    stream: &mut impl Transport,
    buffer: &mut Buffer,
) -> Step<M, M::Over> {
    loop {
        machine = match machine.advance(stream, buffer) {
            Next::Reading(machine) => return Step::Reading(machine),
            Next::Writing(machine) => return Step::Writing(machine),
            Next::Again(machine) => machine,
            Next::Over(over) => return Step::Over(over),
        };
    }
}

/// The result of a read or a write.
pub(crate) enum Moved {
    /// This many bytes were moved.
    Bytes(usize),
    /// The stream would block.
    Blocked,
    /// The stream failed.
    Failed(io::Error),
}

/// Calls `action`, and again while it is interrupted.
fn moved(mut action: impl FnMut() -> io::Result<usize>) -> Moved {
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

/// Reads once. A stream that claims more bytes than the buffer holds has failed.
pub(crate) fn read(stream: &mut impl Transport, buf: &mut [u8]) -> Moved {
    moved(|| stream.read(buf).and_then(|n| within(n, buf)))
}

/// Reads what has arrived without waiting, also from a blocking stream.
pub(crate) fn try_read(stream: &mut impl Transport, buf: &mut [u8]) -> Moved {
    moved(|| stream.try_read(buf).and_then(|n| within(n, buf)))
}

/// Checks the number of bytes that a stream returned against the length of the buffer.
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

/// How an error of the stream ends a handshake: a reset is how the client closes, and any other error is
/// a failure of the stream.
pub(crate) fn end_of(error: &io::Error) -> End {
    match is_reset(error) {
        true => End::Reset,
        false => End::StreamFailed,
    }
}

/// As much as rustls 0.23 takes at once, in bytes.
const INPUT: usize = 4096;

/// A read buffer of 4 KiB for a step. Nothing is kept in it between two steps, so an event loop needs
/// only one for all clients.
///
/// ```
/// # use std::net::TcpStream;
/// use lastword_io::step::{Accepting, Buffer};
///
/// # fn ready(clients: Vec<(Accepting, TcpStream)>) {
/// let mut buffer = Buffer::default();
/// for (accepting, mut stream) in clients {
///     let _step = accepting.step_with(&mut stream, &mut buffer);
/// }
/// # }
/// ```
#[derive(Default)]
pub struct Buffer {
    /// `None` until something is read.
    bytes: Option<[u8; INPUT]>,
}

impl Buffer {
    /// Returns the buffer.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        self.bytes.get_or_insert([0; INPUT])
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}

/// The bytes of the last read that are not yet used.
pub(crate) struct Input<'a> {
    buffer: &'a mut [u8],
    unused: Range<usize>,
    /// Bytes that were read before and do not fit in the buffer.
    more: Vec<u8>,
}

impl<'a> Input<'a> {
    /// Creates it with bytes that an earlier one [left](Self::to_unused). They are used first.
    pub(crate) fn new(buffer: &'a mut Buffer, unused: Vec<u8>) -> Self {
        let mut input = Self {
            buffer: buffer.bytes(),
            unused: 0..0,
            more: unused,
        };
        input.refill();
        input
    }

    /// Refills the buffer with bytes that were read before, if it is used up.
    fn refill(&mut self) {
        if self.unused.is_empty() && !self.more.is_empty() {
            let len = self.more.len().min(INPUT);
            for (to, from) in self.buffer.iter_mut().zip(self.more.drain(..len)) {
                *to = from;
            }
            self.unused = 0..len;
        }
    }

    /// Returns the unused bytes.
    pub(crate) fn unused(&self) -> &[u8] {
        self.buffer.get(self.unused.clone()).unwrap_or_default()
    }

    /// Returns all unused bytes, to keep.
    pub(crate) fn to_unused(&self) -> Vec<u8> {
        match self.more.is_empty() {
            true => self.unused().to_vec(),
            false => [self.unused(), &self.more].concat(),
        }
    }

    /// Removes the bytes that `take` takes off the front.
    pub(crate) fn take_with<T>(&mut self, take: impl FnOnce(&mut &[u8]) -> T) -> T {
        let mut bytes = self.unused();
        let taken = take(&mut bytes);
        let left = bytes.len();
        self.unused.start = self.unused.end.saturating_sub(left);
        self.refill();
        taken
    }

    /// Reads once, at most `most` bytes. All bytes read before must be used.
    pub(crate) fn read(&mut self, stream: &mut impl Transport, most: usize) -> Moved {
        debug_assert!(self.unused.is_empty());
        let (room, _) = self.buffer.split_at_mut(most.min(INPUT));
        let read = read(stream, room);
        if let Moved::Bytes(n) = read {
            self.unused = 0..n;
        }
        read
    }
}

/// A source of bytes for the client.
pub(crate) trait Outgoing {
    /// Whether there are bytes left.
    fn wants_write(&self) -> bool;

    /// Writes as many bytes as `wr` takes at once. The others are kept.
    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize>;
}

impl Outgoing for Handshake {
    fn wants_write(&self) -> bool {
        self.wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        let written = self.write_tls(wr)?;
        if let Some(measures) = self.measures_mut() {
            measures.add_sent(written);
        }
        Ok(written)
    }
}

impl Outgoing for Connection {
    fn wants_write(&self) -> bool {
        self.wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        self.write_tls(wr)
    }
}

impl<O: Outgoing> Outgoing for Box<O> {
    fn wants_write(&self) -> bool {
        (**self).wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        (**self).write_tls(wr)
    }
}

impl<O: Outgoing> Outgoing for Option<O> {
    fn wants_write(&self) -> bool {
        self.as_ref().is_some_and(Outgoing::wants_write)
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        self.as_mut()
            .map_or(Ok(0), |outgoing| outgoing.write_tls(wr))
    }
}

impl<O: Outgoing> Outgoing for &mut O {
    fn wants_write(&self) -> bool {
        (**self).wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        (**self).write_tls(wr)
    }
}

/// The end of a handshake that a connection has to write, which is counted with the handshake.
pub(crate) struct LastFlight<'a>(pub(crate) &'a mut Connection);

impl Outgoing for LastFlight<'_> {
    fn wants_write(&self) -> bool {
        self.0.wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        let written = self.0.write_tls(wr)?;
        self.0.measures_mut().add_sent(written);
        Ok(written)
    }
}

/// Whether a flush is still to be done for what was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flush {
    is_due: bool,
}

/// The result of writing.
pub(crate) enum Wrote {
    /// Nothing is left, and all is flushed.
    All,
    /// The stream would block.
    Blocked,
    /// The stream failed, or took nothing more.
    Failed(io::Error),
}

impl Flush {
    /// A flush that is to be done even if nothing is written before.
    pub(crate) const DUE: Self = Self { is_due: true };

    /// Writes until nothing is left, then flushes.
    pub(crate) fn write_all(
        &mut self,
        stream: &mut impl Transport,
        outgoing: &mut impl Outgoing,
    ) -> Wrote {
        while outgoing.wants_write() {
            match moved(|| outgoing.write_tls(stream)) {
                Moved::Bytes(0) => return Wrote::Failed(ErrorKind::WriteZero.into()),
                Moved::Bytes(_) => self.is_due = true,
                Moved::Blocked => return Wrote::Blocked,
                Moved::Failed(error) => return Wrote::Failed(error),
            }
        }
        if self.is_due {
            match moved(|| stream.flush().map(|()| 0)) {
                Moved::Bytes(_) => self.is_due = false,
                Moved::Blocked => return Wrote::Blocked,
                Moved::Failed(error) => return Wrote::Failed(error),
            }
        }
        Wrote::All
    }
}
