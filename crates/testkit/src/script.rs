//! What a transport does, call by call: reads and writes that are short, blocked, or fail.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::Duration;

mod client;
mod clock;
#[cfg(feature = "proptest")]
mod schedules;

pub use client::Client;
pub use clock::Clock;
#[cfg(feature = "proptest")]
pub use schedules::{Schedules, schedules};

/// A transport without a network, which does at each call what its script says.
///
/// It has input for the reader, or a [`Client`] at its other end, and a schedule of [`Step`]s for
/// reads, for writes, for flushes and for shutting the write side; a call takes the next step of
/// its schedule. A schedule that has run out lets everything through. Lend it as `&mut stream` to
/// what is tested, and ask it afterwards what was [`written`](Self::written).
///
/// ```
/// use std::io::Read;
/// use lastword_testkit::script::{Outcome, ScriptedStream};
///
/// let mut stream = ScriptedStream::new(b"hello").reads([Outcome::UpTo(2), Outcome::Interrupted]);
/// let mut buffer = [0; 16];
/// assert_eq!(stream.read(&mut buffer)?, 2);
/// assert_eq!(stream.read(&mut buffer).unwrap_err().kind(), std::io::ErrorKind::Interrupted);
/// assert_eq!(stream.read(&mut buffer)?, 3);
/// assert_eq!(stream.read(&mut buffer)?, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct ScriptedStream {
    input: VecDeque<u8>,
    stays_open: bool,
    closes_when_told: bool,
    reads: VecDeque<Step>,
    writes: VecDeque<Step>,
    flushes: VecDeque<Step>,
    shutdowns: VecDeque<Step>,
    buffering: bool,
    buffered: Vec<u8>,
    written: Vec<u8>,
    shut: Option<Vec<u8>>,
    client: Option<Box<Client>>,
    starved: bool,
    calls: Calls,
    clock: Clock,
}

/// One step of a schedule: what a call comes to, and how long it takes by the stream's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the call comes to.
    pub outcome: Outcome,
    /// How far the clock goes on before it returns.
    pub takes: Duration,
}

/// What a call comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At most this many bytes go through, and at least one if there is any. A flush or the shutting
    /// of the write side succeeds.
    UpTo(usize),
    /// The call would block.
    WouldBlock,
    /// The call is interrupted and must be made again.
    Interrupted,
    /// `Ok(0)`: for a read the end of the stream, for this call alone. A flush or the shutting of
    /// the write side succeeds.
    End,
    /// The call fails with this kind of error.
    Fail(io::ErrorKind),
}

/// How many calls were made, whatever they came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Of `read`.
    pub reads: usize,
    /// Of `write`.
    pub writes: usize,
    /// Of `flush`.
    pub flushes: usize,
}

impl Outcome {
    /// The same, in this time.
    #[must_use]
    pub const fn in_time(self, takes: Duration) -> Step {
        Step {
            outcome: self,
            takes,
        }
    }
}

impl Calls {
    /// More calls than any handshake makes.
    const MANY: usize = 100_000;

    fn check(self) {
        let all = self.reads + self.writes + self.flushes;
        assert!(all < Self::MANY, "it spins");
    }
}

impl From<Outcome> for Step {
    fn from(outcome: Outcome) -> Self {
        outcome.in_time(Duration::ZERO)
    }
}

impl ScriptedStream {
    /// A transport from which `input` can be read and then the end of the stream.
    #[must_use]
    pub fn new(input: &[u8]) -> Self {
        Self {
            input: input.to_vec().into(),
            ..Self::default()
        }
    }

    /// Behind the input there is no end: a read would block, for ever.
    #[must_use]
    pub const fn stays_open(mut self) -> Self {
        self.stays_open = true;
        self
    }

    /// After the input a read would block until something was written. Then the end comes, as from a
    /// client that reads what it is told and closes.
    #[must_use]
    pub const fn closes_when_told(mut self) -> Self {
        self.closes_when_told = true;
        self
    }

    /// At the other end there is this client: what it sends is the input behind the input, and the
    /// stream stays open until it closes.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = Some(Box::new(client));
        self
    }

    /// What is written counts as [`written`](Self::written) only once it is flushed.
    #[must_use]
    pub const fn buffering(mut self) -> Self {
        self.buffering = true;
        self
    }

    /// Adds steps to the schedule for reads.
    #[must_use]
    pub fn reads<S: Into<Step>>(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.reads.extend(steps.into_iter().map(Into::into));
        self
    }

    /// Adds steps to the schedule for writes.
    #[must_use]
    pub fn writes<S: Into<Step>>(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.writes.extend(steps.into_iter().map(Into::into));
        self
    }

    /// Adds steps to the schedule for flushes.
    #[must_use]
    pub fn flushes<S: Into<Step>>(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.flushes.extend(steps.into_iter().map(Into::into));
        self
    }

    /// Adds steps to the schedule for shutting the write side.
    #[must_use]
    pub fn shutdowns<S: Into<Step>>(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.shutdowns.extend(steps.into_iter().map(Into::into));
        self
    }

    /// Shuts the write side, as the script has it. What is not flushed is lost.
    ///
    /// # Errors
    ///
    /// As the script has it.
    ///
    /// # Panics
    ///
    /// If it is shut already.
    pub fn shutdown_write(&mut self) -> io::Result<()> {
        next(&mut self.shutdowns, &self.clock)?;
        assert_eq!(self.shut, None, "shut twice");
        self.shut = Some(self.written.clone());
        Ok(())
    }

    /// More input behind what there is.
    pub fn feed(&mut self, input: &[u8]) {
        self.input.extend(input);
    }

    /// What has been written, and flushed if the stream is a buffering one.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        &self.written
    }

    /// What had been [`written`](Self::written) when the write side was shut.
    #[must_use]
    pub fn shut(&self) -> Option<&[u8]> {
        self.shut.as_deref()
    }

    /// The client at the other end, if there is one.
    #[must_use]
    pub fn client(&self) -> Option<&Client> {
        self.client.as_deref()
    }

    /// Whether the last read blocked because there is nothing to read, and not by the script.
    #[must_use]
    pub const fn is_starved(&self) -> bool {
        self.starved
    }

    /// How many bytes were written and not flushed, which is none unless the stream is a
    /// buffering one.
    #[must_use]
    pub fn unflushed(&self) -> usize {
        self.buffered.len()
    }

    /// How many bytes of input have not been read.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.input.len()
    }

    /// How many calls were made.
    #[must_use]
    pub const fn calls(&self) -> Calls {
        self.calls
    }

    /// The stream's clock, to be handed to what is tested.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Lets the client answer what was written: whether more may come of it.
    fn client_stays(&mut self) -> bool {
        let Some(client) = &mut self.client else {
            return self.stays_open || (self.closes_when_told && self.written.is_empty());
        };
        self.input.extend(client.turn(&self.written));
        !client.has_closed()
    }
}

/// Takes a schedule's next step: how many bytes may go through.
fn next(schedule: &mut VecDeque<Step>, clock: &Clock) -> io::Result<usize> {
    let Some(step) = schedule.pop_front() else {
        return Ok(usize::MAX);
    };
    clock.advance(step.takes);
    match step.outcome {
        Outcome::UpTo(most) => Ok(most.max(1)),
        Outcome::End => Ok(0),
        Outcome::WouldBlock => Err(io::ErrorKind::WouldBlock.into()),
        Outcome::Interrupted => Err(io::ErrorKind::Interrupted.into()),
        Outcome::Fail(kind) => Err(kind.into()),
    }
}

impl Read for ScriptedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls.reads += 1;
        self.calls.check();
        self.starved = false;
        let most = next(&mut self.reads, &self.clock)?.min(buffer.len());
        let stays = self.input.is_empty() && self.client_stays();
        if stays && self.input.is_empty() && most > 0 {
            self.starved = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let (buffer, _) = buffer.split_at_mut(most);
        self.input.read(buffer)
    }
}

impl Write for ScriptedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls.writes += 1;
        self.calls.check();
        assert_eq!(self.shut, None, "written behind the shut");
        let most = next(&mut self.writes, &self.clock)?.min(bytes.len());
        let (bytes, _) = bytes.split_at(most);
        if self.buffering {
            self.buffered.extend(bytes);
        } else {
            self.written.extend(bytes);
        }
        Ok(most)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.calls.flushes += 1;
        self.calls.check();
        next(&mut self.flushes, &self.clock)?;
        self.written.append(&mut self.buffered);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
