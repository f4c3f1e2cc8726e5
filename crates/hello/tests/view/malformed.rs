//! Each way in which a hello's fields can be malformed: the field, the problem, the words, the alert.

use lastword_alert::AlertDescription;
use lastword_hello::{ClientHello, Field, Problem};
use lastword_record::HandshakeType;

use crate::view::builder::{Body, RANDOM, extension, message, typical, u8_vector, u16_vector};

pub(crate) const DECODE_ERROR: AlertDescription = AlertDescription::DECODE_ERROR;

/// Sees to it that `message` is refused because of `field` and `problem`, with `alert`.
#[track_caller]
pub(crate) fn refused(
    message: &[u8],
    field: Field,
    problem: Problem,
    alert: AlertDescription,
) -> String {
    let malformed = ClientHello::parse(message).unwrap_err();
    assert_eq!((malformed.field(), malformed.problem()), (field, problem));
    assert_eq!(malformed.alert(), alert);
    malformed.to_string()
}

#[test]
fn another_message() {
    let problem = Problem::NotClientHello(HandshakeType::SERVER_HELLO);
    let alert = AlertDescription::UNEXPECTED_MESSAGE;
    let words = refused(&[2, 0, 0, 0], Field::Header, problem, alert);
    assert_eq!(
        words,
        "handshake header: the message is a server_hello, not a client_hello"
    );
}

#[test]
fn a_message_of_another_length_than_its_header_says() {
    let whole = typical();
    let len = whole.len() as u32 - 4;
    let short = Problem::Truncated {
        needed: len,
        left: len - 1,
    };
    refused(
        &whole[..whole.len() - 1],
        Field::Header,
        short,
        DECODE_ERROR,
    );
    let long = [&whole[..], &[0, 0]].concat();
    let words = refused(
        &long,
        Field::Header,
        Problem::TrailingBytes(2),
        DECODE_ERROR,
    );
    assert_eq!(words, "handshake header: 2 bytes left over at the end");
    let problem = Problem::Truncated { needed: 4, left: 3 };
    refused(&[1, 0, 0], Field::Header, problem, DECODE_ERROR);
}

#[test]
fn a_body_that_ends_in_each_of_its_fields() {
    let fixed = [&[3, 3][..], &RANDOM].concat();
    let cut = |behind: &[u8]| message(&[&fixed[..], behind].concat());
    let truncated = |needed, left| Problem::Truncated { needed, left };
    for (message, field, problem) in [
        (message(&[]), Field::LegacyVersion, truncated(2, 0)),
        (message(&[3]), Field::LegacyVersion, truncated(2, 1)),
        (message(&fixed[..33]), Field::Random, truncated(32, 31)),
        (cut(&[]), Field::SessionId, truncated(1, 0)),
        (cut(&[2, 9]), Field::SessionId, truncated(2, 1)),
        (cut(&[0, 0]), Field::CipherSuites, truncated(2, 1)),
        (
            cut(&[0, 0, 4, 0x13, 1]),
            Field::CipherSuites,
            truncated(4, 2),
        ),
        (
            cut(&[0, 0, 2, 0x13, 1]),
            Field::CompressionMethods,
            truncated(1, 0),
        ),
        (
            cut(&[0, 0, 2, 0x13, 1, 1]),
            Field::CompressionMethods,
            truncated(1, 0),
        ),
        (
            cut(&[0, 0, 2, 0x13, 1, 1, 0, 0]),
            Field::Extensions,
            truncated(2, 1),
        ),
        (
            cut(&[0, 0, 2, 0x13, 1, 1, 0, 0, 1]),
            Field::Extensions,
            truncated(1, 0),
        ),
    ] {
        refused(&message, field, problem, DECODE_ERROR);
    }
}

#[test]
fn a_session_id_longer_than_32_bytes() {
    let message = Body {
        session_id: u8_vector(&[0; 33]),
        ..Body::default()
    }
    .message();
    let problem = Problem::TooLong { len: 33, most: 32 };
    let words = refused(&message, Field::SessionId, problem, DECODE_ERROR);
    assert_eq!(
        words,
        "legacy_session_id: 33 bytes, and at most 32 are allowed"
    );
}

#[test]
fn cipher_suites_that_are_none_or_not_whole() {
    let suites = |bytes| {
        Body {
            cipher_suites: u16_vector(bytes),
            ..Body::default()
        }
        .message()
    };
    let words = refused(
        &suites(&[]),
        Field::CipherSuites,
        Problem::Empty,
        DECODE_ERROR,
    );
    assert_eq!(words, "cipher_suites: empty");
    let problem = Problem::OddLength(1);
    let words = refused(&suites(&[0x13]), Field::CipherSuites, problem, DECODE_ERROR);
    assert_eq!(
        words,
        "cipher_suites: the length is 1 byte, which is odd for a list of two-byte elements"
    );
}

#[test]
fn no_compression_methods() {
    let message = Body {
        compression_methods: u8_vector(&[]),
        ..Body::default()
    }
    .message();
    refused(
        &message,
        Field::CompressionMethods,
        Problem::Empty,
        DECODE_ERROR,
    );
}

#[test]
fn bytes_behind_the_extensions() {
    let extensions = [u16_vector(&extension(23, &[])), vec![0]].concat();
    let message = Body {
        extensions,
        ..Body::default()
    }
    .message();
    let words = refused(
        &message,
        Field::Extensions,
        Problem::TrailingBytes(1),
        DECODE_ERROR,
    );
    assert_eq!(words, "extensions: 1 byte left over at the end");
}
