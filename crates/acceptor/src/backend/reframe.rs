//! Puts the ClientHello into records that rustls accepts.
//!
//! RFC 8446 section 5.1: the version of a record header must be ignored for all purposes. rustls 0.23
//! refuses versions that do not begin with 3, so it is given new headers. The record layer is not
//! part of the transcript, so the handshake is not affected.

use std::io::{self, Read};

use lastword_record::{ContentType, Header, LengthLimit, ProtocolVersion};

/// A reader of a handshake message in records of the greatest length.
pub(crate) struct Reframe<'a> {
    header: [u8; Header::LEN],
    /// The number of header bytes that have been read.
    header_read: usize,
    /// The unread part of the record's payload.
    payload: &'a [u8],
    /// The part of the message for later records.
    rest: &'a [u8],
}

impl<'a> Reframe<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        let mut new = Self {
            header: [0; 5],
            header_read: 0,
            payload: &[],
            rest: message,
        };
        new.next_record();
        new
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.payload.is_empty() && self.rest.is_empty()
    }

    fn next_record(&mut self) {
        let length = LengthLimit::PLAINTEXT
            .0
            .min(self.rest.len().try_into().unwrap_or(u16::MAX));
        let header = Header {
            content_type: ContentType::HANDSHAKE,
            version: ProtocolVersion::TLS_1_0,
            length,
        };
        self.header = header.to_bytes();
        self.header_read = 0;
        (self.payload, self.rest) = self.rest.split_at(length.into());
    }
}

impl Read for Reframe<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.payload.is_empty() && !self.rest.is_empty() {
            self.next_record();
        }
        let mut header = self.header.get(self.header_read..).unwrap_or_default();
        let header_read = header.read(buf)?;
        self.header_read += header_read;
        let payload_read = self
            .payload
            .read(buf.get_mut(header_read..).unwrap_or_default())?;
        Ok(header_read + payload_read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(message: &[u8], most: usize) -> Vec<u8> {
        let mut reframe = Reframe::new(message);
        let (mut all, mut buf) = (Vec::new(), vec![0; most]);
        while !reframe.is_empty() {
            let read = reframe.read(&mut buf).unwrap();
            all.extend(&buf[..read]);
        }
        all
    }

    #[test]
    fn puts_a_short_message_into_one_record() {
        assert_eq!(read_all(&[7; 3], 100), [22, 3, 1, 0, 3, 7, 7, 7]);
    }

    #[test]
    fn splits_a_long_message_at_2_to_the_14() {
        let all = read_all(&[7; 0x4001], 0x10000);
        assert_eq!(all[..6], [22, 3, 1, 0x40, 0, 7]);
        assert_eq!(all[5 + 0x4000..], [22, 3, 1, 0, 1, 7]);
    }

    #[test]
    fn gives_the_same_bytes_in_any_portions() {
        let whole = read_all(&[7; 0x4001], 0x10000);
        for most in [1, 2, 4, 5, 6, 4096] {
            assert_eq!(read_all(&[7; 0x4001], most), whole, "{most} at a time");
        }
    }
}
