//! A stream whose panics are caught, so that the state of its client is kept.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::panic::resume_unwind;
use std::time::Instant;

use lastword_io::Transport;

use crate::acceptor::Panic;

/// A stream that would block after a panic, so that a step returns its state.
pub(crate) struct Caught<S> {
    stream: S,
    panic: Option<Panic>,
}

impl<S> Caught<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self {
            stream,
            panic: None,
        }
    }

    /// The panic, if there was one.
    pub(crate) fn into_panic(self) -> Option<Panic> {
        self.panic
    }

    fn call<T>(&mut self, call: impl FnOnce(&mut S) -> io::Result<T>) -> io::Result<T> {
        if self.panic.is_none() {
            match Panic::catch(|| call(&mut self.stream)) {
                Ok(result) => return result,
                Err(panic) => self.panic = Some(panic),
            }
        }
        Err(ErrorKind::WouldBlock.into())
    }
}

/// Resumes a panic. The state is stored before, so that its drop handles the client.
pub(crate) fn resume(panic: Option<Panic>) {
    if let Some(payload) = panic.and_then(|panic| panic.take_payload()) {
        resume_unwind(payload);
    }
}

impl<S: Transport> Read for Caught<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.call(|stream| stream.read(buf))
    }
}

impl<S: Transport> Write for Caught<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.call(|stream| stream.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.call(|stream| stream.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(Write::flush)
    }
}

impl<S: Transport> Transport for Caught<S> {
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.call(|stream| stream.try_read(buf))
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.call(Transport::shutdown_write)
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        self.call(Transport::take_error)
    }

    fn now(&self) -> Instant {
        self.stream.now()
    }
}
