//! Records and messages that no TLS library sends.

use lastword_record::{ContentType, HandshakeType, Header, ProtocolVersion};

mod hello;
mod lists;
mod rename;

pub(crate) use rename::renamed;

pub use hello::{BASE_POINT_P256, BASE_POINT_X25519, ExtensionType, HelloBuilder};
pub use lists::{prefixed_u8, prefixed_u16, prefixed_u24};

/// Returns one record: the header with the payload's length, and the payload (RFC 8446 section
/// 5.1).
///
/// A payload that is too long is not cut. The header has the length of the payload, but at most
/// 65,535.
#[must_use]
pub fn record(content_type: ContentType, version: ProtocolVersion, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        content_type,
        version,
        length: u16::try_from(payload.len()).unwrap_or(u16::MAX),
    };
    [&header.to_bytes(), payload].concat()
}

/// Returns one handshake message: type, length in 24 bits, body (RFC 8446 section 4).
#[must_use]
pub fn handshake(handshake_type: HandshakeType, body: &[u8]) -> Vec<u8> {
    [&[handshake_type.0][..], &prefixed_u24(body)].concat()
}

/// Returns one alert in its own record.
#[must_use]
pub fn alert(level: u8, description: u8) -> Vec<u8> {
    record(
        ContentType::ALERT,
        ProtocolVersion::TLS_1_2,
        &[level, description],
    )
}

/// Splits a handshake message into records. The payload of the first has `sizes[0]` bytes, and so
/// on. Another record has the rest, if any.
///
/// The version in the headers is TLS 1.0, as RFC 8446 section 5.1 allows for an initial hello.
#[must_use]
pub fn split_into_records(message: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut rest = message;
    let mut records = Vec::new();
    for size in sizes.iter().copied().chain([usize::MAX]) {
        let (payload, behind) = rest.split_at(size.min(rest.len()));
        if !payload.is_empty() {
            records.extend(record(
                ContentType::HANDSHAKE,
                ProtocolVersion::TLS_1_0,
                payload,
            ));
        }
        rest = behind;
    }
    records
}

/// Splits these bytes into records. The last one may be incomplete.
#[must_use]
pub fn records(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = match *bytes {
            [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([high, low])),
            _ => bytes.len(),
        };
        let (record, rest) = bytes.split_at(length.min(bytes.len()));
        records.push(record);
        bytes = rest;
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_apart_and_the_last_may_be_a_part_of_one() {
        let bytes = [21, 3, 3, 0, 1, 7, 20, 3, 3, 0, 2, 8, 9];
        assert_eq!(records(&bytes), [&bytes[..6], &bytes[6..]]);
        assert_eq!(records(&bytes[..12]), [&bytes[..6], &bytes[6..12]]);
        assert_eq!(records(&bytes[..8]), [&bytes[..6], &bytes[6..8]]);
    }

    #[test]
    fn a_record_has_its_payload_s_length() {
        let record = record(ContentType::ALERT, ProtocolVersion::TLS_1_2, &[2, 40]);
        assert_eq!(record, [21, 3, 3, 0, 2, 2, 40]);
        assert_eq!(alert(2, 40), record);
    }

    #[test]
    fn a_handshake_message_has_its_body_s_length_in_three_bytes() {
        assert_eq!(
            handshake(HandshakeType::FINISHED, &[7; 3]),
            [20, 0, 0, 3, 7, 7, 7]
        );
    }

    #[test]
    fn a_message_is_cut_where_asked_and_the_rest_follows() {
        assert_eq!(
            split_into_records(&[1, 2, 3, 4, 5, 6], &[1, 2]),
            [
                22, 3, 1, 0, 1, 1, // the first
                22, 3, 1, 0, 2, 2, 3, // the second
                22, 3, 1, 0, 3, 4, 5, 6, // the rest
            ]
        );
        assert_eq!(split_into_records(&[1], &[9]), [22, 3, 1, 0, 1, 1]);
    }
}
