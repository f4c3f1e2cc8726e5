//! Moving bytes between slices and a `rustls::ServerConnection`: what every path has in common.

use std::io::Read;

use rustls::{Error, InvalidMessage, ServerConnection};

use crate::reframe::Reframe;

/// Has rustls process a whole ClientHello.
pub(crate) fn feed_hello(connection: &mut ServerConnection, message: &[u8]) -> Result<(), Error> {
    let mut records = Reframe::new(message);
    while !records.is_empty() {
        read(connection, &mut records)?;
    }
    Ok(())
}

/// Has rustls process bytes off the front of `bytes`, until they or the handshake end.
pub(crate) fn feed(connection: &mut ServerConnection, bytes: &mut &[u8]) -> Result<(), Error> {
    // never an empty read: rustls takes it for the end of the stream
    while connection.is_handshaking() && !bytes.is_empty() {
        read(connection, bytes)?;
    }
    Ok(())
}

/// At most 4 KiB, as much as rustls 0.23 takes at once.
fn read(connection: &mut ServerConnection, bytes: &mut dyn Read) -> Result<(), Error> {
    match connection.read_tls(bytes) {
        Ok(1..) => connection.process_new_packets().map(drop),
        // the 64 KiB that rustls holds for one message are full
        Ok(0) | Err(_) => Err(InvalidMessage::HandshakePayloadTooLarge.into()),
    }
}

/// Everything that rustls has queued, in order.
pub(crate) fn drain(connection: &mut ServerConnection) -> Vec<u8> {
    let mut queue = Vec::new();
    // writing to a Vec does not fail and is never short
    while connection.wants_write() && connection.write_tls(&mut queue).is_ok() {}
    queue
}
