//! How much rejected early data is passed over (RFC 8446 section 4.2.10).

use lastword_hello::ClientHello;
use lastword_record::Header;

use crate::backend::config::Config;
use crate::gate::RecordError;

/// What an encrypted record of TLS 1.3 has besides its content: its type and a tag.
pub(crate) const OVERHEAD: u64 = 1 + 16;

/// How many records without a payload may come in a row, as many as rustls 0.23 takes.
const MOST_EMPTY: u8 = 32;

/// Early data that cannot be decrypted and is passed over, up to a limit.
///
/// Its content counts, not its framing, so that the limit is the same in records of any length. A
/// record counts as one byte at the least.
#[derive(Debug)]
pub(crate) struct Skipped {
    limit: u64,
    left: u64,
    empty: u8,
}

impl Skipped {
    /// None of what comes after this ClientHello, which is answered with `config`.
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

    /// Passes over one more record of application data.
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

/// How many bytes of early data may come with a configuration, accepted or rejected. Where it is
/// off, one record: a client may have a ticket from a time when it was on. rustls has the same.
pub(crate) fn limit(config: &Config) -> u64 {
    match config.max_early_data_size() {
        0 => 1 << 14,
        size => size.into(),
    }
}

/// The most bytes that so much early data takes on the wire: each byte in a record of its own.
pub(crate) const fn most_on_the_wire(early_data: u64) -> u64 {
    early_data * (Header::LEN as u64 + 1 + OVERHEAD)
}
