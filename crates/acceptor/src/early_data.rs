//! The limit for rejected early data that is skipped (RFC 8446 section 4.2.10).

use lastword_hello::ClientHello;
use lastword_record::Header;

use crate::backend::config::Config;
use crate::gate::RecordError;

/// The overhead of an encrypted TLS 1.3 record in bytes: its type and a tag.
pub(crate) const OVERHEAD: u64 = 1 + 16;

/// The most records without a payload in a row, as in rustls 0.23.
const MOST_EMPTY: u8 = 32;

/// Counts rejected early data that is skipped, up to a limit.
///
/// Only the content counts, not the framing, so the limit does not depend on the length of the
/// records. A record counts as at least one byte.
#[derive(Debug)]
pub(crate) struct Skipped {
    limit: u64,
    left: u64,
    empty: u8,
}

impl Skipped {
    /// Starts the count after this ClientHello, which is answered with `config`.
    pub(crate) fn new(hello: &ClientHello<'_>, config: &Config) -> Self {
        let limit = match hello.early_data() {
            true => limit(config),
            false => 0,
        };
        Self {
            limit,
            left: limit,
            empty: 0,
        }
    }

    /// Skips one more record of application data.
    pub(crate) fn skip(&mut self, header: Header) -> Result<(), RecordError> {
        if self.limit == 0 {
            return Err(RecordError::UnexpectedContentType(header.content_type));
        }
        self.empty = match header.length {
            0 => self.empty + 1,
            _ => 0,
        };
        if self.empty > MOST_EMPTY {
            return Err(RecordError::TooManyEmpty { limit: MOST_EMPTY });
        }
        let content = u64::from(header.length).saturating_sub(OVERHEAD).max(1);
        let limit = self.limit;
        // RFC 8446 4.2.10: more than max_early_data_size -> unexpected_message
        let left = self.left.checked_sub(content);
        self.left = left.ok_or(RecordError::EarlyDataTooLong { limit })?;
        Ok(())
    }
}

/// Returns how many bytes of early data a client may send, accepted or rejected. If early data is
/// off, it is one record, because a client may have an older ticket. rustls has the same limit.
pub(crate) fn limit(config: &Config) -> u64 {
    match config.max_early_data_size() {
        0 => 1 << 14,
        size => size.into(),
    }
}

/// Returns the most bytes that so much early data takes on the wire, with one byte in each record.
pub(crate) const fn most_on_the_wire(early_data: u64) -> u64 {
    early_data * (Header::LEN as u64 + 1 + OVERHEAD)
}
