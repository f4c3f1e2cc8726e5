//! Clients that no ClientHello comes of: the error, its alert, and the byte at which it falls.

use lastword_alert::{Alert, AlertDescription, ParseError};
use lastword_hello::{Error, Limits};
use lastword_record::{
    ContentType, Guess, HandshakeType, Header, HttpMethod, LengthLimit, RecordOverflow,
};

use crate::collector::{collect, message, record, records};

/// Asserts that these bytes are refused with this error, after this many of them.
fn refused(bytes: &[u8], error: Error, alert: Option<AlertDescription>, after: usize) {
    for most in [1, 2, 3, 7, usize::MAX] {
        let failed = collect(bytes, most, Limits::default()).unwrap_err();
        assert_eq!(failed.error, error, "{most} at a time");
        assert_eq!(failed.received, bytes[..after], "{most} at a time");
        assert_eq!(failed.error.alert(), alert);
    }
}

const UNEXPECTED: Option<AlertDescription> = Some(AlertDescription::UNEXPECTED_MESSAGE);
const DECODE_ERROR: Option<AlertDescription> = Some(AlertDescription::DECODE_ERROR);

#[test]
fn refuses_what_is_not_tls() {
    let get = Error::NotTls(Guess::Http(HttpMethod::Get));
    refused(b"GET / HTTP/1.1\r\n\r\n", get, UNEXPECTED, 5);
    refused(&[0; 20], Error::NotTls(Guess::Unknown), UNEXPECTED, 4);
    let sslv2 = Error::NotTls(Guess::Sslv2);
    let too_old = Some(AlertDescription::PROTOCOL_VERSION);
    refused(&[0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16], sslv2, too_old, 5);
}

#[test]
fn refuses_a_record_of_another_type_by_its_header() {
    for content_type in [20, 23, 24, 99, 255] {
        let error = Error::UnexpectedRecord(ContentType(content_type));
        refused(&record(content_type, &[1]), error, UNEXPECTED, 5);
        // its type is wrong before its length is
        refused(&[content_type, 3, 3, 0xff, 0xff, 0], error, UNEXPECTED, 5);
    }
}

#[test]
fn refuses_a_record_that_is_too_long_by_its_header() {
    let overflow = RecordOverflow {
        length: 0x4001,
        limit: LengthLimit::PLAINTEXT,
    };
    let alert = Some(AlertDescription::RECORD_OVERFLOW);
    refused(
        &[22, 3, 1, 0x40, 1, 1],
        Error::RecordOverflow(overflow),
        alert,
        5,
    );
}

#[test]
fn refuses_an_empty_handshake_record() {
    refused(&record(22, &[]), Error::EmptyRecord, UNEXPECTED, 5);
    let later = [record(22, &message()[..9]), record(22, &[])].concat();
    refused(&later, Error::EmptyRecord, UNEXPECTED, 5 + 9 + 5);
}

#[test]
fn refuses_another_handshake_message_by_its_header() {
    let error = Error::UnexpectedHandshake(HandshakeType::FINISHED);
    refused(&record(22, &[20, 0, 0, 12, 1, 2, 3]), error, UNEXPECTED, 9);
}

#[test]
fn refuses_a_record_between_two_fragments() {
    for content_type in [20, 23] {
        let first = record(22, &message()[..1]);
        let bytes = [first, record(content_type, &[1, 90])].concat();
        let error = Error::Interleaved(ContentType(content_type));
        refused(&bytes, error, UNEXPECTED, 6 + 5);
    }
}

#[test]
fn refuses_another_message_in_the_same_record() {
    let bytes = record(22, &[&message()[..], &[20]].concat());
    refused(&bytes, Error::NotAligned, UNEXPECTED, 5 + 47);
}

#[test]
fn refuses_a_hello_over_the_limit_by_its_header() {
    let error = Error::TooLong {
        len: 65_537,
        limit: 65_536,
    };
    refused(
        &record(22, &[1, 0, 0xff, 0xfd, 3, 3]),
        error,
        DECODE_ERROR,
        9,
    );
    let below = Limits::default().with_hello_len(46);
    let failed = collect(&record(22, &message()), usize::MAX, below).unwrap_err();
    let (len, limit) = (47, 46);
    assert_eq!(failed.error, Error::TooLong { len, limit });
}

/// Asserts where a hello is refused that takes too many bytes with its records, and in which words.
fn refused_for_its_records(bytes: &[u8], limits: Limits, limit: u32, after: usize) {
    let error = Error::RecordsTooLong { limit };
    assert_eq!(error.alert(), DECODE_ERROR);
    for most in [1, 2, 3, 7, 1000, usize::MAX] {
        let failed = collect(bytes, most, limits).unwrap_err();
        assert_eq!(failed.error, error, "{most} at a time");
        assert_eq!(failed.received, bytes[..after], "{most} at a time");
    }
}

#[test]
fn refuses_a_hello_in_too_many_records_by_the_first_header_too_many() {
    let longest = [&[1, 0, 0xff, 0xfc][..], &[0; 65_532]].concat();
    for (length, records_taken) in [(1, 204), (2, 204), (100, 204), (320, 204)] {
        // 204 headers are 1,020 bytes, one more is 1,025
        let bytes = records(&longest, &vec![length; longest.len() / length]);
        let after = records_taken * (Header::LEN + length) + Header::LEN;
        refused_for_its_records(&bytes, Limits::default(), 66_560, after);
    }
    let limits = Limits::default().with_hello_len(47);
    let bytes = records(&message(), &[1; 47]);
    assert!(collect(&bytes, 1, limits).is_ok());
}

#[test]
fn counts_the_alerts_before_a_hello() {
    let limits = Limits::default().with_warning_alerts(255);
    let limits = limits.with_hello_len(47);
    let warnings = record(21, &[1, 90]).repeat(255);
    // 1,064 bytes in 152 warnings; the next one's header, and no room for a hello's after it
    refused_for_its_records(&warnings, limits, 1071, 152 * 7 + 5);
    // the hello says its length in the fourth byte: 1,022 + 5 + 47 are more than 1,071
    let bytes = [&warnings[..146 * 7], &record(22, &message())].concat();
    refused_for_its_records(&bytes, limits, 1071, 1022 + 5 + 4);
    let bytes = [&warnings[..145 * 7], &record(22, &message())].concat();
    assert_eq!(collect(&bytes, 1, limits).unwrap().received_len(), 1067);
}

#[test]
fn the_end_of_a_client_is_not_answered_even_where_there_is_no_room_left() {
    // one more record would be one too many
    let longest = [&[1, 0, 0xff, 0xfc][..], &[0; 65_532]].concat();
    let begun = &records(&longest, &vec![1; 300])[..204 * 6];
    let bytes = [begun, &record(21, &[2, 80])].concat();
    let alert = Alert::parse(&[2, 80]).unwrap();
    refused(&bytes, Error::PeerAlert(alert), None, bytes.len());
}

#[test]
fn is_silent_to_an_alert_whatever_its_level() {
    for (level, description) in [(2, 40), (1, 0), (1, 112), (77, 255)] {
        let alert = Alert::parse(&[level, description]).unwrap();
        refused(
            &record(21, &[level, description]),
            Error::PeerAlert(alert),
            None,
            7,
        );
    }
}

#[test]
fn refuses_an_alert_of_another_length_by_its_header() {
    let empty = Error::MalformedAlert(ParseError::Empty);
    refused(&record(21, &[]), empty, UNEXPECTED, 5);
    for length in [1, 3, 4] {
        let error = Error::MalformedAlert(ParseError::Length(length));
        refused(
            &record(21, &[2, 40, 2, 40][..length]),
            error,
            DECODE_ERROR,
            5,
        );
    }
}

#[test]
fn refuses_one_warning_too_many() {
    let bytes = record(21, &[1, 90]).repeat(5);
    refused(&bytes, Error::TooManyWarnings { limit: 4 }, UNEXPECTED, 35);
    let none = Limits::default().with_warning_alerts(0);
    let failed = collect(&bytes, usize::MAX, none).unwrap_err();
    assert_eq!(failed.error, Error::TooManyWarnings { limit: 0 });
    assert_eq!(failed.received.len(), 7);
}

#[test]
fn hands_back_the_records_of_a_hello_that_cannot_be_parsed() {
    let mut message = message();
    message[40] = 1; // half a cipher suite
    let bytes = records(&message, &[5, 5]);
    let failed = collect(&bytes, usize::MAX, Limits::default()).unwrap_err();
    let Error::Malformed(malformed) = failed.error else {
        panic!("{:?}", failed.error)
    };
    assert_eq!(malformed.alert(), AlertDescription::DECODE_ERROR);
    assert_eq!(failed.error.alert(), DECODE_ERROR);
    assert_eq!(
        failed.to_string(),
        "client sent a malformed ClientHello, cipher_suites: the length is 1 byte, which is odd for a list of two-byte elements"
    );
    assert_eq!(failed.received, bytes);
}

#[test]
#[rustfmt::skip]
fn says_in_words_why_there_is_no_hello() {
    let overflow = RecordOverflow { length: 16_385, limit: LengthLimit::PLAINTEXT };
    for (error, words) in [
        (Error::NotTls(Guess::Ssh), "client sent SSH instead of TLS"),
        (Error::UnexpectedRecord(ContentType(23)), "client sent an unexpected application_data record instead of a ClientHello"),
        (Error::Interleaved(ContentType(20)), "client sent an unexpected change_cipher_spec record within its ClientHello"),
        (Error::EmptyRecord, "client sent a handshake record without content"),
        (Error::RecordOverflow(overflow), "client sent a record of 16385 bytes, and at most 16384 are allowed"),
        (Error::UnexpectedHandshake(HandshakeType(20)), "client sent an unexpected finished message instead of a ClientHello"),
        (Error::NotAligned, "client sent another message after its ClientHello in the same record"),
        (Error::TooLong { len: 47, limit: 46 }, "client sent a ClientHello of 47 bytes, and at most 46 are allowed"),
        (Error::RecordsTooLong { limit: 66_560 }, "client sent a ClientHello of more than 66560 bytes, record headers included"),
        (Error::MalformedAlert(ParseError::Length(3)), "client sent a malformed alert: the length is 3 instead of 2 bytes"),
        (Error::PeerAlert(Alert::new(AlertDescription(40))), "client sent the alert handshake_failure (40) before its ClientHello"),
        (Error::TooManyWarnings { limit: 4 }, "client sent more than 4 warning alerts before its ClientHello"),
    ] {
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn a_warning_between_two_fragments_is_refused_and_an_end_is_not_answered() {
    let first = record(22, &message()[..1]);
    let bytes = [&first[..], &record(21, &[1, 90])].concat();
    let interleaved = Error::Interleaved(ContentType::ALERT);
    refused(&bytes, interleaved, UNEXPECTED, 6 + 7);
    for payload in [&[][..], &[2], &[2, 80, 2, 80]] {
        let bytes = [&first[..], &record(21, payload)].concat();
        refused(&bytes, interleaved, UNEXPECTED, 6 + 5);
    }
    let bytes = [&first[..], &record(21, &[2, 80])].concat();
    let alert = Alert::parse(&[2, 80]).unwrap();
    refused(&bytes, Error::PeerAlert(alert), None, 6 + 7);
}

#[test]
fn a_tiny_hello_under_another_version_is_no_different() {
    for version in [[3, 1], [9, 9]] {
        let mut bytes = record(22, &[1, 0, 0, 1, 3]);
        bytes[1..3].copy_from_slice(&version);
        for most in [1, 4, usize::MAX] {
            let failed = collect(&bytes, most, Limits::default()).unwrap_err();
            let Error::Malformed(malformed) = failed.error else {
                panic!("{:?}", failed.error)
            };
            assert_eq!(malformed.alert(), AlertDescription::DECODE_ERROR);
            assert_eq!(failed.received, bytes);
        }
    }
    let bytes = [22, 9, 9, 0, 0, 1, 0, 0, 0, 3];
    for most in [1, usize::MAX] {
        let failed = collect(&bytes, most, Limits::default()).unwrap_err();
        assert_eq!(failed.error, Error::EmptyRecord);
        assert_eq!(failed.received, bytes);
    }
}
