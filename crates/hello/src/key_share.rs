//! The key shares of a client (RFC 8446 section 4.2.8).

use core::{fmt, iter::FusedIterator};

use crate::{
    code_points::{ExtensionType, NamedGroup},
    malformed::{Field, Malformed, Problem},
    reader::Reader,
};

const FIELD: Field = Field::Extension(ExtensionType::KEY_SHARE);

/// A key share, borrowed from the message (RFC 8446 section 4.2.8).
///
/// ```
/// use lastword_hello::{ClientHello, KeyShare};
///
/// fn list(hello: &ClientHello<'_>) {
///     for KeyShare { group, key_exchange } in hello.key_shares().into_iter().flatten() {
///         println!("{group}: {} bytes", key_exchange.len());
///     }
/// }
/// # let message = [&[1, 0, 0, 87, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 42], &[0, 51, 0, 38, 0, 36, 0, 29, 0, 32],
/// #     &[9; 32]].concat();
/// # list(&ClientHello::parse(&message).unwrap());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyShare<'a> {
    /// The group of the share.
    pub group: NamedGroup,
    /// Its `key_exchange`, 1 to 65,535 bytes, not checked further.
    pub key_exchange: &'a [u8],
}

impl fmt::Debug for KeyShare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} bytes", self.group, self.key_exchange.len())
    }
}

/// An iterator over the key shares in the client's order.
///
/// ```
/// use lastword_hello::{ClientHello, NamedGroup};
///
/// /// Returns the client's share of this group.
/// fn share<'a>(hello: &ClientHello<'a>, group: NamedGroup) -> Option<&'a [u8]> {
///     Some(hello.key_shares()?.find(|share| share.group == group)?.key_exchange)
/// }
/// # let message = [&[1, 0, 0, 87, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 42], &[0, 51, 0, 38, 0, 36, 0, 29, 0, 32],
/// #     &[9; 32]].concat();
/// # let hello = ClientHello::parse(&message).unwrap();
/// # assert_eq!(share(&hello, NamedGroup::X25519), Some(&[9; 32][..]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyShares<'a> {
    shares: Reader<'a>,
}

impl<'a> KeyShares<'a> {
    pub(crate) const fn new(shares: &'a [u8]) -> Self {
        Self {
            shares: Reader::new(shares),
        }
    }
}

impl<'a> Iterator for KeyShares<'a> {
    type Item = KeyShare<'a>;

    #[inline]
    fn next(&mut self) -> Option<KeyShare<'a>> {
        let (group, key_exchange) = read(&mut self.shares).ok()?;
        Some(KeyShare {
            group,
            key_exchange: key_exchange.bytes(),
        })
    }
}

impl FusedIterator for KeyShares<'_> {}

impl fmt::Debug for KeyShares<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// An iterator over the groups of the key shares in the client's order.
///
/// ```
/// use lastword_hello::{ClientHello, NamedGroup};
///
/// /// Returns whether a server with only X25519 can answer without a HelloRetryRequest.
/// fn has_x25519(hello: &ClientHello<'_>) -> bool {
///     hello.key_share_groups().is_some_and(|mut groups| groups.any(|it| it == NamedGroup::X25519))
/// }
/// # let message = [&[1, 0, 0, 87, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 42], &[0, 51, 0, 38, 0, 36, 0, 29, 0, 32],
/// #     &[9; 32]].concat();
/// # assert!(has_x25519(&ClientHello::parse(&message).unwrap()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyShareGroups<'a> {
    shares: Reader<'a>,
}

impl<'a> KeyShareGroups<'a> {
    pub(crate) const fn new(shares: &'a [u8]) -> Self {
        Self {
            shares: Reader::new(shares),
        }
    }
}

impl Iterator for KeyShareGroups<'_> {
    type Item = NamedGroup;

    #[inline]
    fn next(&mut self) -> Option<NamedGroup> {
        read(&mut self.shares).ok().map(|(group, _)| group)
    }
}

impl FusedIterator for KeyShareGroups<'_> {}

impl fmt::Debug for KeyShareGroups<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// Takes one `KeyShareEntry` off the front of `shares`.
#[inline]
fn read<'a>(shares: &mut Reader<'a>) -> Result<(NamedGroup, Reader<'a>), Malformed> {
    let group = NamedGroup(shares.u16(FIELD)?);
    let key_exchange = shares
        .vector_u16(FIELD)?
        .not_empty(Problem::EmptyElement, FIELD)?;
    Ok((group, key_exchange))
}

/// Checks that `data` is `KeyShareEntry client_shares<0..2^16-1>`, and returns the entries.
///
/// An empty list is allowed: the client asks for a HelloRetryRequest.
#[inline]
pub(crate) fn parse(data: Reader<'_>) -> Result<&[u8], Malformed> {
    let mut shares = data.only_vector_u16(FIELD)?;
    let bytes = shares.bytes();
    while !shares.is_empty() {
        read(&mut shares)?;
    }
    Ok(bytes)
}
