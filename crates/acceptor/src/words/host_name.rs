//! The host name of a ClientHello that is refused because of it.

use std::fmt::{self, Formatter};

use lastword_record::{ContentType, HandshakeHeader, LengthLimit, Records};

use crate::error::Error;
use crate::text::Quoted;
use crate::vector::{take, take_vector};

/// Writes the name.
pub(super) fn name(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let received = error.received();
    let records = Records::new(&received, LengthLimit::PLAINTEXT)
        .filter(|record| record.header.content_type == ContentType::HANDSHAKE);
    let message: Vec<u8> = records.flat_map(|record| record.payload).copied().collect();
    match find(&message) {
        Some(name) => match std::str::from_utf8(name) {
            Ok(name) => write!(f, ": {}", Quoted(name)),
            Err(_) => write!(f, ": \"{}\"", name.escape_ascii()),
        },
        None => Ok(()),
    }
}

/// Finds the host name (RFC 6066 section 3) in a ClientHello (RFC 8446 section 4.1.2).
fn find(mut message: &[u8]) -> Option<&[u8]> {
    take(&mut message, HandshakeHeader::LEN + 2 + 32)?; // legacy_version, random
    take_vector(&mut message, 1)?; // legacy_session_id
    take_vector(&mut message, 2)?; // cipher_suites
    take_vector(&mut message, 1)?; // legacy_compression_methods
    let mut extensions = take_vector(&mut message, 2)?;
    loop {
        let extension_type = take(&mut extensions, 2)?;
        let mut data = take_vector(&mut extensions, 2)?;
        if extension_type == [0, 0] {
            let mut list = take_vector(&mut data, 2)?;
            take(&mut list, 1)?; // name_type
            return take_vector(&mut list, 2);
        }
    }
}
