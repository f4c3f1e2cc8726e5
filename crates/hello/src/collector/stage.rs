//! How far a collector is between two bytes.

use lastword_record::{ContentType, Header};

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// To nothing that is known for TLS yet.
    Unknown { first: [u8; 12], len: usize },
    /// To a record header.
    Header {
        header: [u8; Header::LEN],
        len: usize,
    },
    /// To the payload of a record of which `left` bytes are to come.
    Payload {
        content_type: ContentType,
        left: usize,
    },
}

impl Stage {
    pub(super) const HEADER: Self = Self::Header {
        header: [0; Header::LEN],
        len: 0,
    };

    /// The bytes that it has of what is not yet known, or not yet whole.
    pub(super) fn pending(&self) -> &[u8] {
        match self {
            Self::Unknown { first, len } => first.get(..*len),
            Self::Header { header, len } => header.get(..*len),
            Self::Payload { .. } => None,
        }
        .unwrap_or_default()
    }
}
