//! A list of what one side offers, in words.

use std::fmt::{self, Display, Formatter};

use lastword_hello::{AlpnProtocol, CipherSuite, NamedGroup, SignatureScheme};
use lastword_record::ProtocolVersion;

/// The most items of a list that are named.
const MOST: usize = 12;

/// An item of an offer.
pub(super) trait Item: Display {
    /// Returns whether it is one of the code points that RFC 8701 reserves.
    fn is_grease(&self) -> bool;
}

macro_rules! items {
    ($($item:ty)*) => {
        $(impl Item for $item {
            fn is_grease(&self) -> bool {
                <$item>::is_grease(*self)
            }
        })*
    };
}

items! { CipherSuite NamedGroup SignatureScheme }

impl Item for AlpnProtocol<'_> {
    fn is_grease(&self) -> bool {
        AlpnProtocol::is_grease(self)
    }
}

/// RFC 8701 section 2: the same code points as for groups.
impl Item for ProtocolVersion {
    fn is_grease(&self) -> bool {
        NamedGroup(self.0).is_grease()
    }
}

impl<T: Item> Item for &T {
    fn is_grease(&self) -> bool {
        (*self).is_grease()
    }
}

/// Items with commas between them, or `none`. Of a long list only the first are named, and GREASE (RFC
/// 8701) is left out.
pub(super) struct List<I>(pub(super) I);

impl<I> Display for List<I>
where
    I: IntoIterator<Item: Item> + Clone,
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut count = 0;
        let mut has_grease = false;
        for item in self.0.clone() {
            if item.is_grease() {
                has_grease = true;
                continue;
            }
            count += 1;
            match count {
                1 => item.fmt(f)?,
                2..=MOST => write!(f, ", {item}")?,
                _ => {}
            }
        }
        match count {
            0 => f.write_str("none")?,
            1..=MOST => {}
            count => write!(f, " and {} more", count - MOST)?,
        }
        match has_grease {
            true => f.write_str(" besides GREASE"),
            false => Ok(()),
        }
    }
}
