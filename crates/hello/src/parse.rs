//! Whether a message is a ClientHello, and where in it each field stands: one walk.

use lastword_record::{HandshakeHeader, HandshakeType};

use crate::{
    ExtensionType, Extensions, alpn,
    duplicates::{Seen, refuse_duplicates},
    extensions, key_share,
    layout::{Layout, Span},
    list,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
    server_name,
};

/// Where `legacy_version` stands in every message: behind the header.
pub(crate) const LEGACY_VERSION_AT: usize = HandshakeHeader::LEN;

/// Where `random` stands in every message: behind `legacy_version`.
pub(crate) const RANDOM_AT: usize = LEGACY_VERSION_AT + 2;

const RANDOM_LEN: u32 = 32;

/// Where `legacy_session_id` stands in every message: after `random` and its own length.
pub(crate) const SESSION_ID_AT: usize = RANDOM_AT + RANDOM_LEN as usize + 1;

/// The longest `legacy_session_id`.
const SESSION_ID_MOST: usize = 32;

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

/// What is behind the header of a message that is a ClientHello, and nothing but one.
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

/// RFC 8446 section 4.2.
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
                    layout.server_name = span(name);
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
    if seen.may_have_duplicates() {
        return refuse_duplicates(Extensions::new(whole));
    }
    Ok(())
}
