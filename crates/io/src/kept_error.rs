//! Whether what came right after a handshake failed: the error that rustls's connection keeps.

use std::io::{self, ErrorKind, Read};

use rustls::{Error, ServerConnection};

/// Returns the error of what came right after the handshake, which the connection keeps; `None` if
/// nothing failed.
///
/// Call it for the connection of a handshake that is complete, before you read from the stream. Do not
/// call `process_new_packets` instead. rustls 0.23.46 panics if it is called with nothing to process,
/// after a client has sent an empty handshake record and then `close_notify`.
pub fn kept_error(connection: &mut ServerConnection) -> Option<Error> {
    // it reads nothing once the client has closed, and what comes after that is ignored (RFC 8446 6.1)
    match connection.read_tls(&mut Blocked) {
        Ok(_) => None,
        Err(_) => connection.process_new_packets().err(),
    }
}

/// A stream that has nothing to read yet.
struct Blocked;

impl Read for Blocked {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}
