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
    /// The record that is refused. In a box, because few clients have one.
    refused: Option<Box<RecordError>>,
}

/// A record for which rustls sends `unexpected_message` (RFC 8446 section 5): a change_cipher_spec after
/// the handshake.
const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];

impl Position {
    /// Creates the position before the last `left` bytes of a record's payload.
    pub(crate) fn new(is_tls13: bool, left: u16) -> Self {
        Self {
            is_tls13,
            left: left.into(),
            header: [0; Header::LEN],
            header_len: 0,
            refused: None,
        }
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
            match rest.first_chunk() {
                Some([23, _, _, high, low]) if self.header_len == 0 && *high < 0x48 => {
                    at += Header::LEN + usize::from(u16::from_be_bytes([*high, *low]));
                }
                _ => match self.header(rest) {
                    Ok(len) => at += len,
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
            }
        }
        self.left = at - bytes.len();
        None
    }

    /// Checks the header that `bytes` start with, in whole or in part. Returns the length of it and of
    /// its payload.
    #[cold]
    fn header(&mut self, bytes: &[u8]) -> Result<usize, RecordError> {
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
        // RFC 8446 5.2: longer than 2^14 + 256 -> record_overflow. rustls sends it for up to
        // 2^14 + 2,048 bytes. For longer records nothing makes rustls send it
        let checked = header.check_length(LengthLimit::TLS12_CIPHERTEXT);
        checked.map_err(RecordError::TooLong)?;
        Ok(match header.content_type {
            // rustls fails at it, and uses nothing behind it
            ContentType::CHANGE_CIPHER_SPEC => usize::MAX / 2,
            _ => added + usize::from(header.length),
        })
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
        // there is room for that record
        let most = buf.len().saturating_sub(CHANGE_CIPHER_SPEC.len()).max(1);
        let read = self.records.read(buf.get_mut(..most).unwrap_or_default())?;
        match self.position.follow(buf.get(..read).unwrap_or_default()) {
            None => Ok(read),
            Some(at) => {
                let places = buf.iter_mut().skip(at).zip(CHANGE_CIPHER_SPEC);
                Ok(at + places.map(|(place, byte)| *place = byte).count())
            }
        }
    }
}
