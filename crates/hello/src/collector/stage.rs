//! How far a collector is between two bytes.

use lastword_record::{ContentType, Header};

/// What the next byte belongs to. A part of every connection that waits, so its numbers are small.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// To nothing that is known for TLS yet.
    Unknown { first: [u8; 12], len: u8 },
    /// To a record header.
    Header { header: [u8; Header::LEN], len: u8 },
    /// To the payload of a record of which `left` bytes are to come.
    Payload {
        content_type: ContentType,
        left: u16,
    },
}

impl Stage {
    pub(super) const HEADER: Self = Self::Header {
        header: [0; Header::LEN],
        len: 0,
    };

    /// Of `len` bytes, at most 12.
    pub(super) const fn unknown(first: [u8; 12], len: usize) -> Self {
        let len = len as u8;
        Self::Unknown { first, len }
    }

    /// Of `len` bytes, at most 5.
    pub(super) const fn header(header: [u8; Header::LEN], len: usize) -> Self {
        let len = len as u8;
        Self::Header { header, len }
    }

    /// Of a record whose length its header told in 16 bits.
    pub(super) const fn payload(content_type: ContentType, left: usize) -> Self {
        let left = left as u16;
        Self::Payload { content_type, left }
    }

    /// The bytes that it has of what is not yet known, or not yet whole.
    pub(super) fn pending(&self) -> &[u8] {
        match self {
            Self::Unknown { first, len } => first.get(..usize::from(*len)),
            Self::Header { header, len } => header.get(..usize::from(*len)),
            Self::Payload { .. } => None,
        }
        .unwrap_or_default()
    }
}
