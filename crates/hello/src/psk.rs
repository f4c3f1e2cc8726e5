//! Which pre-shared keys a client offers, and how they may be used (RFC 8446 sections 4.2.9 and
//! 4.2.11).

use core::{fmt, iter::FusedIterator};

use crate::{
    ExtensionType,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::PRE_SHARED_KEY);

/// The name of one pre-shared key, borrowed from the message (RFC 8446 section 4.2.11).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PskIdentity<'a> {
    /// The label of the key, 1 to 65,535 bytes: of a resumed session the ticket.
    pub identity: &'a [u8],
    /// How long the client has known it, in milliseconds and disguised; 0 for a key that is no
    /// ticket (RFC 8446 section 4.2.11.1).
    pub obfuscated_ticket_age: u32,
}

impl fmt::Debug for PskIdentity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.identity.len())
    }
}

/// The names of the pre-shared keys, at least one, in the client's order: an iterator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PskIdentities<'a> {
    identities: Reader<'a>,
}

impl<'a> Iterator for PskIdentities<'a> {
    type Item = PskIdentity<'a>;

    fn next(&mut self) -> Option<PskIdentity<'a>> {
        read(&mut self.identities).ok()
    }
}

impl FusedIterator for PskIdentities<'_> {}

impl fmt::Debug for PskIdentities<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// Takes one `PskIdentity` off the front of `identities`.
fn read<'a>(identities: &mut Reader<'a>) -> Result<PskIdentity<'a>, Malformed> {
    let identity = identities
        .vector_u16(FIELD)?
        .not_empty(Problem::EmptyElement, FIELD)?;
    Ok(PskIdentity {
        identity: identity.bytes(),
        obfuscated_ticket_age: u32::from_be_bytes(identities.array(FIELD)?),
    })
}

/// The identities of `OfferedPsks`, behind which nothing but the vector of binders may stand; the
/// binders are for the holder of the keys to look at.
pub(crate) fn identities(data: &[u8]) -> Result<PskIdentities<'_>, Malformed> {
    let mut data = Reader::new(data);
    let identities = data.vector_u16(FIELD)?.not_empty(Problem::Empty, FIELD)?;
    data.only_vector_u16(FIELD)?;
    let mut rest = identities;
    while !rest.is_empty() {
        read(&mut rest)?;
    }
    Ok(PskIdentities { identities })
}
