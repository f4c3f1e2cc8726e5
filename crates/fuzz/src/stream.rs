//! A stream that does at each call what an input says, by a clock of its own.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use lastword_acceptor::Config;
use lastword_io::step::Options;
use lastword_io::{TlsAcceptor, Transport};
use lastword_testkit::script::{Outcome, ScriptedStream, Step};

/// More calls than any handshake makes.
const MANY: usize = 100_000;

/// What a call takes that blocks.
const TICK: Duration = Duration::from_millis(5);

/// A call that a stream is waited for to let through. A flush is a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Reading,
    Writing,
}

/// An acceptor with this configuration at hand.
pub(crate) fn acceptor(options: &Options, config: &Config) -> TlsAcceptor {
    within(options, TlsAcceptor::new(config.clone()))
}

/// The same acceptor with these options.
pub(crate) fn within<T>(options: &Options, acceptor: TlsAcceptor<T>) -> TlsAcceptor<T> {
    acceptor
        .with_timeout(options.timeout)
        .with_limits(options.limits)
        .with_drain(options.drain)
}

/// A scripted stream as a transport.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub(crate) stream: Box<ScriptedStream>,
    /// The last call that blocked.
    pub(crate) blocked: Option<Call>,
    /// What had been written, flushed too, when the write side was shut.
    pub(crate) shut: Option<Vec<u8>>,
}

/// What a byte of a schedule has a call come to.
pub(crate) fn step(byte: u8) -> Step {
    let takes = |ticks: u8| Outcome::WouldBlock.in_time(TICK * 8 * ticks.into());
    match byte {
        0..64 => Outcome::UpTo(1 + usize::from(byte)).into(),
        64..128 => Outcome::UpTo((usize::from(byte) - 63) * 64).into(),
        128..160 => Outcome::Interrupted.into(),
        160..208 => Outcome::WouldBlock.into(),
        208..214 => Outcome::Fail(ErrorKind::ConnectionReset).into(),
        214..218 => Outcome::Fail(ErrorKind::BrokenPipe).into(),
        218..224 => Outcome::Fail(ErrorKind::Other).into(),
        224..228 => Outcome::Fail(ErrorKind::TimedOut).into(),
        228..232 => Outcome::End.into(),
        _ => takes(byte - 231),
    }
}

/// The most blocked calls that surely end before the deadline of 10 seconds. One pauses for at most 50
/// milliseconds.
const FEW: usize = 100;

/// Whether a schedule lets the bytes through before the deadline: no call fails, and few block.
pub(crate) fn lets_through(schedule: &[u8]) -> bool {
    let blocked = schedule.iter().filter(|byte| **byte >= 160).count();
    blocked <= FEW && schedule.iter().all(|byte| *byte < 208)
}

impl Scripted {
    /// Reads, writes and flushes take a step of the schedule in turn.
    pub(crate) fn new(input: &[u8], schedule: &[u8], buffering: bool, stays_open: bool) -> Self {
        let of = |call| schedule.iter().skip(call).step_by(3).copied().map(step);
        let mut stream = ScriptedStream::new(input)
            .reads(of(0))
            .writes(of(1))
            .flushes(of(2));
        if buffering {
            stream = stream.buffering();
        }
        if stays_open {
            stream = stream.stays_open();
        }
        Self {
            stream: Box::new(stream),
            blocked: None,
            shut: None,
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.stream.clock().elapsed()
    }

    fn called<T>(&mut self, call: Call, result: io::Result<T>) -> io::Result<T> {
        let calls = self.stream.calls();
        let calls = calls.reads + calls.writes + calls.flushes;
        assert!(calls < MANY, "it spins");
        if matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock) {
            self.stream.clock().advance(TICK);
            self.blocked = Some(call);
        }
        result
    }
}

impl Read for Scripted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(buf);
        self.called(Call::Reading, result)
    }
}

impl Write for Scripted {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        assert_eq!(self.shut, None, "written behind the shut");
        let result = self.stream.write(buf);
        self.called(Call::Writing, result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.stream.flush();
        self.called(Call::Writing, result)
    }
}

impl Transport for Scripted {
    fn shutdown_write(&mut self) -> io::Result<()> {
        let written = self.stream.written().to_vec();
        assert_eq!(self.shut.replace(written), None, "shut twice");
        Ok(())
    }

    fn set_nonblocking(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn now(&self) -> Instant {
        self.stream.clock().now()
    }

    fn sleep(&mut self, time: Duration) {
        self.stream.clock().advance(time);
    }
}
