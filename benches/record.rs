//! How fast records come off the front of a buffer.
//!
//! Framing reads headers and leaves payloads alone, so what it costs goes by the number of records
//! and hardly by their length.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lastword_record::{ContentType, Header, LengthLimit, ProtocolVersion, Records};

/// The length of the buffer in bytes, at most: whole records only.
const BUFFER: usize = 16 << 20;

/// Payload lengths in bytes: a message, a small file, and as long as a record may be.
const PAYLOADS: [(&str, u16); 3] = [("64 B", 64), ("1 KiB", 1 << 10), ("16 KiB", 1 << 14)];

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

/// Iterates over every record of a buffer, and looks at each.
fn frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record");
    for (name, length) in PAYLOADS {
        let buffer = records(length);
        group.throughput(Throughput::Bytes(buffer.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &buffer, |b, buffer| {
            b.iter(|| {
                let mut records = Records::new(black_box(buffer), LengthLimit::PLAINTEXT);
                records.by_ref().for_each(|record| {
                    black_box(record);
                });
                assert!(records.remainder().is_empty());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, frame);
criterion_main!(benches);
