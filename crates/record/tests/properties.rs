//! Properties of framing: total codecs, and any chunking gives the same records.

use lastword_record::{
    Deframed, HandshakeHeader, Header, Joined, Joiner, LengthLimit, Records, Verdict, deframe,
    sniff, sniff_with_len,
};
use proptest::prelude::*;

/// Bytes as a caller may have them: a few records, and perhaps a part of one more.
fn records() -> impl Strategy<Value = Vec<u8>> {
    let record = (
        any::<u8>(),
        any::<u16>(),
        prop::collection::vec(any::<u8>(), 0..40),
    );
    let records = prop::collection::vec(record, 0..6).prop_map(|records| {
        let mut bytes = Vec::new();
        for (content_type, version, payload) in records {
            bytes.push(content_type);
            bytes.extend(version.to_be_bytes());
            bytes.extend((payload.len() as u16).to_be_bytes());
            bytes.extend(payload);
        }
        bytes
    });
    (records, 0_usize..8).prop_map(|(mut bytes, cut)| {
        bytes.truncate(bytes.len().saturating_sub(cut));
        bytes
    })
}

proptest! {
    #[test]
    fn any_five_bytes_are_a_header_and_back(bytes: [u8; 5]) {
        prop_assert_eq!(<[u8; 5]>::from(Header::from(bytes)), bytes);
    }

    #[test]
    fn any_four_bytes_are_a_handshake_header_and_back(bytes: [u8; 4]) {
        prop_assert_eq!(<[u8; 4]>::from(HandshakeHeader::from(bytes)), bytes);
    }

    #[test]
    fn deframing_grown_byte_by_byte_finds_the_same_records(bytes in records()) {
        let whole: Vec<_> = Records::new(&bytes, LengthLimit::PLAINTEXT).collect();
        let mut grown = Vec::new();
        let (mut start, mut wanted) = (0, Header::LEN);
        for end in 0..=bytes.len() {
            match deframe(&bytes[start..end], LengthLimit::PLAINTEXT).unwrap() {
                Deframed::NeedsInput(more) => {
                    // what was asked for is never more than what is needed
                    prop_assert!(more > 0 && end + more >= wanted.min(end + more));
                    wanted = end + more;
                }
                Deframed::Record(record, rest) => {
                    prop_assert_eq!(end, wanted);
                    prop_assert!(rest.is_empty());
                    grown.push(record);
                    start = end;
                    wanted = end + Header::LEN;
                }
            }
        }
        prop_assert_eq!(grown, whole);
    }

    #[test]
    fn no_record_is_lost_or_made_up(bytes in records()) {
        let mut records = Records::new(&bytes, LengthLimit::PLAINTEXT);
        let mut again = Vec::new();
        for record in records.by_ref() {
            again.extend(record.header.to_bytes());
            again.extend(record.payload);
        }
        again.extend(records.remainder());
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn a_message_ends_at_the_same_byte_over_any_fragments(
        body in prop::collection::vec(any::<u8>(), 0..60),
        behind in prop::collection::vec(any::<u8>(), 0..10),
        cuts in prop::collection::vec(0_usize..80, 0..8),
    ) {
        let mut bytes = vec![1, 0, 0, body.len() as u8];
        bytes.extend(&body);
        bytes.extend(&behind);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut joiner = Joiner::new();
        for pair in cuts.windows(2) {
            if let Joined::Complete { unused } = joiner.receive(&bytes[pair[0]..pair[1]]) {
                prop_assert_eq!(pair[1] - unused, bytes.len() - behind.len());
                return Ok(());
            }
        }
        prop_assert!(false, "the message never ended");
    }

    #[test]
    fn a_verdict_on_any_bytes_is_made_at_the_same_byte(bytes in sniffed()) {
        let verdict = sniff(&bytes);
        let mut lens = 0..=Verdict::MAX_LEN;
        let falls = lens.find(|have| sniff(&bytes[..*have]) != Verdict::NeedsInput);
        for have in 0..=bytes.len() {
            let told = match falls {
                Some(falls) if falls <= have => (verdict, falls),
                _ => (Verdict::NeedsInput, have),
            };
            prop_assert_eq!(sniff_with_len(&bytes[..have]), told);
        }
        prop_assert!(falls.is_some());
    }

    #[test]
    fn a_record_of_any_version_of_tls_is_never_another_protocol(
        content_type in 20_u8..=24,
        rest in prop::collection::vec(any::<u8>(), 0..30),
    ) {
        let bytes = [&[content_type, 3], &rest[..]].concat();
        prop_assert_eq!(sniff_with_len(&bytes), (Verdict::Tls, 2));
    }

    #[test]
    fn a_client_hello_in_a_record_of_any_version_is_never_another_protocol(
        header: [u8; 4],
        (length, minor) in any::<([u8; 2], u8)>(),
        rest in prop::collection::vec(any::<u8>(), 0..30),
    ) {
        let hello = [1, 0, length[0], length[1], 3, minor];
        let bytes = [&[22][..], &header, &hello, &rest].concat();
        for have in 0..=bytes.len() {
            let told = sniff(&bytes[..have]);
            prop_assert!(matches!(told, Verdict::Tls | Verdict::NeedsInput), "{told:?}");
        }
        prop_assert_eq!(sniff(&bytes), Verdict::Tls);
    }
}

/// Any bytes after the start of what one of the protocols sends, with one byte changed.
fn sniffed() -> impl Strategy<Value = Vec<u8>> {
    let telling = b"\0\x01\x02\x03\x16\x80\xff \r\n/*:ACDEGHIOPRSTUXY-$";
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&telling[..])];
    let start = (prop::sample::select(STARTS), 0_usize..30);
    let any = prop::collection::vec(byte.clone(), Verdict::MAX_LEN..40);
    (start, any, 0_usize..30, byte).prop_map(|((start, len), any, at, byte)| {
        let mut bytes = start[..len.min(start.len())].to_vec();
        bytes.extend(any);
        bytes[at.min(Verdict::MAX_LEN - 1)] = byte;
        bytes
    })
}

/// What clients send first.
const STARTS: &[&[u8]] = &[
    b"",
    b"\0\0\0\x08\x04\xd2\x16\x2f",
    b"\0\0\0\x54\0\x03\0\0user",
    b"\0\0\0\xa4\xffSMB",
    b"\0\0\0\x24\0\x12\0\x03\0\0\0\x01\0\x07",
    b"\0\x1e\0\x06\x01\0\0\x01\0\0\0\0\0\0",
    b"\x03\0\0\x2f\x2a\xe0\0\0\0\0\0Cookie:",
    b"\x04\x01\0\x50\xc0\0\x02\x01\0",
    b"\x05\x03\0\x01\x02",
    b"\x10\x81\x01\0\x04MQTT",
    b"\x16\x05\x05\x02\0\x01\0\x01\xfc\x03\x03",
    b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03",
    b"\x81\x03\x01\x03\x01",
    b"\xff\xfb\x01\xff",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"<?xml version='1.0'?><stream:",
    b"CONNECT a.test:443 HTTP/1.1",
    b"M-SEARCH * HTTP/1.1",
    b"OPTIONS / RTSP/1.0",
    b"OPTIONS sip:nm SIP/2.0",
    b"PRI * HTTP/2.0",
    b"PROPFIND /a HTTP/1.1",
    b"PROXY UNKNOWN",
];
