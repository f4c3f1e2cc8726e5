//! Moving bytes between slices and a `rustls::ServerConnection`: what every path has in common.

use std::io::Read;

use rustls::{Error, ServerConnection};

use crate::panic::Panic;
use crate::reframe::Reframe;

/// Why a connection of rustls's goes no further.
#[derive(Debug)]
pub(crate) enum Failure {
    /// rustls found an error.
    Rustls(Error),
    /// rustls's buffer is full of records that it cannot use yet.
    Full,
    /// The application's code in it panicked: a resolver, verifier, ticketer or session store.
    Panicked(Panic),
}

/// Has rustls process a whole ClientHello.
pub(crate) fn feed_hello(connection: &mut ServerConnection, message: &[u8]) -> Result<(), Failure> {
    let mut records = Reframe::new(message);
    while !records.is_empty() {
        read(connection, &mut records)?;
        process(connection)?;
    }
    Ok(())
}

/// Has rustls buffer all of `bytes`, and process none.
pub(crate) fn buffer(connection: &mut ServerConnection, bytes: &mut &[u8]) -> Result<(), Failure> {
    // never an empty read: rustls takes it for the end of the stream
    while !bytes.is_empty() {
        read(connection, bytes)?;
    }
    Ok(())
}

/// Has rustls buffer at most 4 KiB, as much as rustls 0.23 takes at once.
fn read(connection: &mut ServerConnection, bytes: &mut dyn Read) -> Result<(), Failure> {
    match connection.read_tls(bytes) {
        Ok(1..) => Ok(()),
        Ok(0) | Err(_) => Err(Failure::Full),
    }
}

/// Has rustls process what it has buffered.
pub(crate) fn process(connection: &mut ServerConnection) -> Result<(), Failure> {
    match Panic::catch(|| connection.process_new_packets()) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Failure::Rustls(error)),
        Err(panic) => Err(Failure::Panicked(panic)),
    }
}

/// Everything that rustls has queued, in order.
pub(crate) fn drain(connection: &mut ServerConnection) -> Vec<u8> {
    let mut queue = Vec::new();
    // writing to a Vec does not fail and is never short
    while connection.wants_write() && connection.write_tls(&mut queue).is_ok() {}
    queue
}
