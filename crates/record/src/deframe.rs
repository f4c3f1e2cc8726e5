//! Splits a buffer into records.

use crate::header::{Header, LengthLimit, RecordOverflow};

/// A complete record, borrowed from the buffer that holds it.
///
/// ```
/// use lastword_record::{ContentType, Deframed, LengthLimit, deframe};
///
/// let Deframed::Record(record, _) = deframe(&[21, 3, 3, 0, 2, 2, 40], LengthLimit::PLAINTEXT)?
/// else {
///     unreachable!("the record is complete");
/// };
/// assert_eq!(record.header.content_type, ContentType::ALERT);
/// assert_eq!(record.payload, [2, 40]);
/// # Ok::<(), lastword_record::RecordOverflow>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The header. Its `length` is the length of the payload.
    pub header: Header,
    /// The payload: [`Header::length`] bytes.
    pub payload: &'a [u8],
}

/// The result of [`deframe`].
///
/// ```
/// use lastword_record::{Deframed, LengthLimit, RecordOverflow, deframe};
///
/// /// Returns how many bytes to read before the next record can be complete.
/// fn missing(bytes: &[u8]) -> Result<usize, RecordOverflow> {
///     Ok(match deframe(bytes, LengthLimit::TLS13_CIPHERTEXT)? {
///         Deframed::Record(..) => 0,
///         Deframed::NeedsInput(missing) => missing,
///     })
/// }
///
/// assert_eq!(missing(&[22, 3, 1])?, 2);
/// assert_eq!(missing(&[22, 3, 1, 2, 0])?, 512);
/// # Ok::<(), RecordOverflow>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deframed<'a> {
    /// A complete record, and the bytes after it.
    Record(Record<'a>, &'a [u8]),
    /// The record is incomplete. At least this many more bytes are needed; it is never 0.
    ///
    /// It is the number of bytes missing from the header. Once the header is complete, it is the exact
    /// number of bytes missing from the record.
    NeedsInput(usize),
}

/// Splits the first record from the front of `bytes`.
///
/// If the record is incomplete, the result is [`Deframed::NeedsInput`], not an error. Call it again
/// with the same bytes and more bytes after them. It keeps nothing between calls and copies nothing.
///
/// ```
/// use lastword_record::{Deframed, LengthLimit, deframe};
///
/// let bytes = [21, 3, 3, 0, 2, 2, 40, 21, 3]; // an alert, and the start of another record
/// let Deframed::Record(alert, rest) = deframe(&bytes, LengthLimit::PLAINTEXT)? else {
///     unreachable!("the first record is complete");
/// };
/// assert_eq!(alert.payload, [2, 40]);
/// assert_eq!(deframe(rest, LengthLimit::PLAINTEXT)?, Deframed::NeedsInput(3));
/// # Ok::<(), lastword_record::RecordOverflow>(())
/// ```
///
/// # Errors
///
/// [`RecordOverflow`] if the header is complete and its length is greater than `limit`.
#[inline]
pub fn deframe(bytes: &[u8], limit: LengthLimit) -> Result<Deframed<'_>, RecordOverflow> {
    let Some((header, behind)) = bytes.split_first_chunk() else {
        return Ok(Deframed::NeedsInput(Header::LEN - bytes.len()));
    };
    let header = Header::from_bytes(*header);
    header.check_length(limit)?;
    Ok(match behind.split_at_checked(usize::from(header.length)) {
        Some((payload, rest)) => Deframed::Record(Record { header, payload }, rest),
        None => Deframed::NeedsInput(usize::from(header.length) - behind.len()),
    })
}

/// An iterator over the complete records at the front of a buffer.
///
/// It ends at the first record that is incomplete or too long. [`remainder`](Self::remainder) then
/// returns the bytes from that record on. Call [`deframe`] on them to learn which of the two it is.
///
/// ```
/// use lastword_record::{LengthLimit, Records};
///
/// let bytes = [20, 3, 3, 0, 1, 1, 21, 3, 3, 0, 2, 2, 40];
/// for record in Records::new(&bytes, LengthLimit::PLAINTEXT) {
///     println!("{}: {} bytes", record.header.content_type, record.payload.len());
/// }
/// # let types = Records::new(&bytes, LengthLimit::PLAINTEXT).map(|it| it.header.content_type.0);
/// # assert!(types.eq([20, 21]));
/// ```
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    limit: LengthLimit,
}

impl<'a> Records<'a> {
    /// Makes an iterator over the records in `bytes`. A record longer than `limit` ends it.
    ///
    /// ```
    /// use lastword_record::{LengthLimit, Records};
    ///
    /// let records = Records::new(&[21, 3, 3, 0, 2, 2, 40, 22, 3], LengthLimit::PLAINTEXT);
    /// assert_eq!(records.count(), 1);
    /// ```
    #[must_use]
    pub const fn new(bytes: &'a [u8], limit: LengthLimit) -> Self {
        Self { rest: bytes, limit }
    }

    /// Returns the bytes after the last record that the iterator has returned.
    ///
    /// ```
    /// use lastword_record::{LengthLimit, Records};
    ///
    /// let mut records = Records::new(&[21, 3, 3, 0, 2, 2, 40, 22, 3], LengthLimit::PLAINTEXT);
    /// while records.next().is_some() {}
    /// assert_eq!(records.remainder(), [22, 3]);
    /// ```
    #[must_use]
    pub const fn remainder(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match deframe(self.rest, self.limit) {
            Ok(Deframed::Record(record, rest)) => {
                self.rest = rest;
                Some(record)
            }
            Ok(Deframed::NeedsInput(_)) | Err(RecordOverflow { .. }) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{content_type::ContentType, version::ProtocolVersion};

    const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

    #[test]
    fn asks_for_the_rest_of_the_header_and_then_of_the_record() {
        for (have, needs) in [(0, 5), (1, 4), (4, 1), (5, 2), (6, 1)] {
            let deframed = deframe(&ALERT[..have], LengthLimit::PLAINTEXT);
            assert_eq!(
                deframed,
                Ok(Deframed::NeedsInput(needs)),
                "with {have} bytes"
            );
        }
    }

    #[test]
    fn takes_one_record_and_leaves_what_is_behind_it() {
        let bytes = [&ALERT[..], &[22, 3]].concat();
        let header = Header {
            content_type: ContentType::ALERT,
            version: ProtocolVersion::TLS_1_2,
            length: 2,
        };
        let record = Record {
            header,
            payload: &[2, 40],
        };
        let deframed = deframe(&bytes, LengthLimit::PLAINTEXT);
        assert_eq!(deframed, Ok(Deframed::Record(record, &[22, 3])));
    }

    #[test]
    fn an_empty_payload_is_a_record() {
        let header = Header::from([23, 3, 3, 0, 0]);
        let deframed = deframe(&[23, 3, 3, 0, 0], LengthLimit::PLAINTEXT);
        assert_eq!(
            deframed,
            Ok(Deframed::Record(
                Record {
                    header,
                    payload: &[]
                },
                &[]
            ))
        );
    }

    #[test]
    fn refuses_an_oversized_record_by_its_header_alone() {
        let overflow = RecordOverflow {
            length: 0x4001,
            limit: LengthLimit::PLAINTEXT,
        };
        assert_eq!(
            deframe(&[22, 3, 3, 0x40, 0x01], LengthLimit::PLAINTEXT),
            Err(overflow)
        );
    }

    #[test]
    fn iterates_to_the_first_record_that_is_not_whole() {
        let bytes = [&ALERT[..], &ALERT, &ALERT[..6]].concat();
        let mut records = Records::new(&bytes, LengthLimit::PLAINTEXT);
        assert_eq!(records.by_ref().count(), 2);
        assert_eq!(records.remainder(), &ALERT[..6]);
    }
}
