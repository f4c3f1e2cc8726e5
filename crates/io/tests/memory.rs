//! How much memory a client has a server hold whose handshake has failed, until it has its alert.

use std::alloc::System;
use std::io::{self, Read, Write};
use std::time::Instant;

use lastword_io::Transport;
use lastword_io::acceptor::{Config, Limits, Rejection};
use lastword_io::step::{Accepted, Accepting, Delivering, Options, Step, Undelivered};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What one read takes, in bytes. What it had after a refused ClientHello is kept.
const READ: usize = 4096;

/// What a error and the state of its delivery take besides.
const FAILURE: usize = 1024;

/// The bytes on the heap.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// A client that has sent these bytes, and reads nothing.
struct Stuck<'a>(&'a [u8]);

impl Read for Stuck<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf) {
            Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
            read => read,
        }
    }
}

impl Write for Stuck<'_> {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Transport for Stuck<'_> {
    fn shutdown_write(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn set_nonblocking(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
}

/// A ClientHello of almost 64 KiB in records of this length, and 4 KiB after it.
fn hello(record: usize) -> Vec<u8> {
    let padding = ExtensionType(21); // RFC 7685
    let hello = HelloBuilder::default()
        .alpn(&["x"])
        .extension(padding, &[0; 64_000]);
    let message = hello.message();
    let records = split_into_records(&message, &vec![record; message.len() / record]);
    [records, vec![23; READ]].concat()
}

/// A error that is being told, for as long as the client reads nothing.
fn delivering(undelivered: Undelivered, stream: &mut Stuck<'_>) -> Delivering {
    let Step::Writing(delivering) = undelivered.deliver(Instant::now()).step(stream) else {
        panic!("it was told")
    };
    delivering
}

/// A client whose ClientHello has arrived.
fn accepted(stream: &mut Stuck<'_>) -> Accepted {
    match Accepting::new(&Options::default(), Instant::now()).step(stream) {
        Step::Over(Ok(accepted)) => accepted,
        _ => panic!("no ClientHello"),
    }
}

/// A client that is refused by its ClientHello in a handshake.
fn refused(config: &Config, stream: &mut Stuck<'_>) -> Delivering {
    let undelivered = accepted(stream).into_handshake(config).unwrap_err();
    delivering(undelivered, stream)
}

/// A client that is refused by the application.
fn rejected(stream: &mut Stuck<'_>) -> Delivering {
    let undelivered = accepted(stream).reject(Rejection::unrecognized_name());
    delivering(undelivered, stream)
}

/// One test, for the heap is one for all.
#[test]
fn a_client_that_does_not_read_its_alert_is_held_within_the_limit() {
    let profile = ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(Pki::new().server_config(&profile)).unwrap();
    let limit = Limits::default().hello_len as usize + 1024;
    for record in [0x4000, 400] {
        let bytes = hello(record);
        for rejecting in [false, true] {
            let mut stream = Stuck(&bytes);
            let before = held();
            let delivering = match rejecting {
                false => refused(&config, &mut stream),
                true => rejected(&mut stream),
            };
            let now = held() - before + size_of_val(&delivering);
            let bound = bytes.len().min(limit + READ) + FAILURE;
            assert!(
                now > 64_000 && now <= bound,
                "{now} of {bound}, {rejecting}"
            );
        }
    }
}
