//! Where in a ClientHello each of its fields stands.

/// A range of the message's bytes. A hello has up to 2^24 + 3 bytes, so 32 bits are enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// Where it begins. 0, where the handshake header is, says that the field is not there.
    pub(crate) start: u32,
    /// How many bytes it has.
    pub(crate) len: u32,
}

impl Span {
    /// Where `field` is in `message`, of which it must be a part.
    #[inline]
    pub(crate) fn new(message: &[u8], field: &[u8]) -> Self {
        let start = field.as_ptr().addr().wrapping_sub(message.as_ptr().addr());
        Self {
            start: start as u32,
            len: field.len() as u32,
        }
    }

    /// The bytes, or `None` if the field is not there.
    #[inline]
    pub(crate) fn of(self, message: &[u8]) -> Option<&[u8]> {
        if self.start == 0 {
            return None;
        }
        message.get(self.start as usize..)?.get(..self.len as usize)
    }
}

/// The fields of one ClientHello whose place depends on what is in it: all that parsing finds
/// out, kept apart from the bytes so that an owner of the bytes can keep both.
///
/// Of a vector the span is what is in it, its length left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// How many bytes it has, at most 32: where it begins is the same in every message.
    pub(crate) session_id_len: u8,
    /// Whether the extension is there.
    pub(crate) early_data: bool,
    pub(crate) cipher_suites: Span,
    pub(crate) compression_methods: Span,
    pub(crate) extensions: Span,
    /// The host name alone, and only if it is a DNS name.
    pub(crate) server_name: Span,
    pub(crate) named_groups: Span,
    pub(crate) signature_algorithms: Span,
    pub(crate) alpn: Span,
    pub(crate) supported_versions: Span,
    pub(crate) key_share: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_finds_again_what_it_was_made_of() {
        let message = [7, 8, 9, 10];
        for (start, end) in [(1, 3), (1, 4), (2, 2), (4, 4)] {
            let span = Span::new(&message, &message[start..end]);
            let (start, len) = (start as u32, (end - start) as u32);
            assert_eq!(span, Span { start, len });
            assert_eq!(span.of(&message), Some(&message[start as usize..end]));
        }
    }

    #[test]
    fn a_span_finds_nothing_where_there_is_nothing() {
        assert_eq!(Span::default().of(&[7, 8]), None);
        for (start, len) in [(1, 2), (3, 0), (u32::MAX, u32::MAX)] {
            assert_eq!(Span { start, len }.of(&[7, 8]), None);
        }
    }
}
