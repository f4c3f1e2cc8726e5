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
    fn sniffing_any_bytes_falls_within_twelve_at_the_same_byte(
        bytes in prop::collection::vec(sniffed(), 12..20),
    ) {
        let verdict = sniff(&bytes);
        let falls = (0..=12).find(|have| sniff(&bytes[..*have]) != Verdict::NeedsInput);
        for have in 0..=bytes.len() {
            let told = match falls {
                Some(falls) if falls <= have => (verdict, falls),
                _ => (Verdict::NeedsInput, have),
            };
            prop_assert_eq!(sniff_with_len(&bytes[..have]), told);
        }
        prop_assert!(falls.is_some());
    }
}

/// Any byte, and often one that a verdict hangs on.
fn sniffed() -> impl Strategy<Value = u8> {
    let telling = b"\0\x01\x02\x03\x16\x80\x81 \r\nACDEGHIOPRSTUXY-";
    prop_oneof![any::<u8>(), prop::sample::select(&telling[..])]
}
