//! The application protocols that a client offers (RFC 7301 section 3.1).

use core::{
    fmt::{self, Display},
    iter::FusedIterator,
};

use crate::{
    code_points::{ExtensionType, is_grease},
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);

/// An iterator over the protocol names, each of 1 to 255 bytes, most preferred first.
///
/// ```
/// use lastword_hello::ClientHello;
///
/// /// Returns whether the client prefers HTTP/2.
/// fn prefers_h2(hello: &ClientHello<'_>) -> bool {
///     hello.alpn().and_then(|mut protocols| protocols.next()) == Some(&b"h2"[..])
/// }
/// # let message = [&[1, 0, 0, 83, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 38], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com", &[0, 16, 0, 14, 0, 12, 2], b"h2", &[8], b"http/1.1"].concat();
/// # assert!(prefers_h2(&ClientHello::parse(&message).unwrap()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AlpnProtocols<'a> {
    names: Reader<'a>,
}

impl<'a> AlpnProtocols<'a> {
    pub(crate) const fn new(names: &'a [u8]) -> Self {
        Self {
            names: Reader::new(names),
        }
    }
}

impl<'a> Iterator for AlpnProtocols<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.names.vector_u8(FIELD).ok().map(|name| name.bytes())
    }
}

impl FusedIterator for AlpnProtocols<'_> {}

impl fmt::Debug for AlpnProtocols<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for name in *self {
            list.entry(&format_args!("\"{}\"", name.escape_ascii()));
        }
        list.finish()
    }
}

/// The longest name that is shown in full, in bytes with escapes and without quotes. All names
/// registered by IANA are shorter.
const SHOWN: usize = 24;

/// The name of an application protocol, as a log line shows it.
///
/// A name with unusual characters is quoted and escaped, and a name is cut after 24 bytes including
/// escapes. So a name cannot look like another part of the line.
///
/// ```
/// use lastword_hello::AlpnProtocol;
///
/// assert_eq!(AlpnProtocol(b"http/1.1").to_string(), "http/1.1");
/// assert_eq!(AlpnProtocol(b"h2, x\n").to_string(), r#""h2, x\n""#);
/// assert!(AlpnProtocol(&[0x0a, 0x0a]).is_grease());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlpnProtocol<'a>(pub &'a [u8]);

impl AlpnProtocol<'_> {
    /// Returns whether the name is reserved by GREASE (RFC 8701 section 2).
    #[must_use]
    pub fn is_grease(&self) -> bool {
        matches!(self.0, [high, low] if is_grease(u16::from_be_bytes([*high, *low])))
    }
}

impl Display for AlpnProtocol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = SHOWN;
        let has_room = |byte: &&u8| {
            let left = room.checked_sub(byte.escape_ascii().len());
            room = left.unwrap_or_default();
            left.is_some()
        };
        let shown = self.0.iter().take_while(has_room).count();
        let shown = self.0.get(..shown).unwrap_or_default();
        let escaped = shown.escape_ascii();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-./_".contains(byte);
        // "none" and "GREASE" are words of a list
        let is_word = matches!(self.0, b"none" | b"GREASE") || self.0.ends_with(b".");
        if self.0.iter().all(is_plain) && !is_word {
            write!(f, "{escaped}")?;
        } else {
            write!(f, "\"{escaped}\"")?;
        }
        f.write_str(if shown.len() < self.0.len() { ".." } else { "" })
    }
}

/// Checks that `data` is `ProtocolName protocol_name_list<2..2^16-1>`, and returns the names.
#[inline]
pub(crate) fn parse(data: Reader<'_>) -> Result<&[u8], Malformed> {
    let mut names = data
        .only_vector_u16(FIELD)?
        .not_empty(Problem::Empty, FIELD)?;
    let bytes = names.bytes();
    while !names.is_empty() {
        names
            .vector_u8(FIELD)?
            .not_empty(Problem::EmptyElement, FIELD)?;
    }
    Ok(bytes)
}
