//! The stage of a collector between two bytes.

use lastword_record::{ContentType, Header, Verdict};

/// What the next byte belongs to. Every waiting connection has one, so its integers are small.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// It is not yet known whether the client speaks TLS.
    Unknown {
        first: [u8; Verdict::MAX_LEN],
        len: u8,
    },
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

    /// Creates the stage from `len` bytes, at most 24.
    pub(super) const fn unknown(first: [u8; Verdict::MAX_LEN], len: usize) -> Self {
        let len = len as u8;
        Self::Unknown { first, len }
    }

    /// Creates the stage from `len` bytes, at most 5.
    pub(super) const fn header(header: [u8; Header::LEN], len: usize) -> Self {
        let len = len as u8;
        Self::Header { header, len }
    }

    /// Creates the stage for a payload of at most 2^16 - 1 bytes.
    pub(super) const fn payload(content_type: ContentType, left: usize) -> Self {
        let left = left as u16;
        Self::Payload { content_type, left }
    }

    /// Returns the bytes that are not yet known to be TLS, or are an incomplete header.
    pub(super) fn pending(&self) -> &[u8] {
        match self {
            Self::Unknown { first, len } => first.get(..usize::from(*len)),
            Self::Header { header, len } => header.get(..usize::from(*len)),
            Self::Payload { .. } => None,
        }
        .unwrap_or_default()
    }
}
