//! Follows the headers of the client's records after its handshake.
//!
//! RFC 8446 section 5 requires `unexpected_message` for a record of another type than the version of
//! TLS allows. rustls 0.23.46 sends `decode_error` for an unknown type. For a plaintext handshake record
//! it sends `bad_record_mac`, and it accepts such a record if the payload decrypts.

use std::io::{self, Read};

use lastword_record::{ContentType, Header, LengthLimit};

use crate::gate::RecordError;

/// The position in the client's records.
#[derive(Debug)]
pub(crate) struct Position {
    is_tls13: bool,
    /// The number of payload bytes still to come.
    left: usize,
    /// The first bytes of an incomplete header, and their number.
    header: [u8; Header::LEN],
    header_len: u8,
    /// Whether a record has begun or ended that rustls has not processed.
    is_due: bool,
    /// The number of plaintext bytes that are not consumed, if all complete records are data.
    data: u32,
    /// The number of plaintext bytes in the incomplete record, if it is data.
    last: u32,
    /// The record that is refused. In a box, because few clients have one.
    refused: Option<Box<RecordError>>,
}

/// A record for which rustls sends `unexpected_message` (RFC 8446 section 5): a change_cipher_spec after
/// the handshake.
const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];

/// How much longer a record of TLS 1.3 is than its data: by a content type and a tag (RFC 8446 section
/// 5.2). With another tag, or with padding, it does not look like a record of data.
const SEALED: u32 = 1 + 16;

/// In place of the number of bytes of a header: what follows is not followed.
const STOPPED: u8 = u8::MAX;

/// More plaintext than there can be: it is not known how much there is.
const UNKNOWN: u32 = u32::MAX / 2;

impl Position {
    /// Creates the position before the last `left` bytes of a record's payload.
    pub(crate) fn new(is_tls13: bool, left: u16) -> Self {
        Self {
            is_tls13,
            left: left.into(),
            header: [0; Header::LEN],
            header_len: 0,
            is_due: true,
            data: UNKNOWN,
            last: UNKNOWN,
            refused: None,
        }
    }

    /// Returns whether rustls has anything to process. If not, it waits for the rest of a record.
    #[inline]
    pub(crate) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.is_due)
    }

    /// Notes that rustls has processed the complete records, and that this number of plaintext bytes is
    /// not consumed. Returns whether the records may have had something else, for example a KeyUpdate.
    #[inline]
    pub(crate) fn processed(&mut self, plaintext: usize) -> bool {
        let plaintext = plaintext as u32; // at most what one read has, so the cast loses nothing
        let has_more = self.data != plaintext;
        self.data = plaintext;
        has_more && self.is_tls13
    }

    /// Notes that plaintext was consumed.
    #[inline]
    pub(crate) fn consumed(&mut self, n: usize) {
        self.data = self.data.wrapping_sub(n as u32);
    }

    /// Notes that nothing more is processed, because the connection has failed.
    pub(crate) fn stop(&mut self) {
        (self.is_due, self.left) = (false, usize::MAX);
    }

    /// Returns the record that is refused.
    pub(crate) fn refused(&self) -> Option<RecordError> {
        self.refused.as_deref().copied()
    }

    /// Follows the next bytes. Returns where a record begins whose type is refused, if one does.
    #[inline]
    fn follow(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = self.left;
        while let Some(rest @ [_, ..]) = bytes.get(at..) {
            self.end_record();
            at += match self.data_record(rest) {
                Some(len) => len,
                None => match self.header(rest) {
                    Ok(len) => len,
                    // rustls refuses it itself, by the same header
                    Err(error @ RecordError::TooLong(_)) => {
                        self.refused = Some(Box::new(error));
                        return None;
                    }
                    Err(error) => {
                        self.refused = Some(Box::new(error));
                        return Some(at);
                    }
                },
            };
        }
        self.left = at - bytes.len();
        if self.left == 0 {
            self.end_record();
            self.last = 0;
        }
        None
    }

    /// Notes that a record is complete, or that the next one begins.
    #[inline]
    fn end_record(&mut self) {
        self.is_due = true;
        self.data = self.data.wrapping_add(self.last);
    }

    /// Returns the length of the record that `bytes` start with, if its header is complete and is one of
    /// a record of data.
    #[inline]
    fn data_record(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.header_len > 0 {
            return None;
        }
        let [23, _, _, high, low] = *bytes.first_chunk()? else {
            return None;
        };
        let len = u16::from_be_bytes([high, low]);
        if len >= 0x4800 {
            return None;
        }
        self.last = u32::from(len).wrapping_sub(SEALED);
        Some(Header::LEN + usize::from(len))
    }

    /// Checks the header that `bytes` start with, in whole or in part. Returns the length of it and of
    /// its payload.
    #[cold]
    fn header(&mut self, bytes: &[u8]) -> Result<usize, RecordError> {
        self.last = 0;
        if self.header_len == STOPPED {
            return Ok(usize::MAX / 2);
        }
        let places = self.header.iter_mut().skip(self.header_len.into());
        let added = bytes
            .iter()
            .zip(places)
            .map(|(byte, place)| *place = *byte)
            .count();
        self.header_len += added as u8; // at most 5, so the cast loses nothing
        let header = Header::from_bytes(self.header);
        self.check_type(header.content_type)?;
        if usize::from(self.header_len) < Header::LEN {
            return Ok(added);
        }
        self.header_len = 0;
        self.last = u32::from(header.length).wrapping_sub(SEALED);
        // RFC 8446 5.2: longer than 2^14 + 256 -> record_overflow. rustls sends it for up to
        // 2^14 + 2,048 bytes. For longer records nothing makes rustls send it
        let checked = header.check_length(LengthLimit::TLS12_CIPHERTEXT);
        checked.map_err(RecordError::TooLong)?;
        if header.content_type == ContentType::CHANGE_CIPHER_SPEC {
            self.header_len = STOPPED; // rustls fails at it, and uses nothing behind it
        }
        Ok(added + usize::from(header.length))
    }

    fn check_type(&self, content_type: ContentType) -> Result<(), RecordError> {
        match content_type {
            ContentType::HANDSHAKE if self.is_tls13 => Err(RecordError::NotEncrypted(content_type)),
            ContentType::CHANGE_CIPHER_SPEC
            | ContentType::ALERT
            | ContentType::HANDSHAKE
            | ContentType::APPLICATION_DATA => Ok(()),
            _ => Err(RecordError::UnexpectedContentType(content_type)),
        }
    }
}

/// A reader of the client's records. Instead of a record of a wrong type it reads one for which rustls
/// sends the required alert. So the error comes at its place, after the records before it.
pub(crate) struct Following<'a, R: ?Sized> {
    pub(crate) records: &'a mut R,
    pub(crate) position: &'a mut Position,
}

impl<R: Read + ?Sized> Read for Following<'_, R> {
    #[inline]
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let room = match buf.split_last_chunk_mut::<{ CHANGE_CIPHER_SPEC.len() }>() {
            Some((room @ [_, ..], _for_that_record)) => room,
            _ => first(buf),
        };
        let read = self.records.read(room)?;
        match buf.get(..read).and_then(|read| self.position.follow(read)) {
            None => Ok(read),
            Some(at) => {
                let places = buf.iter_mut().skip(at).zip(CHANGE_CIPHER_SPEC);
                Ok(at + places.map(|(place, byte)| *place = byte).count())
            }
        }
    }
}

/// Returns the first byte. rustls asks for more, unless its buffer is almost full.
#[cold]
fn first(buf: &mut [u8]) -> &mut [u8] {
    buf.get_mut(..1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An encrypted record with this number of bytes, which are its plaintext in full.
    fn record(plaintext: u16) -> Vec<u8> {
        let len = plaintext + SEALED as u16;
        let header = [23, 3, 3, (len >> 8) as u8, len as u8];
        [&header[..], &vec![0; len.into()]].concat()
    }

    /// The first record is not known to be data, because the handshake may have had a part of it.
    fn after_a_record() -> Position {
        let mut position = Position::new(true, 0);
        assert_eq!(position.follow(&record(0)), None);
        assert!(position.processed(0));
        position
    }

    #[test]
    fn a_record_that_is_not_data_is_noticed_however_the_input_is_split() {
        let data = [record(100), record(0), record(200)].concat();
        let key_update = [record(100), record(5), record(200)].concat();
        for (records, has_more) in [(data, false), (key_update, true)] {
            for len in 1..=records.len() {
                let mut position = after_a_record();
                for part in records.chunks(len) {
                    assert_eq!(position.follow(part), None);
                }
                assert_eq!(position.processed(300), has_more, "{len}");
            }
        }
    }

    #[test]
    fn plaintext_that_is_not_consumed_is_counted_once() {
        let mut position = after_a_record();
        for (plaintext, consumed) in [(100, 30), (170, 170), (100, 0), (200, 0)] {
            assert_eq!(position.follow(&record(100)), None);
            assert!(!position.processed(plaintext));
            position.consumed(consumed);
        }
        assert_eq!(position.follow(&record(5)), None);
        assert!(position.processed(200));
    }

    #[test]
    fn within_a_record_nothing_is_due() {
        let mut position = after_a_record();
        let record = record(100);
        let due = record.chunks(record.len() / 4 + 1).map(|part| {
            position.follow(part);
            position.take_due()
        });
        assert_eq!(due.collect::<Vec<_>>(), [true, false, false, true]);
    }
}
