//! The peers that parse and do not handshake: tls-parser, and the framing of tokio-util.

use std::hint::black_box;

use bytes::BytesMut;
use lastword_record::Header;
use tls_parser::nom::IResult;
use tls_parser::{
    TlsExtension, TlsMessage, TlsMessageHandshake, parse_tls_client_hello_extensions,
    parse_tls_message_handshake, parse_tls_plaintext, parse_tls_raw_record,
    parse_tls_record_header,
};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use crate::work::Work;

/// Adds the ways of taking records off a buffer.
pub(super) fn of_records(work: Work, buffer: &'static [u8]) -> Work {
    work.way("tls-parser header", move || headers(black_box(buffer)))
        .way("tls-parser record", move || raw_records(black_box(buffer)))
        .parts("tokio-util", move |meter| {
            let mut codec = LengthDelimitedCodec::builder()
                .length_field_offset(3)
                .length_field_type::<u16>()
                .length_adjustment(Header::LEN as isize)
                .num_skip(0)
                .new_codec();
            let mut bytes = BytesMut::from(buffer);
            meter.measure(&mut || {
                while let Ok(Some(record)) = codec.decode(&mut bytes) {
                    black_box(record);
                }
            });
            assert!(bytes.is_empty());
        })
}

/// Adds the ways of parsing a ClientHello: a small one, a large one, and one in several records.
pub(super) fn of_hellos(works: [Work; 3], bytes: [&'static [u8]; 3]) -> [Work; 3] {
    let [small, large, split] = works;
    let [small_bytes, large_bytes, split_bytes] = bytes;
    [
        small.way("tls-parser", move || parser(black_box(small_bytes))),
        large.way("tls-parser", move || parser(black_box(large_bytes))),
        split.way("tls-parser", move || joining_parser(black_box(split_bytes))),
    ]
}

/// The header alone is parsed, and the payload cut off by hand.
fn headers(mut buffer: &[u8]) {
    while let Ok((behind, header)) = parse_tls_record_header(buffer) {
        let Some((payload, rest)) = behind.split_at_checked(header.len.into()) else {
            break;
        };
        black_box((header, payload));
        buffer = rest;
    }
    assert!(buffer.is_empty());
}

fn raw_records(mut buffer: &[u8]) {
    while let Ok((rest, record)) = parse_tls_raw_record(buffer) {
        black_box(record);
        buffer = rest;
    }
    assert!(buffer.is_empty());
}

fn parser(bytes: &[u8]) {
    let (_, record) = parse_tls_plaintext(bytes).expect("a record");
    let Some(TlsMessage::Handshake(message)) = record.msg.first() else {
        panic!("no message")
    };
    look_parsed(message);
}

/// The parser leaves it to its caller to join records.
fn joining_parser(mut bytes: &[u8]) {
    let mut joined = Vec::new();
    while let Ok((rest, record)) = parse_tls_raw_record(bytes) {
        joined.extend_from_slice(record.data);
        bytes = rest;
    }
    let message: IResult<_, _> = parse_tls_message_handshake(&joined);
    let Ok((_, TlsMessage::Handshake(message))) = message else {
        panic!("no message")
    };
    look_parsed(&message);
}

fn look_parsed(message: &TlsMessageHandshake<'_>) {
    let TlsMessageHandshake::ClientHello(hello) = message else {
        panic!("no hello")
    };
    let extensions = hello.ext.unwrap_or_default();
    let (_, extensions) = parse_tls_client_hello_extensions(extensions).expect("extensions");
    for extension in &extensions {
        match extension {
            TlsExtension::SNI(names) => drop(black_box(names.first())),
            TlsExtension::ALPN(protocols) => drop(black_box(protocols.first())),
            TlsExtension::SupportedVersions(versions) => drop(black_box(versions.first())),
            _ => {}
        }
    }
    black_box(&hello.ciphers);
}
