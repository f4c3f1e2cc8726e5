//! Replaces the server name in a ClientHello that may be malformed elsewhere.

use lastword_record::{ContentType, HandshakeType, Header};

/// The `server_name` extension with the name `localhost` (RFC 6066 section 3).
const LOCALHOST: &[u8] = b"\0\0\0\x0e\0\x0c\0\0\x09localhost";

/// Replaces the name `localhost` in the first record, if that has a whole ClientHello. All lengths
/// around the name change by the same number, so a wrong one is wrong by as much as before.
pub(crate) fn renamed(record: &[u8], name: &str) -> Vec<u8> {
    try_rename(record, name).unwrap_or_else(|| record.to_vec())
}

fn try_rename(record: &[u8], name: &str) -> Option<Vec<u8>> {
    let is_hello = record.first() == Some(&ContentType::HANDSHAKE.0)
        && record.get(Header::LEN) == Some(&HandshakeType::CLIENT_HELLO.0);
    let mut windows = record.windows(LOCALHOST.len());
    let at = windows.position(|window| window == LOCALHOST)?;
    let block = extensions(record).filter(|block| is_hello && *block < at)?;

    let mut renamed = record.get(..at)?.to_vec();
    let len = u16::try_from(name.len()).ok()?;
    let lengths = [0, len.checked_add(5)?, len.checked_add(3)?];
    renamed.extend(lengths.map(u16::to_be_bytes).concat());
    renamed.push(0);
    renamed.extend(len.to_be_bytes());
    renamed.extend(name.as_bytes());
    renamed.extend(record.get(at + LOCALHOST.len()..)?);

    let more = len.wrapping_sub(9);
    for length in [3, 7, block] {
        let field = renamed.get_mut(length..length + 2)?;
        let old = u16::from_be_bytes([*field.first()?, *field.get(1)?]);
        field.copy_from_slice(&old.wrapping_add(more).to_be_bytes());
    }
    Some(renamed)
}

/// Returns where the length of the extensions is (RFC 8446 section 4.1.2).
fn extensions(record: &[u8]) -> Option<usize> {
    let mut at = Header::LEN + 4 + 2 + 32;
    at += 1 + usize::from(*record.get(at)?); // legacy_session_id
    let suites = [*record.get(at)?, *record.get(at + 1)?];
    at += 2 + usize::from(u16::from_be_bytes(suites));
    Some(at + 1 + usize::from(*record.get(at)?)) // legacy_compression_methods
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::HelloBuilder;

    #[test]
    fn a_hello_has_the_other_name_and_is_otherwise_the_same() {
        let hello = |name: &str| HelloBuilder::default().server_name(name).record();
        for name in ["localhost", "a.test", "a.longer.name.example.test"] {
            assert_eq!(renamed(&hello("localhost"), name), hello(name));
        }
        let malformed = |name: &str| {
            let mut hello = hello(name);
            hello[4] += 3; // the record's length
            hello[8] -= 2; // the message's length
            hello
        };
        assert_eq!(
            renamed(&malformed("localhost"), "a.test"),
            malformed("a.test")
        );
    }

    #[test]
    fn other_bytes_stay_as_they_are() {
        let other = HelloBuilder::default().server_name("b.test").record();
        let cut = &HelloBuilder::default().record()[..60];
        for bytes in [&other[..], cut, b"GET / HTTP/1.0\r\n", LOCALHOST, b""] {
            assert_eq!(renamed(bytes, "a.test"), bytes);
        }
    }
}
