//! Deframing: no byte is lost or made up, a record ends where its header says, and how the bytes
//! are cut makes no difference.

use lastword_acceptor::record::{
    Deframed, HandshakeHeader, Header, Joined, Joiner, LengthLimit, Records, Verdict, deframe,
    sniff_with_len,
};

use crate::input::{Input, chunks, input};

const LIMITS: [LengthLimit; 4] = [
    LengthLimit::PLAINTEXT,
    LengthLimit::TLS13_CIPHERTEXT,
    LengthLimit::TLS12_CIPHERTEXT,
    LengthLimit(40),
];

/// The oracle.
pub fn check(data: &[u8]) {
    let Some(Input {
        setup, cut, bytes, ..
    }) = Input::of(data)
    else {
        return;
    };
    let limit = LIMITS[usize::from(setup) % LIMITS.len()];
    check_records(bytes, limit);
    check_growing(bytes, cut, limit);
    check_joiner(bytes, cut);
    check_sniff(bytes);
}

/// The inputs to begin with that these bytes make.
pub(crate) fn seeds(bytes: &[u8]) -> Vec<Vec<u8>> {
    vec![input(0, 0, 0, bytes), input(3, 7, 0, bytes)]
}

/// What the records are, and what is behind the last.
fn check_records(bytes: &[u8], limit: LengthLimit) {
    let mut records = Records::new(bytes, limit);
    let mut again = Vec::new();
    for record in records.by_ref() {
        assert_eq!(usize::from(record.header.length), record.payload.len());
        assert!(record.header.length <= limit.0, "over the limit");
        again.extend(record.header.to_bytes());
        again.extend(record.payload);
    }
    let rest = records.remainder();
    again.extend(rest);
    assert_eq!(again, bytes, "lost or made up");
    let declared = |rest: &[u8]| u16::from_be_bytes([rest[3], rest[4]]);
    match deframe(rest, limit) {
        Ok(Deframed::Record(..)) => panic!("a record was passed over"),
        Err(overflow) => {
            assert_eq!(overflow.length, declared(rest));
            assert!(overflow.length > limit.0 && overflow.limit == limit);
        }
        Ok(Deframed::NeedsInput(needed)) => {
            let whole = match rest.len() {
                0..Header::LEN => Header::LEN,
                _ => Header::LEN + usize::from(declared(rest)),
            };
            assert_eq!(rest.len() + needed, whole, "asks for other than is missing");
        }
    }
}

/// The same records come of bytes that arrive in chunks.
fn check_growing(bytes: &[u8], cut: u8, limit: LengthLimit) {
    let mut whole = Records::new(bytes, limit);
    let (mut start, mut end) = (0, 0);
    for chunk in chunks(bytes, cut) {
        end += chunk.len();
        while let Ok(Deframed::Record(record, rest)) = deframe(&bytes[start..end], limit) {
            assert_eq!(Some(record), whole.next());
            start = end - rest.len();
        }
    }
    assert_eq!(whole.next(), None, "a record came of the whole alone");
}

/// A message ends at the same byte, over any fragments, and where its header says.
fn check_joiner(bytes: &[u8], cut: u8) {
    let ends = bytes.first_chunk().and_then(|header| {
        let len = HandshakeHeader::from_bytes(*header).message_len() as usize;
        (len <= bytes.len()).then_some(len)
    });
    let (mut joiner, mut taken) = (Joiner::new(), 0);
    for fragment in chunks(bytes, cut) {
        taken += fragment.len();
        match joiner.receive(fragment) {
            Joined::Complete { unused } => {
                assert_eq!(Some(taken - unused), ends);
                assert_eq!(joiner.received() as usize, taken - unused);
                return;
            }
            Joined::NeedsInput(needed) => {
                assert!(needed > 0 && joiner.received() as usize == taken);
                let header = joiner.header().map(HandshakeHeader::message_len);
                let len = header.map_or(HandshakeHeader::LEN, |len| len as usize);
                assert_eq!(taken + needed, len, "asks for other than is missing");
            }
        }
    }
    assert_eq!(ends, None, "a whole message never ended");
}

/// The verdict falls at one byte, the twelfth at the latest, and stays.
fn check_sniff(bytes: &[u8]) {
    let mut fallen = (Verdict::NeedsInput, 0);
    for end in 0..=bytes.len().min(20) {
        let told = sniff_with_len(&bytes[..end]);
        match fallen {
            (Verdict::NeedsInput, _) => {
                assert_eq!(told.1, end, "falls earlier or later than it says");
                fallen = told;
            }
            fallen => assert_eq!(told, fallen, "changed by byte {end}"),
        }
        assert!(end < 12 || fallen.0 != Verdict::NeedsInput, "never falls");
    }
}
