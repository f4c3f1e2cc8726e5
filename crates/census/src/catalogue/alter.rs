//! What happens to a rustls client's bytes between rustls and the network.

use lastword_record::{ContentType, Header, LengthLimit, Records};

use crate::wire;

/// What happens to a client's bytes on their way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alter {
    /// Nothing.
    Nothing,
    /// They are written one at a time.
    Bytewise,
    /// The `ClientHello` is cut into five records.
    FiveRecords,
    /// The first record's header has this version.
    HeaderVersion(u16),
    /// One bit of the last byte of the `ClientHello` is flipped, which is of its binder: the client
    /// resumes a session that a server of the same [`Pki`](crate::pki::Pki) knows.
    Binder,
    /// One bit of the first encrypted record is flipped.
    FirstSealedRecord,
}

/// The message in the first record of `bytes`, which is all there is, in five records.
pub(super) fn in_five(bytes: &[u8]) -> Vec<u8> {
    let message = bytes.get(Header::LEN..).unwrap_or_default();
    let size = message.len() / 5;
    wire::split_into_records(message, &[size; 4])
}

/// `bytes`, of which the first record's header has another version.
pub(super) fn with_version(version: u16, bytes: &[u8]) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    match bytes {
        [content_type, _, _, rest @ ..] => [&[*content_type, major, minor], rest].concat(),
        _ => bytes.to_vec(),
    }
}

/// `bytes` with the lowest bit of the last byte flipped.
pub(super) fn last_flipped(bytes: &[u8]) -> Vec<u8> {
    let mut altered = bytes.to_vec();
    if let Some(last) = altered.last_mut() {
        *last ^= 1;
    }
    altered
}

/// `bytes` with the lowest bit of the last byte flipped in the record behind `change_cipher_spec`,
/// which is the first that is encrypted, in TLS 1.2 as in TLS 1.3. `changed`: whether the last record
/// in front of them was `change_cipher_spec`, and then of these.
pub(super) fn flipped(bytes: &[u8], changed: &mut bool) -> Vec<u8> {
    let mut altered = Vec::new();
    let mut records = Records::new(bytes, LengthLimit::TLS12_CIPHERTEXT);
    for record in records.by_ref() {
        let Header {
            content_type,
            version,
            ..
        } = record.header;
        let mut payload = record.payload.to_vec();
        if *changed {
            if let Some(last) = payload.last_mut() {
                *last ^= 1;
            }
        }
        *changed = content_type == ContentType::CHANGE_CIPHER_SPEC;
        altered.extend(wire::record(content_type, version, &payload));
    }
    altered.extend(records.remainder());
    altered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_in_five_records_is_the_same_message() {
        let hello = [&[22, 3, 1, 0, 11][..], b"hello world"].concat();
        let cut = in_five(&hello);
        let payloads = Records::new(&cut, LengthLimit::PLAINTEXT)
            .map(|record| record.payload)
            .collect::<Vec<_>>();
        assert_eq!(payloads, [&b"he"[..], b"ll", b"o ", b"wo", b"rld"]);
    }

    #[test]
    fn only_the_version_of_the_first_header_changes() {
        let bytes = [22, 3, 1, 0, 1, 7, 22, 3, 1, 0, 0];
        let altered = [22, 5, 6, 0, 1, 7, 22, 3, 1, 0, 0];
        assert_eq!(with_version(0x0506, &bytes), altered);
    }

    #[test]
    fn one_bit_is_flipped_behind_change_cipher_spec_and_nowhere_else() {
        let bytes = [
            22, 3, 3, 0, 2, 1, 1, 20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 2, 8, 8, 23, 3, 3, 0, 1, 4,
        ];
        let mut altered = bytes;
        altered[19] = 9;
        for cut in [0, 7, 13, 20] {
            let (first, second) = bytes.split_at(cut);
            let mut changed = false;
            let first = flipped(first, &mut changed);
            let both = [first, flipped(second, &mut changed)].concat();
            assert_eq!(both, altered, "written in two at {cut}");
        }
    }
}
