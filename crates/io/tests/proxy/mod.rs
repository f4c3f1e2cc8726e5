//! Headers of the PROXY protocol: exact bytes of both versions, and properties of any bytes.

mod oracle;
mod properties;
mod v1;
mod v2;

use lastword_io::proxy::{DEFAULT_LIMIT, Parsed, ProxyError, ProxyHeader};

/// The header that is all of these bytes.
fn header(bytes: &[u8]) -> ProxyHeader {
    match oracle::check(bytes, DEFAULT_LIMIT) {
        Ok(Parsed::Complete { header, len }) if len == bytes.len() => header,
        other => panic!("{}: {other:?}", bytes.escape_ascii()),
    }
}

fn error(bytes: &[u8]) -> ProxyError {
    oracle::check(bytes, DEFAULT_LIMIT).unwrap_err()
}

fn words(bytes: &[u8]) -> String {
    error(bytes).to_string()
}

/// The number of bytes missing.
fn missing(bytes: &[u8]) -> usize {
    match oracle::check(bytes, DEFAULT_LIMIT) {
        Ok(Parsed::NeedsInput(missing)) => missing,
        other => panic!("{}: {other:?}", bytes.escape_ascii()),
    }
}
