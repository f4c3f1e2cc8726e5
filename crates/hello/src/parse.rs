//! Parses a ClientHello in one pass, and finds the place of each field.

use lastword_record::{HandshakeHeader, HandshakeType};

use crate::{
    alpn,
    code_points::ExtensionType,
    extensions::{self, Extensions, Seen, refuse_duplicates},
    key_share, list,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
    server_name,
};

/// The offset of `legacy_version` in every message: after the header.
pub(crate) const LEGACY_VERSION_AT: usize = HandshakeHeader::LEN;

/// The offset of `random` in every message: after `legacy_version`.
pub(crate) const RANDOM_AT: usize = LEGACY_VERSION_AT + 2;

const RANDOM_LEN: u32 = 32;

/// The offset of `legacy_session_id` in every message: after `random` and its own length.
pub(crate) const SESSION_ID_AT: usize = RANDOM_AT + RANDOM_LEN as usize + 1;

/// The longest `legacy_session_id` in bytes.
const SESSION_ID_MOST: usize = 32;

/// A range of the message's bytes. A ClientHello has up to 2^24 + 3 bytes, so 32 bits are enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// The offset of its first byte. 0, the offset of the handshake header, means that the field is
    /// absent.
    pub(crate) start: u32,
    /// Its length in bytes.
    pub(crate) len: u32,
}

impl Span {
    /// Creates the range of `field` in `message`, of which it must be a part.
    #[inline]
    pub(crate) fn new(message: &[u8], field: &[u8]) -> Self {
        let start = field.as_ptr().addr().wrapping_sub(message.as_ptr().addr());
        Self {
            start: start as u32,
            len: field.len() as u32,
        }
    }

    /// Returns the bytes, or `None` if the field is absent.
    #[inline]
    pub(crate) fn of(self, message: &[u8]) -> Option<&[u8]> {
        if self.start == 0 {
            return None;
        }
        message.get(self.start as usize..)?.get(..self.len as usize)
    }
}

/// The result of parsing: the places of all fields that are not at a fixed offset. It does not borrow
/// the message, so that the owner of the bytes can keep both.
///
/// The span of a vector does not include its length field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The length of the session ID in bytes, at most 32. Its offset is fixed.
    pub(crate) session_id_len: u8,
    /// Whether the extension is present.
    pub(crate) early_data: bool,
    /// Whether `max_fragment_length` or `record_size_limit` is present.
    pub(crate) limits_records: bool,
    /// Whether the server name has upper-case letters.
    pub(crate) has_upper_case_name: bool,
    pub(crate) cipher_suites: Span,
    pub(crate) compression_methods: Span,
    pub(crate) extensions: Span,
    /// The host name, only if it is a DNS name.
    pub(crate) server_name: Span,
    pub(crate) named_groups: Span,
    pub(crate) signature_algorithms: Span,
    pub(crate) alpn: Span,
    pub(crate) supported_versions: Span,
    pub(crate) key_share: Span,
}

/// Parses `message` into `layout`, which is empty (RFC 8446 section 4.1.2).
pub(crate) fn parse(message: &[u8], layout: &mut Layout) -> Result<(), Malformed> {
    let span = |bytes: &[u8]| Span::new(message, bytes);
    let mut body = parse_header(message)?;
    body.take(2, Field::LegacyVersion)?;
    body.take(RANDOM_LEN, Field::Random)?;
    layout.session_id_len = parse_session_id(&mut body)?;
    let cipher_suites = body.vector_u16(Field::CipherSuites)?;
    layout.cipher_suites = span(list::parse(cipher_suites, Field::CipherSuites)?);
    let compression_methods = body
        .vector_u8(Field::CompressionMethods)?
        .not_empty(Problem::Empty, Field::CompressionMethods)?;
    layout.compression_methods = span(compression_methods.bytes());
    // RFC 8446 4.1.2, RFC 5246 7.4.1.2: a hello may end here, without extensions
    if body.is_empty() {
        return Ok(());
    }
    let block = body.vector_u16(Field::Extensions)?;
    body.end(Field::Extensions)?;
    layout.extensions = span(block.bytes());
    parse_extensions(message, block, layout)
}

/// Returns the body of a message that is exactly one ClientHello.
fn parse_header(message: &[u8]) -> Result<Reader<'_>, Malformed> {
    let mut message = Reader::new(message);
    let header = HandshakeHeader::from_bytes(message.array(Field::Header)?);
    if header.handshake_type != HandshakeType::CLIENT_HELLO {
        let problem = Problem::NotClientHello(header.handshake_type);
        return Err(Malformed::new(Field::Header, problem));
    }
    let body = message.take(header.length.get(), Field::Header)?;
    message.end(Field::Header)?;
    Ok(body)
}

fn parse_session_id(body: &mut Reader<'_>) -> Result<u8, Malformed> {
    let session_id = body.vector_u8(Field::SessionId)?.bytes();
    if session_id.len() > SESSION_ID_MOST {
        let (len, most) = (session_id.len() as u32, SESSION_ID_MOST as u32);
        let problem = Problem::TooLong { len, most };
        return Err(Malformed::new(Field::SessionId, problem));
    }
    // at most 32, so the cast loses nothing
    Ok(session_id.len() as u8)
}

/// Parses the extensions (RFC 8446 section 4.2).
fn parse_extensions(
    message: &[u8],
    whole: Reader<'_>,
    layout: &mut Layout,
) -> Result<(), Malformed> {
    let span = |bytes: &[u8]| Span::new(message, bytes);
    let mut block = whole;
    let mut seen = Seen::default();
    while !block.is_empty() {
        let (extension_type, data) = extensions::read(&mut block)?;
        seen.insert(extension_type);
        let field = Field::Extension(extension_type);
        match extension_type {
            ExtensionType::SERVER_NAME => {
                if let Some(name) = server_name::parse(data)? {
                    layout.server_name = span(name.name);
                    layout.has_upper_case_name = name.has_upper_case;
                }
            }
            ExtensionType::SUPPORTED_GROUPS => {
                layout.named_groups = span(list::parse(data.only_vector_u16(field)?, field)?);
            }
            ExtensionType::SIGNATURE_ALGORITHMS => {
                layout.signature_algorithms =
                    span(list::parse(data.only_vector_u16(field)?, field)?);
            }
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                layout.alpn = span(alpn::parse(data)?);
            }
            ExtensionType::SUPPORTED_VERSIONS => {
                layout.supported_versions = span(list::parse(data.only_vector_u8(field)?, field)?);
            }
            ExtensionType::KEY_SHARE => layout.key_share = span(key_share::parse(data)?),
            // RFC 8446 4.2.11: pre_shared_key is not the last extension -> illegal_parameter
            ExtensionType::PRE_SHARED_KEY if !block.is_empty() => {
                return Err(Malformed::new(field, Problem::NotLast));
            }
            _ => {}
        }
    }
    layout.early_data = seen.has(ExtensionType::EARLY_DATA);
    layout.limits_records =
        seen.has(ExtensionType::MAX_FRAGMENT_LENGTH) || seen.has(ExtensionType::RECORD_SIZE_LIMIT);
    if seen.may_have_duplicates() {
        return refuse_duplicates(Extensions::new(whole));
    }
    Ok(())
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
