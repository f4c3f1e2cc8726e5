//! Finds the extension of a ClientHello that rustls cannot parse.
//!
//! rustls does not name it: most of its errors name only the type of a field.

use std::io::Read;

use lastword_hello::{ClientHello, ExtensionType};
use rustls::server::ServerHandshake;
use rustls::{Error, SliceInput};

use super::probe;
use super::reframe::Reframe;

/// Returns the first extension that rustls cannot parse; `None` if the error is elsewhere.
pub(crate) fn extension(hello: &ClientHello<'_>) -> Option<ExtensionType> {
    let mut block = Vec::new();
    let ends: Vec<_> = hello
        .extensions()
        .map(|extension| {
            block.extend(extension.extension_type.0.to_be_bytes());
            block.extend((extension.data.len() as u16).to_be_bytes());
            block.extend(extension.data);
            (extension.extension_type, block.len())
        })
        .collect();
    // rustls parses them in order, so a block fails from this extension on
    let first = ends.partition_point(|(_, end)| block.get(..*end).is_some_and(is_parsed));
    ends.get(first).map(|(extension_type, _)| *extension_type)
}

/// Returns whether rustls parses a ClientHello with these extensions.
fn is_parsed(block: &[u8]) -> bool {
    let hello = probe::hello_with(&[0x1301], block);
    let mut records = Vec::new();
    let mut reframed = Reframe::new(&hello);
    while !reframed.is_empty() {
        // reading from a slice does not fail
        if reframed.read_to_end(&mut records).is_err() {
            return true;
        }
    }
    let mut input = SliceInput::new(&mut records);
    let processed = ServerHandshake::start().process(&mut input, &mut Vec::new());
    !matches!(processed, Err(Error::InvalidMessage(_)))
}
