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

/// The inputs to begin with of clients that speak other protocols.
pub(crate) fn seeds_of_others() -> Vec<Vec<u8>> {
    OTHERS.iter().map(|bytes| input(0, 0, 0, bytes)).collect()
}

/// What clients send first that speak other protocols.
const OTHERS: [&[u8]; 28] = [
    b"\0\0\0\x08\x04\xd2\x16\x2f",
    b"\0\0\0\x24\0\x12\0\x03\0\0\0\x01\0\x07rdkafka",
    b"\0\0\0\x54\0\x03\0\0user\0postgres\0",
    b"\0\0\0\xa4\xffSMB\x72\0\0\0",
    b"\0\x28\xdb\x42\x01\x20\0\x01\0\0\0\0\0\x01\x07example\x03com\0",
    b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0",
    b"\x03\0\0\x2f\x2a\xe0\0\0\0\0\0Cookie: mstshash=a\r\n",
    b"\x04\x01\0\x50\xc0\0\x02\x01\0",
    b"\x05\x03\0\x01\x02",
    b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04abcd",
    b"\x10\x81\x01\0\x06MQIsdp\x03",
    b"\x12\x01\0\x2f\0\0\x01\0\0\0\x1a\0\x06",
    b"*1\r\n$4\r\nPING\r\n",
    b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0",
    b"<?xml version='1.0'?><stream:stream to='a.test'>",
    b"AMQP\0\0\x09\x01",
    b"CAP LS 302\r\n",
    b"CONNECT a.test:443 HTTP/1.1\r\n",
    b"EHLO a.test\r\n",
    b"GET http://a.test/ HTTP/1.1\r\n",
    b"M-SEARCH * HTTP/1.1\r\n",
    b"OPTIONS /api/users HTTP/1.1\r\n",
    b"OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\n",
    b"PING\r\n",
    b"PROXY UNKNOWN\r\n",
    b"REGISTER sip:a.test SIP/2.0\r\n",
    b"version\r\n",
    b"\xff\xfb\x1f\xff\xfb\x20",
];

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

/// The verdict is made at one byte, the 24th at the latest, and stays.
fn check_sniff(bytes: &[u8]) {
    let mut fallen = (Verdict::NeedsInput, 0);
    for end in 0..=bytes.len().min(32) {
        let told = sniff_with_len(&bytes[..end]);
        match fallen {
            (Verdict::NeedsInput, _) => {
                assert_eq!(told.1, end, "falls earlier or later than it says");
                fallen = told;
            }
            fallen => assert_eq!(told, fallen, "changed by byte {end}"),
        }
        let is_open = fallen.0 == Verdict::NeedsInput;
        assert!(!is_open || end < Verdict::MAX_LEN, "never falls");
    }
}
