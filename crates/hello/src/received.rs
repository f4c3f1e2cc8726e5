//! Storage for received records: the ClientHello in one piece, and each byte only once.

use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use lastword_record::{ContentType, Header, LengthLimit, Records};

/// Additional room for payload, in bytes.
const GROWTH: usize = 512;

/// Additional room for record headers, in bytes.
const HEADERS_GROWTH: usize = 80 * Header::LEN;

/// How many bytes of record headers are kept without an allocation of their own.
const FEW: usize = 8 * Header::LEN;

/// All records received, complete or not.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The records before the ClientHello and the header of its first record, as they came. Then the
    /// payload of that record and of all later ones, without their headers.
    bytes: Vec<u8>,
    /// The headers of the records after the ClientHello's first. In a box, because few clients send
    /// several records.
    headers: Option<Box<Headers>>,
    /// The offset in `bytes` of the ClientHello; 0 before it begins.
    message: u32,
}

/// Record headers. The first few need no allocation, because most of these clients send few.
#[derive(Clone, Debug)]
struct Headers {
    few: [u8; FEW],
    /// The number of bytes in `few`.
    few_len: usize,
    more: Vec<u8>,
}

impl Headers {
    const fn new() -> Self {
        Self {
            few: [0; FEW],
            few_len: 0,
            more: Vec::new(),
        }
    }

    fn len(&self) -> usize {
        self.few_len + self.more.len()
    }

    fn make_room(&mut self, wanted: usize) {
        let more = (self.few_len + wanted).saturating_sub(FEW);
        self.more.reserve_exact(more);
    }

    fn push(&mut self, header: &[u8; Header::LEN]) {
        let end = self.few_len + Header::LEN;
        if let Some(room) = self.few.get_mut(self.few_len..end) {
            room.copy_from_slice(header);
            self.few_len = end;
            return;
        }
        if self.more.capacity() - self.more.len() < Header::LEN {
            self.more.reserve_exact(HEADERS_GROWTH);
        }
        self.more.extend_from_slice(header);
    }

    /// Returns all headers in two parts.
    fn parts(&self) -> [&[u8]; 2] {
        [self.few.get(..self.few_len).unwrap_or_default(), &self.more]
    }
}

impl Received {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            headers: None,
            message: 0,
        }
    }

    /// Returns the number of bytes received.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.headers.as_ref().map_or(0, |headers| headers.len())
    }

    /// Returns the bytes of the ClientHello so far, and those received after it.
    #[inline]
    pub(crate) fn message(&self) -> &[u8] {
        self.bytes.get(self.message as usize..).unwrap_or_default()
    }

    /// Returns the last bytes of payload.
    pub(crate) fn last_chunk<const N: usize>(&self) -> Option<&[u8; N]> {
        self.bytes.last_chunk()
    }

    /// Returns how many bytes of the next record's header are kept with the payload.
    #[inline]
    pub(crate) fn header_len(&self) -> usize {
        if self.message > 0 { 0 } else { Header::LEN }
    }

    /// Returns whether there is room for so many bytes.
    #[inline]
    pub(crate) fn has_room(&self, wanted: usize) -> bool {
        self.bytes.capacity() - self.bytes.len() >= wanted
    }

    /// Makes room for so many bytes, and for some more if more are to come.
    #[inline]
    pub(crate) fn make_room(&mut self, wanted: usize, more: usize) {
        if !self.has_room(wanted) {
            self.grow(wanted, more);
        }
    }

    /// Allocates room for so many bytes, and for some more if more are to come.
    #[inline]
    pub(crate) fn grow(&mut self, wanted: usize, more: usize) {
        let first = self.bytes.is_empty();
        let spare = if first { more.min(GROWTH) } else { GROWTH };
        self.bytes.reserve_exact(wanted.max(spare));
    }

    /// Makes room for the available bytes of a ClientHello of which `wanted` bytes are missing.
    /// `input` begins with a record's payload of `left` bytes, which do not complete it.
    pub(crate) fn make_room_at_hand(&mut self, input: &[u8], left: usize, wanted: usize) {
        let behind = input.get(left..).unwrap_or_default();
        let mut records = Records::new(behind, LengthLimit::PLAINTEXT);
        let (mut at_hand, mut headers) = (left.min(input.len()), 0);
        while at_hand < wanted {
            let Some(record) = records.next() else {
                let cut = records.remainder().len();
                at_hand += cut.saturating_sub(Header::LEN);
                break;
            };
            if record.header.content_type != ContentType::HANDSHAKE {
                break;
            }
            at_hand += record.payload.len();
            headers += Header::LEN;
        }
        self.make_room(self.header_len() + at_hand.min(wanted), left);
        self.make_room_for_headers(headers);
    }

    /// Makes room for so many bytes of record headers after the first.
    fn make_room_for_headers(&mut self, wanted: usize) {
        if wanted > 0 {
            self.later_headers().make_room(wanted);
        }
    }

    fn later_headers(&mut self) -> &mut Headers {
        self.headers.get_or_insert_with(|| Box::new(Headers::new()))
    }

    /// Keeps the header of a record.
    #[inline]
    pub(crate) fn push_header(&mut self, content_type: ContentType, header: &[u8; Header::LEN]) {
        if self.message > 0 {
            return self.later_headers().push(header);
        }
        self.bytes.extend_from_slice(header);
        if content_type == ContentType::HANDSHAKE {
            // at most 255 alerts come before it, so the cast loses nothing
            self.message = self.bytes.len() as u32;
        }
    }

    /// Keeps payload of the record whose header was kept last.
    #[inline]
    pub(crate) fn push_payload(&mut self, payload: &[u8]) {
        self.bytes.extend_from_slice(payload);
    }

    /// Returns every byte exactly as received, without a copy if the ClientHello is in one record.
    pub(crate) fn as_it_came(&self) -> Cow<'_, [u8]> {
        if self.headers.is_none() {
            Cow::Borrowed(&self.bytes)
        } else {
            Cow::Owned(self.interleave())
        }
    }

    /// Returns the same bytes to keep, and `pending`, which came after them.
    pub(crate) fn into_bytes(self, pending: &[u8]) -> Vec<u8> {
        if self.bytes.is_empty() {
            return pending.to_vec();
        }
        let mut bytes = if self.headers.is_none() {
            self.bytes
        } else {
            self.interleave()
        };
        bytes.reserve_exact(pending.len());
        bytes.extend_from_slice(pending);
        bytes
    }

    /// Keeps bytes that are not part of a record. Nothing is received after them.
    pub(crate) fn push_rest(&mut self, rest: [&[u8]; 2]) {
        if self.headers.is_some() {
            self.bytes = self.interleave();
            self.headers = None;
        }
        for bytes in rest {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Returns the records with each header before its payload.
    fn interleave(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        let (before, mut payload) = self
            .bytes
            .split_at(self.bytes.len().min(self.message as usize));
        bytes.extend_from_slice(before);
        let mut header = before.last_chunk();
        let parts = self.headers.as_ref().map(|headers| headers.parts());
        for mut headers in parts.into_iter().flatten() {
            while let Some((next, behind)) = headers.split_first_chunk() {
                let length = header.map_or(0, |header| Header::from_bytes(*header).length.into());
                let (fragment, rest) = payload.split_at(payload.len().min(length));
                bytes.extend_from_slice(fragment);
                bytes.extend_from_slice(next);
                (header, headers, payload) = (Some(next), behind, rest);
            }
        }
        bytes.extend_from_slice(payload);
        bytes
    }
}
