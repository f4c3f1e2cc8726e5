//! By which authorities a client wants the server certified (RFC 8446 section 4.2.4).

use core::{fmt, iter::FusedIterator};

use crate::{
    ExtensionType,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::CERTIFICATE_AUTHORITIES);

/// The names of the authorities, each the DER of a `DistinguishedName` of 1 to 65,535 bytes, not
/// looked into: an iterator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DistinguishedNames<'a> {
    names: Reader<'a>,
}

impl<'a> Iterator for DistinguishedNames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        read(&mut self.names).ok()
    }
}

impl FusedIterator for DistinguishedNames<'_> {}

impl fmt::Debug for DistinguishedNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for name in *self {
            list.entry(&format_args!("{name:02x?}"));
        }
        list.finish()
    }
}

/// Takes one `DistinguishedName` off the front of `names`.
fn read<'a>(names: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let name = names.vector_u16(FIELD)?;
    Ok(name.not_empty(Problem::EmptyElement, FIELD)?.bytes())
}

/// The names of `DistinguishedName authorities<3..2^16-1>`.
pub(crate) fn names(data: &[u8]) -> Result<DistinguishedNames<'_>, Malformed> {
    let names = Reader::new(data)
        .only_vector_u16(FIELD)?
        .not_empty(Problem::Empty, FIELD)?;
    let mut rest = names;
    while !rest.is_empty() {
        read(&mut rest)?;
    }
    Ok(DistinguishedNames { names })
}
