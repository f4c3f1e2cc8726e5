//! Where one extension of a ClientHello ends and the next begins.

use core::{fmt, iter::FusedIterator};

use crate::{
    ExtensionType,
    malformed::{Field, Malformed},
    reader::Reader,
};

/// One extension, borrowed from the message (RFC 8446 section 4.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extension<'a> {
    /// Which one.
    pub extension_type: ExtensionType,
    /// Its `extension_data`, at most 65,535 bytes, as sent.
    pub data: &'a [u8],
}

impl fmt::Debug for Extension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:02x?}", self.extension_type, self.data)
    }
}

/// All extensions of a ClientHello in the client's order, known or not: an iterator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Extensions<'a> {
    block: Reader<'a>,
}

impl<'a> Extensions<'a> {
    pub(crate) const fn new(block: Reader<'a>) -> Self {
        Self { block }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    #[inline]
    fn next(&mut self) -> Option<Extension<'a>> {
        let (extension_type, data) = read(&mut self.block).ok()?;
        Some(Extension {
            extension_type,
            data: data.bytes(),
        })
    }
}

impl FusedIterator for Extensions<'_> {}

impl fmt::Debug for Extensions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// Takes one extension off the front of `block`.
#[inline]
pub(crate) fn read<'a>(block: &mut Reader<'a>) -> Result<(ExtensionType, Reader<'a>), Malformed> {
    let header = u32::from_be_bytes(block.array(Field::Extensions)?);
    let extension_type = ExtensionType((header >> 16) as u16);
    let data = block.take(header & 0xffff, Field::Extension(extension_type))?;
    Ok((extension_type, data))
}
