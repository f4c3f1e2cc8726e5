//! Whether a connection of rustls's has failed, without having it process anything.

use std::io::{self, ErrorKind, Read};

use rustls::{Error, ServerConnection};

/// The error that a connection keeps of what came right after its handshake; `None` if nothing failed.
///
/// Call it for the connection of a handshake that is complete, before you read from the stream. Do not
/// call `process_new_packets` instead. rustls 0.23.46 panics if it is called with nothing to process,
/// after a client has sent an empty handshake record and then `close_notify`.
pub fn kept_error(connection: &mut ServerConnection) -> Option<Error> {
    match reads(connection) {
        Reads::Closed => None,
        Reads::More | Reads::Full => connection.process_new_packets().err(),
    }
}

/// What rustls makes of more bytes.
pub(crate) enum Reads {
    /// It takes them.
    More,
    /// It has no room until the application has read plaintext.
    Full,
    /// It ignores them: the client has sent `close_notify` (RFC 8446 6.1).
    Closed,
}

pub(crate) fn reads(connection: &mut ServerConnection) -> Reads {
    match connection.read_tls(&mut Blocked) {
        Ok(_) => Reads::Closed,
        Err(error) if error.kind() == ErrorKind::WouldBlock => Reads::More,
        Err(_) => Reads::Full,
    }
}

/// A stream that has nothing to read yet.
struct Blocked;

impl Read for Blocked {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}
