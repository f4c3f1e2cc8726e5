//! What a transport does, call by call: reads and writes that are short, blocked, or fail.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::Duration;

mod clock;

pub use clock::Clock;

/// A transport without a network, which does at each call what its script says.
///
/// It has input for the reader, one schedule of [`Step`]s for reads, one for writes and one for
/// flushes; a call takes the next step of its schedule. A schedule that has run out lets
/// everything through. Lend it as `&mut stream` to what is tested, and ask it afterwards what was
/// [`written`](Self::written).
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
    reads: VecDeque<Step>,
    writes: VecDeque<Step>,
    flushes: VecDeque<Step>,
    buffering: bool,
    buffered: Vec<u8>,
    written: Vec<u8>,
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
    /// At most this many bytes go through, and at least one if there is any. A flush succeeds.
    UpTo(usize),
    /// The call would block.
    WouldBlock,
    /// The call is interrupted and must be made again.
    Interrupted,
    /// `Ok(0)`: for a read the end of the stream, for this call alone. A flush succeeds.
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

    /// More input behind what there is.
    pub fn feed(&mut self, input: &[u8]) {
        self.input.extend(input);
    }

    /// What has been written, and flushed if the stream is a buffering one.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        &self.written
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
        let most = next(&mut self.reads, &self.clock)?.min(buffer.len());
        if most > 0 && self.input.is_empty() && self.stays_open {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let (buffer, _) = buffer.split_at_mut(most);
        self.input.read(buffer)
    }
}

impl Write for ScriptedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls.writes += 1;
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
        next(&mut self.flushes, &self.clock)?;
        self.written.append(&mut self.buffered);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
