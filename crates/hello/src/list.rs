//! A list of code points in a ClientHello.

use core::{fmt, iter::FusedIterator, marker::PhantomData};

use lastword_record::ProtocolVersion;

use crate::{
    cipher_suite::CipherSuite,
    code_points::{
        CertificateCompressionAlgorithm, CertificateType, EcPointFormat, NamedGroup,
        PskKeyExchangeMode, SignatureScheme,
    },
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

pub(crate) mod sealed {
    /// Restricts [`Element`](super::Element) to the types of this crate.
    pub trait Sealed {}
}

/// An element type of a [`List`]: a newtype over one or two bytes of the wire.
///
/// ```
/// use lastword_hello::{CipherSuite, Element, List};
///
/// /// Returns the code points of a list, separated by commas.
/// fn join<T: Element + std::fmt::Display>(list: List<'_, T>) -> String {
///     list.map(|element| element.to_string()).collect::<Vec<_>>().join(", ")
/// }
/// # use lastword_hello::ClientHello;
/// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// # let suites = join(ClientHello::parse(&message).unwrap().cipher_suites());
/// # assert_eq!(suites, "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384");
/// # assert_eq!(CipherSuite::split_first(&[0x13, 1, 9]), Some((CipherSuite(0x1301), &[9][..])));
/// ```
pub trait Element: Copy + PartialEq + fmt::Debug + sealed::Sealed {
    /// Its length in bytes.
    const LEN: usize;

    /// Returns the value of the first bytes, big-endian, and the bytes after it.
    fn split_first(bytes: &[u8]) -> Option<(Self, &[u8])>;
}

/// Implements [`Element`] for newtypes over this many bytes.
macro_rules! elements {
    ($repr:ident: $($type:ident),*) => {$(
        impl sealed::Sealed for $type {}

        impl Element for $type {
            const LEN: usize = size_of::<$repr>();

            #[inline]
            fn split_first(bytes: &[u8]) -> Option<(Self, &[u8])> {
                let (bytes, rest) = bytes.split_first_chunk()?;
                Some((Self($repr::from_be_bytes(*bytes)), rest))
            }
        }
    )*};
}

elements! { u16: CertificateCompressionAlgorithm, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme }
elements! { u8: CertificateType, EcPointFormat, PskKeyExchangeMode }

/// A list of code points of one or two bytes, borrowed from the message, in the client's order. It is
/// an iterator, and its methods see only the remaining elements.
///
/// ```
/// use lastword_hello::{CipherSuite, ClientHello};
///
/// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// let hello = ClientHello::parse(&message)?; // the message, without record headers
/// let mut suites = hello.cipher_suites();
/// assert_eq!((suites.len(), suites.as_bytes()), (2, &[0x13, 0x01, 0x13, 0x02][..]));
/// assert!(suites.contains(CipherSuite::TLS_AES_128_GCM_SHA256));
/// assert_eq!(suites.next(), Some(CipherSuite::TLS_AES_128_GCM_SHA256));
/// assert!(suites.len() == 1 && !suites.is_empty());
/// assert!(!suites.contains(CipherSuite::TLS_AES_128_GCM_SHA256));
/// # Ok::<(), lastword_hello::Malformed>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct List<'a, T> {
    bytes: &'a [u8],
    element: PhantomData<T>,
}

impl<'a, T: Element> List<'a, T> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            element: PhantomData,
        }
    }

    /// Returns the bytes of the list in the message, without its length field.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the number of elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len() / T::LEN
    }

    /// Returns whether the list is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the list contains `element`.
    #[must_use]
    pub fn contains(&self, element: T) -> bool {
        let mut elements = *self;
        elements.any(|each| each == element)
    }
}

impl<T: Element> Iterator for List<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let (element, rest) = T::split_first(self.bytes)?;
        self.bytes = rest;
        Some(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<T: Element> ExactSizeIterator for List<'_, T> {}

impl<T: Element> FusedIterator for List<'_, T> {}

impl<T: Element> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// Checks that there is at least one element and that all have two bytes. Returns their bytes.
#[inline]
pub(crate) fn parse(elements: Reader<'_>, field: Field) -> Result<&[u8], Malformed> {
    let bytes = elements.not_empty(Problem::Empty, field)?.bytes();
    if bytes.len() % 2 != 0 {
        // at most 2^16, so the cast loses nothing
        let problem = Problem::OddLength(bytes.len() as u32);
        return Err(Malformed::new(field, problem));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

    use super::*;

    const GROUPS: List<'_, NamedGroup> = List::new(&[0x11, 0xec, 0x00, 0x1d, 0x00, 0x17]);

    #[test]
    fn gives_its_elements_in_order() {
        let expected = [
            NamedGroup::X25519MLKEM768,
            NamedGroup::X25519,
            NamedGroup::SECP256R1,
        ];
        assert_eq!(GROUPS.collect::<Vec<_>>(), expected);
        assert_eq!(
            format!("{:?}", GROUPS.skip(2).collect::<Vec<_>>()),
            "[secp256r1(0x0017)]"
        );
    }

    #[test]
    fn counts_what_has_not_come_out_yet() {
        let mut groups = GROUPS;
        assert_eq!((groups.len(), groups.is_empty()), (3, false));
        assert_eq!(groups.next(), Some(NamedGroup::X25519MLKEM768));
        assert_eq!(groups.as_bytes(), [0x00, 0x1d, 0x00, 0x17]);
        assert_eq!((groups.len(), groups.size_hint()), (2, (2, Some(2))));
        assert_eq!(groups.by_ref().count(), 2);
        assert_eq!((groups.len(), groups.is_empty()), (0, true));
    }

    #[test]
    fn knows_what_it_contains_without_being_used_up() {
        assert!(GROUPS.contains(NamedGroup::SECP256R1));
        assert!(!GROUPS.contains(NamedGroup::X448));
        assert_eq!(GROUPS.len(), 3);
    }
}
