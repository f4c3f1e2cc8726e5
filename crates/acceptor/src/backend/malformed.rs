//! Finds the extension of a ClientHello that rustls cannot parse.
//!
//! rustls does not name it: most of its errors name only the type of a field.

use lastword_hello::{ClientHello, ExtensionType};
use rustls::Error;
use rustls::server::Acceptor;

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
    let (mut records, mut acceptor) = (Reframe::new(&hello), Acceptor::default());
    while !records.is_empty() {
        if acceptor.read_tls(&mut records).is_err() {
            return true;
        }
        if let Err((Error::InvalidMessage(_), _)) = acceptor.accept() {
            return false;
        }
    }
    true
}
