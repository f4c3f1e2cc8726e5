//! Whether a connection of rustls's has failed, without having it process anything.

use std::io::{self, ErrorKind, Read};

use rustls::{Error, ServerConnection};

/// The error that a connection keeps of what came right after its handshake; `None` if nothing failed.
///
/// Call it for the connection of a handshake that is complete, before you read from the stream. Do not
/// call `process_new_packets` instead. rustls 0.23.46 panics if it is called with nothing to process,
/// after a client has sent an empty handshake record and then `close_notify`.
pub fn kept_error(connection: &mut ServerConnection) -> Option<Error> {
    match has_closed(connection) {
        true => None,
        false => connection.process_new_packets().err(),
    }
}

/// Whether the client has sent `close_notify`. What comes after that is ignored (RFC 8446 6.1): rustls
/// reads nothing more.
pub(crate) fn has_closed(connection: &mut ServerConnection) -> bool {
    connection.read_tls(&mut Blocked).is_ok()
}

/// A stream that has nothing to read yet.
struct Blocked;

impl Read for Blocked {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}
