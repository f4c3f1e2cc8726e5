//! Which application protocols a client offers (RFC 7301 section 3.1).

use core::{fmt, iter::FusedIterator};

use crate::{
    ExtensionType,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);

/// The names of the protocols, each of 1 to 255 bytes, most preferred first: an iterator.
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

/// Checks that `data` is `ProtocolName protocol_name_list<2..2^16-1>`, and gives the names.
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
