//! The extensions of a ClientHello, and the check for duplicates.

use core::{fmt, iter::FusedIterator};

use crate::{
    code_points::ExtensionType,
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

/// One extension, borrowed from the message (RFC 8446 section 4.2).
///
/// ```
/// use lastword_hello::{ClientHello, Extension};
///
/// fn list(hello: &ClientHello<'_>) {
///     for Extension { extension_type, data } in hello.extensions() {
///         println!("{extension_type}: {} bytes", data.len());
///     }
/// }
/// # let message = [&[1, 0, 0, 74, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
/// # list(&ClientHello::parse(&message).unwrap());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extension<'a> {
    /// The type of the extension.
    pub extension_type: ExtensionType,
    /// Its `extension_data`, at most 65,535 bytes, as sent.
    pub data: &'a [u8],
}

impl fmt::Debug for Extension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:02x?}", self.extension_type, self.data)
    }
}

/// An iterator over all extensions of a ClientHello in the client's order, known or not.
///
/// ```
/// use lastword_hello::ClientHello;
///
/// /// Returns the number of extensions, without GREASE.
/// fn count(hello: &ClientHello<'_>) -> usize {
///     hello.extensions().filter(|extension| !extension.extension_type.is_grease()).count()
/// }
/// # let message = [&[1, 0, 0, 78, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 33], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3], &[10, 10, 0, 0]].concat();
/// # assert_eq!(count(&ClientHello::parse(&message).unwrap()), 2);
/// ```
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

/// Spreads the types of 64 and more over 64 bits. With this factor, no two types that clients are
/// known to send share a bit, including the sixteen of GREASE.
const SPREAD: u16 = 0x03a3;

/// The types of the extensions so far, as bits: enough to know that there are no duplicates.
#[derive(Default)]
pub(crate) struct Seen {
    /// One bit for each type below 64, which are most of those in use.
    low: u64,
    /// Types of 64 and more, several to a bit.
    others: u64,
    /// The lowest bit is set if a bit was set twice.
    again: u64,
}

impl Seen {
    /// Remembers a type.
    #[inline]
    pub(crate) fn insert(&mut self, ExtensionType(code): ExtensionType) {
        if code < 64 {
            self.again |= self.low >> code;
            self.low |= 1 << code;
        } else {
            let bit = code.wrapping_mul(SPREAD) >> 10;
            self.again |= self.others >> bit;
            self.others |= 1 << bit;
        }
    }

    /// Returns whether a type below 64 is present.
    #[inline]
    pub(crate) const fn has(&self, ExtensionType(code): ExtensionType) -> bool {
        code < 64 && self.low & (1 << code) != 0
    }

    /// Returns whether there may be a duplicate. [`refuse_duplicates`] then decides.
    #[inline]
    pub(crate) const fn may_have_duplicates(&self) -> bool {
        self.again & 1 != 0
    }
}

/// Refuses duplicates, in one pass, with 8 KiB on the stack: one bit for each type.
#[cold]
#[inline(never)]
pub(crate) fn refuse_duplicates(extensions: Extensions<'_>) -> Result<(), Malformed> {
    let mut seen = [0_u64; 1 << 10];
    for extension in extensions {
        let ExtensionType(code) = extension.extension_type;
        let bit = 1 << (code % 64);
        // 2^10 words of 64 bits have one bit for each type
        let was_there = seen.get_mut(usize::from(code / 64)).is_some_and(|word| {
            let before = *word;
            *word |= bit;
            before & bit != 0
        });
        // RFC 8446 4.2: more than one extension of a type -> illegal_parameter
        if was_there {
            let field = Field::Extension(extension.extension_type);
            return Err(Malformed::new(field, Problem::Duplicate));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn may_have_duplicates(codes: &[u16]) -> bool {
        let mut seen = Seen::default();
        for code in codes {
            seen.insert(ExtensionType(*code));
        }
        seen.may_have_duplicates()
    }

    #[test]
    fn a_type_that_comes_twice_is_noticed() {
        for code in 0..=u16::MAX {
            assert!(!may_have_duplicates(&[code]));
            assert!(may_have_duplicates(&[code, code ^ 1, code]));
        }
    }

    #[test]
    fn types_that_clients_send_are_told_apart() {
        let grease = (0..=u16::MAX).filter(|code| ExtensionType(*code).is_grease());
        let others = [
            0x3374, 0x4469, 0x44cd, 0x754f, 0xca34, 0xfd00, 0xfe0d, 0xff01, 0xffa5,
        ];
        let codes: Vec<_> = (0..64).chain(grease).chain(others).collect();
        assert!(!may_have_duplicates(&codes));
    }

    #[test]
    fn finds_the_first_duplicate_among_all_types() {
        let block = |codes: &mut dyn Iterator<Item = u16>| {
            codes
                .flat_map(|code| [(code >> 8) as u8, code as u8, 0, 0])
                .collect::<Vec<_>>()
        };
        let all = block(&mut (0..=u16::MAX));
        assert_eq!(
            refuse_duplicates(Extensions::new(Reader::new(&all))),
            Ok(())
        );
        let twice = block(&mut (0..=u16::MAX).chain([0xffff, 3]));
        let field = Field::Extension(ExtensionType(0xffff));
        assert_eq!(
            refuse_duplicates(Extensions::new(Reader::new(&twice))),
            Err(Malformed::new(field, Problem::Duplicate))
        );
    }
}
