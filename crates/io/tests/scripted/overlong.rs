//! Streams that say they moved more bytes than they were given.

use std::io::{self, Read, Write};

use lastword_io::acceptor::Silence;
use lastword_io::step::Step;
use lastword_io::{AcceptError, Delivery, Transport};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;

use crate::scripted::{ACCEPTOR, Scripted, hello};

/// A stream whose `n`th read or write claims a byte too many.
struct Overlong {
    stream: Scripted,
    reads: Option<usize>,
    writes: Option<usize>,
}

impl Overlong {
    fn new(input: &[u8]) -> Self {
        Self {
            stream: Scripted::new(ScriptedStream::new(input)),
            reads: None,
            writes: None,
        }
    }
}

/// Whether this is the call.
fn counts(left: &mut Option<usize>) -> bool {
    match left {
        Some(0) => true,
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    }
}

impl Read for Overlong {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match counts(&mut self.reads) {
            true => Ok(buf.len() + 1),
            false => self.stream.read(buf),
        }
    }
}

impl Write for Overlong {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match counts(&mut self.writes) {
            true => Ok(buf.len() + 1),
            false => self.stream.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Transport for Overlong {
    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown_write()
    }
}

/// The errors of the blocking and the nonblocking style.
fn errors(stream: impl Fn() -> Overlong) -> [AcceptError; 2] {
    let error = ACCEPTOR.accept(stream()).unwrap_err();
    let mut stream = stream();
    let Step::Over(Err(stepped)) = ACCEPTOR.start(stream.now()).step(&mut stream) else {
        panic!("it is not over");
    };
    [error.split_stream().0, stepped]
}

const WORDS: &str = "(the stream moved more bytes than there are in the buffer); no alert sent";

#[test]
fn a_read_that_claims_too_much_is_an_error_of_the_stream() {
    for reads in [0, 1] {
        for error in errors(|| Overlong {
            reads: Some(reads),
            ..Overlong::new(&hello()[..9])
        }) {
            assert_eq!(error.silence(), Some(Silence::StreamFailed));
            assert!(untimed(&error).ends_with(WORDS), "{error}");
        }
    }
}

#[test]
fn a_drain_that_claims_too_much_takes_nothing_back() {
    for error in errors(|| Overlong {
        reads: Some(1),
        ..Overlong::new(b"GET / HTTP/1.0\r\n\r\n")
    }) {
        assert_eq!(error.delivery(), Delivery::Written);
    }
}

#[test]
fn a_write_that_claims_too_much_has_not_written_the_alert() {
    for error in errors(|| Overlong {
        writes: Some(0),
        ..Overlong::new(b"GET / HTTP/1.0\r\n\r\n")
    }) {
        assert_eq!(error.delivery(), Delivery::Failed);
    }
}
