//! Finds the end of a handshake message that is spread over several records.

use crate::handshake::{HandshakeHeader, HandshakeType};

/// A counter that finds the end of one handshake message in the payloads of records.
///
/// A message may be spread over several records, and a record may hold several messages (RFC 8446
/// section 5.1). A `Joiner` keeps only the header of the message and a count of its bytes. The caller
/// keeps the bytes.
///
/// Call [`receive`](Self::receive) with the payload of each handshake record.
/// [`handshake_type`](Self::handshake_type) is known after one byte, and [`header`](Self::header) after
/// four. After the end of the message, make a new `Joiner` for the next one.
///
/// ```
/// use lastword_record::{HandshakeType, Joined, Joiner};
///
/// let mut joiner = Joiner::new();
/// assert_eq!(joiner.receive(&[1]), Joined::NeedsInput(3));
/// assert_eq!(joiner.handshake_type(), Some(HandshakeType::CLIENT_HELLO));
/// assert_eq!(joiner.receive(&[0, 0, 2, 7]), Joined::NeedsInput(1));
/// assert_eq!(joiner.header().unwrap().message_len(), 6);
/// assert_eq!(joiner.received(), 5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Joiner {
    header: [u8; HandshakeHeader::LEN],
    received: u32,
}

/// The result of giving a fragment to a [`Joiner`].
///
/// ```
/// use lastword_record::{Joined, Joiner};
///
/// /// Returns the first message in the payload of a record, if it is complete.
/// fn first_message(payload: &[u8]) -> Option<&[u8]> {
///     match Joiner::new().receive(payload) {
///         Joined::Complete { unused } => payload.get(..payload.len() - unused),
///         Joined::NeedsInput(_) => None,
///     }
/// }
///
/// assert_eq!(first_message(&[14, 0, 0, 0, 20]), Some(&[14, 0, 0, 0][..]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The message is incomplete. At least this many more bytes are needed; it is never 0.
    NeedsInput(usize),
    /// The message is complete. The last `unused` bytes of the fragment belong to the next message.
    Complete {
        /// The number of bytes at the end of the fragment that are not part of this message.
        unused: usize,
    },
}

impl Joiner {
    /// Makes a joiner for a new message.
    ///
    /// ```
    /// use lastword_record::Joiner;
    ///
    /// let joiner = Joiner::new();
    /// assert_eq!((joiner.received(), joiner.handshake_type()), (0, None));
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            header: [0; HandshakeHeader::LEN],
            received: 0,
        }
    }

    /// Returns the number of bytes of the message that have arrived, including the header.
    #[must_use]
    pub const fn received(&self) -> u32 {
        self.received
    }

    /// Returns the type of the message; `None` before its first byte has arrived.
    #[must_use]
    pub fn handshake_type(&self) -> Option<HandshakeType> {
        (self.received > 0).then_some(HandshakeHeader::from_bytes(self.header).handshake_type)
    }

    /// Returns the header of the message; `None` before its four bytes have arrived.
    #[must_use]
    pub fn header(&self) -> Option<HandshakeHeader> {
        (self.received >= 4).then_some(HandshakeHeader::from_bytes(self.header))
    }

    /// Takes the next fragment: the payload of the next handshake record, or the next part of one.
    ///
    /// After the end of the message, all bytes are unused.
    ///
    /// ```
    /// use lastword_record::{Joined, Joiner};
    ///
    /// let mut joiner = Joiner::new();
    /// assert_eq!(joiner.receive(&[1, 0, 0, 3, 7]), Joined::NeedsInput(2));
    /// assert_eq!(joiner.receive(&[8, 9, 20]), Joined::Complete { unused: 1 });
    /// ```
    pub fn receive(&mut self, fragment: &[u8]) -> Joined {
        let missing = self.header.iter_mut().skip(self.received as usize);
        let copied = missing.zip(fragment).map(|(to, from)| *to = *from).count();
        // at most 4, so the cast loses nothing
        self.received += copied as u32;

        let body = fragment.len() - copied;
        let Some(header) = self.header() else {
            return Joined::NeedsInput(HandshakeHeader::LEN - self.received as usize);
        };
        let left = (header.message_len() - self.received) as usize;
        // at most `left`, a 24-bit number and 4, so the cast loses nothing
        self.received += left.min(body) as u32;
        match left.checked_sub(body) {
            Some(needed @ 1..) => Joined::NeedsInput(needed),
            _ => Joined::Complete {
                unused: body.saturating_sub(left),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A handshake message of type 1 with a body of three bytes.
    const MESSAGE: [u8; 7] = [1, 0, 0, 3, 7, 8, 9];

    #[test]
    fn knows_the_type_after_one_byte_and_the_length_after_four() {
        let mut joiner = Joiner::new();
        assert_eq!(joiner.handshake_type(), None);
        assert_eq!(joiner.receive(&MESSAGE[..1]), Joined::NeedsInput(3));
        assert_eq!(joiner.handshake_type(), Some(HandshakeType::CLIENT_HELLO));
        assert_eq!(joiner.header(), None);
        assert_eq!(joiner.receive(&MESSAGE[1..4]), Joined::NeedsInput(3));
        assert_eq!(joiner.header().map(HandshakeHeader::message_len), Some(7));
    }

    #[test]
    fn ends_at_the_same_byte_wherever_it_is_cut() {
        for first in 0..=7 {
            for second in first..=7 {
                let mut joiner = Joiner::new();
                let mut last = Joined::NeedsInput(4);
                for fragment in [
                    &MESSAGE[..first],
                    &MESSAGE[first..second],
                    &MESSAGE[second..],
                ] {
                    if last != (Joined::Complete { unused: 0 }) {
                        last = joiner.receive(fragment);
                    }
                }
                assert_eq!(
                    last,
                    Joined::Complete { unused: 0 },
                    "cut at {first} and {second}"
                );
                assert_eq!(joiner.received(), 7);
            }
        }
    }

    #[test]
    fn tells_what_of_a_fragment_belongs_to_the_next_message() {
        let bytes = [&MESSAGE[..], &[20, 0]].concat();
        assert_eq!(
            Joiner::new().receive(&bytes),
            Joined::Complete { unused: 2 }
        );
    }

    #[test]
    fn a_message_without_a_body_is_whole_with_its_header() {
        assert_eq!(
            Joiner::new().receive(&[14, 0, 0, 0]),
            Joined::Complete { unused: 0 }
        );
    }

    #[test]
    fn an_empty_fragment_changes_nothing() {
        let mut joiner = Joiner::new();
        assert_eq!(joiner.receive(&[]), Joined::NeedsInput(4));
        assert_eq!(joiner.handshake_type(), None);
    }

    #[test]
    fn asks_for_the_longest_message_there_can_be() {
        let mut joiner = Joiner::new();
        assert_eq!(
            joiner.receive(&[1, 0xff, 0xff, 0xff]),
            Joined::NeedsInput(0xff_ffff)
        );
    }
}
