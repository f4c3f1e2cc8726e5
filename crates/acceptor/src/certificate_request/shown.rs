//! What a configuration's `Debug` shows of the names of authorities.
//!
//! With debug assertions rustls panics over a CertificateRequest that is too long, and over one of TLS
//! 1.3 it panics twice at once, which ends the process. So in such builds the names are looked for
//! where rustls, and any verifier that derives `Debug`, shows them.

use std::fmt::{self, Write};

use rustls::ServerConfig;

/// What is before the hexadecimal digits of each name.
const BEFORE: &[u8] = b"DistinguishedName(";

/// How many names `config` shows, and what they take in bytes, two for the length of each included.
pub(super) fn names(config: &ServerConfig) -> (usize, usize) {
    let mut reader = Reader::default();
    // the reader does not fail
    match write!(reader, "{config:?}") {
        Ok(()) => (reader.names, 2 * reader.names + reader.digits / 2),
        Err(fmt::Error) => (0, 0),
    }
}

#[derive(Default)]
struct Reader {
    /// How much of [`BEFORE`] has come.
    matched: usize,
    names: usize,
    digits: usize,
}

impl Write for Reader {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match BEFORE.get(self.matched) {
                Some(expected) if *expected == byte => {
                    self.matched += 1;
                    self.names += usize::from(self.matched == BEFORE.len());
                }
                None if byte.is_ascii_hexdigit() => self.digits += 1,
                // no byte of it but the first is a `D`
                _ => self.matched = usize::from(byte == b'D'),
            }
        }
        Ok(())
    }
}
