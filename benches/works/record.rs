//! Records come off the front of a buffer.
//!
//! Framing reads headers and leaves payloads alone, so what it costs goes by the number of records
//! and hardly by their length.

use std::hint::black_box;

use lastword_record::{ContentType, Header, LengthLimit, ProtocolVersion, Records};

use crate::work::Work;

/// The length of the buffer in bytes, at most: whole records only.
const BUFFER: usize = 16 << 20;

/// Payload lengths in bytes: a message, a small file, and as long as a record may be.
const PAYLOADS: [(&str, u16); 3] = [("64 B", 64), ("1 KiB", 1 << 10), ("16 KiB", 1 << 14)];

pub(super) fn works() -> Vec<Work> {
    PAYLOADS.map(work).into()
}

fn work((name, length): (&str, u16)) -> Work {
    let buffer: &'static [u8] = records(length).leak();
    let mut copy = vec![0; buffer.len()];
    let work = Work {
        each: (buffer.len() / (Header::LEN + usize::from(length))) as u64,
        runs: 1,
        ..Work::new(format!("record/{name}"), buffer.len())
    }
    .way("lastword", move || ours(black_box(buffer)));
    #[cfg(feature = "peers")]
    let work = super::parsers::of_records(work, buffer);
    work.way("bare loop", move || bare(black_box(buffer)))
        .way("memcpy", move || {
            copy.copy_from_slice(black_box(buffer));
            black_box(&mut copy);
        })
}

/// A buffer full of records with payloads of this length.
fn records(length: u16) -> Vec<u8> {
    let header = Header {
        content_type: ContentType::HANDSHAKE,
        version: ProtocolVersion::TLS_1_2,
        length,
    };
    let mut record = header.to_bytes().to_vec();
    record.resize(Header::LEN + usize::from(length), 0xa5);
    record.repeat(BUFFER / record.len())
}

fn ours(buffer: &[u8]) {
    let mut records = Records::new(buffer, LengthLimit::PLAINTEXT);
    records.by_ref().for_each(|record| {
        black_box(record);
    });
    assert!(records.remainder().is_empty());
}

/// As little as can be done: no limit is looked at, nothing has a name.
fn bare(mut buffer: &[u8]) {
    while let [content_type, _, _, high, low, behind @ ..] = buffer {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((payload, rest)) = behind.split_at_checked(length) else {
            break;
        };
        black_box((content_type, payload));
        buffer = rest;
    }
    assert!(buffer.is_empty());
}
