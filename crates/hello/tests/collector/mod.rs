//! The collector, against records built byte by byte.

mod properties;
mod refused;
mod whole;

use lastword_hello::{CollectError, Collected, Collector, Hello, Limits};

/// A ClientHello of 47 bytes without extensions, as a handshake message.
fn message() -> Vec<u8> {
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[0],
        &[0, 2, 0x13, 0x01],
        &[1, 0],
        &[0, 0],
    ]
    .concat();
    [&[1, 0, 0, 43][..], &body].concat()
}

/// A record.
fn record(content_type: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (payload.len() as u16).to_be_bytes();
    [&[content_type, 3, 1, high, low][..], payload].concat()
}

/// The message in handshake records of these lengths, the last as long as it must be.
fn records(message: &[u8], lengths: &[usize]) -> Vec<u8> {
    let mut rest = message;
    let mut bytes = Vec::new();
    for length in lengths {
        let (payload, behind) = rest.split_at((*length).min(rest.len()));
        if !payload.is_empty() {
            bytes.extend(record(22, payload));
        }
        rest = behind;
    }
    if !rest.is_empty() {
        bytes.extend(record(22, rest));
    }
    bytes
}

/// What comes of bytes that arrive in chunks of at most this length.
fn collect(bytes: &[u8], most: usize, limits: Limits) -> Result<Hello, CollectError> {
    let mut collector = Collector::new(limits);
    for mut chunk in bytes.chunks(most) {
        match collector.receive(&mut chunk)? {
            Collected::NeedsInput(next) => {
                assert!(chunk.is_empty(), "it needs input and leaves some");
                collector = next;
            }
            Collected::Hello(hello) => return Ok(hello),
        }
    }
    panic!("{} bytes are not enough", collector.received())
}
