//! What all code points of a ClientHello have in common: a name from a registry, or GREASE.

/// Declares a newtype over `u16` or `u8` for one of IANA's registries: a constant for each row,
/// names, and a place in a [`List`](crate::List).
///
/// A row is `code CONSTANT "name" "reference";`, where a name that is the constant's is left out.
/// Behind the type's integer stands the function that tells which codes are GREASE, for the
/// registries where RFC 8701 has reserved some; then the modules that have more rows.
macro_rules! code_points {
    ($(#[$attribute:meta])* $type:ident: $repr:ident $(, $grease:ident $(, else $($more:ident),+)?)?;
        $($code:literal $constant:ident $name:literal $reference:literal;)*) => {
        code_points! {
            @type $(#[$attribute])* $type: $repr $($(, else $($more),+)?)?;
            $($code $constant [$name] $reference;)*
        }
        code_points! { @show $type: $repr $(, $grease)? }
    };
    ($(#[$attribute:meta])* $type:ident: $repr:ident $(, $grease:ident $(, else $($more:ident),+)?)?;
        $($code:literal $constant:ident $reference:literal;)*) => {
        code_points! {
            @type $(#[$attribute])* $type: $repr $($(, else $($more),+)?)?;
            $($code $constant [stringify!($constant)] $reference;)*
        }
        code_points! { @show $type: $repr $(, $grease)? }
    };
    (@type $(#[$attribute:meta])* $type:ident: $repr:ident $(, else $($more:ident),+)?;
        $($code:literal $constant:ident [$name:expr] $reference:literal;)*) => {
        $(#[$attribute])*
        ///
        /// Any value of its size is one of it; those in the registry have a constant and a
        /// [`name`](Self::name). Shown by the name, else as `GREASE` or by its number, `0x1234`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $repr);

        impl $type {
            $(
                #[doc = concat!("`", $name, "`, ", $reference, ".")]
                pub const $constant: Self = Self($code);
            )*

            /// The name in IANA's registry, or `None` for a code that has none here.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($name),)*
                    $($(code if $more::name(code).is_some() => $more::name(code),)+)?
                    _ => None,
                }
            }
        }

        impl crate::list::sealed::Sealed for $type {}

        impl crate::Element for $type {
            const LEN: usize = size_of::<$repr>();

            #[inline]
            fn split_first(bytes: &[u8]) -> Option<(Self, &[u8])> {
                let (bytes, rest) = bytes.split_first_chunk()?;
                Some((Self($repr::from_be_bytes(*bytes)), rest))
            }
        }

        impl core::fmt::Debug for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{self}({:#0width$x})", self.0, width = 2 + 2 * size_of::<$repr>())
            }
        }
    };
    (@show $type:ident: $repr:ident) => {
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#0width$x}", self.0, width = 2 + 2 * size_of::<$repr>()),
                }
            }
        }
    };
    (@show $type:ident: $repr:ident, $grease:ident) => {
        impl $type {
            /// Whether it is one of the values that mean nothing and that clients send to see that
            /// servers ignore them (RFC 8701 section 2).
            #[must_use]
            pub const fn is_grease(self) -> bool {
                $grease(self.0)
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None if self.is_grease() => f.write_str("GREASE"),
                    None => write!(f, "{:#0width$x}", self.0, width = 2 + 2 * size_of::<$repr>()),
                }
            }
        }
    };
}

/// Declares more constants of a type of [`code_points`], and their names as a function `name`.
macro_rules! more_code_points {
    ($type:ident: $repr:ident; $($code:literal $constant:ident $reference:literal;)*) => {
        #[allow(non_upper_case_globals)] // `TLS_DH_anon` is the registry's spelling
        impl $type {
            $(
                #[doc = concat!("`", stringify!($constant), "`, ", $reference, ".")]
                pub const $constant: Self = Self($code);
            )*
        }

        pub(super) const fn name(code: $repr) -> Option<&'static str> {
            match code {
                $($code => Some(stringify!($constant)),)*
                _ => None,
            }
        }
    };
}

pub(crate) use {code_points, more_code_points};

/// Whether `code` is one of the sixteen of two bytes: `0x0a0a`, `0x1a1a` and so on to `0xfafa`.
pub(crate) const fn is_grease(code: u16) -> bool {
    let [high, low] = code.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// Whether `code` is one of the eight of one byte: `0x0b`, `0x2a` and so on to `0xe4`.
pub(crate) const fn is_grease_byte(code: u8) -> bool {
    code % 0x1f == 0x0b
}

#[cfg(test)]
mod tests {
    use std::{format, string::ToString};

    use crate::{CipherSuite, ExtensionType, NamedGroup, PskKeyExchangeMode, SignatureScheme};

    #[test]
    fn a_registered_code_is_shown_by_its_name() {
        assert_eq!(CipherSuite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
        assert_eq!(ExtensionType(0).to_string(), "server_name");
        assert_eq!(NamedGroup(0x11ec).to_string(), "X25519MLKEM768");
        assert_eq!(
            SignatureScheme(0x0403).to_string(),
            "ecdsa_secp256r1_sha256"
        );
        assert_eq!(format!("{:?}", NamedGroup::X25519), "x25519(0x001d)");
    }

    #[test]
    fn names_come_from_all_parts_of_a_registry() {
        let names = [0x1301, 0x008c, 0x001b].map(|code| CipherSuite(code).name());
        let expected = [
            "TLS_AES_128_GCM_SHA256",
            "TLS_PSK_WITH_AES_128_CBC_SHA",
            "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA",
        ];
        assert_eq!(names, expected.map(Some));
        let names = (0..=u16::MAX).filter_map(|code| CipherSuite(code).name());
        let names: std::collections::BTreeSet<_> = names.collect();
        assert_eq!(names.len(), 356);
    }

    #[test]
    fn an_unregistered_code_is_shown_as_a_number() {
        assert_eq!(CipherSuite(0x1234).name(), None);
        assert_eq!(CipherSuite(0x1234).to_string(), "0x1234");
        assert_eq!(ExtensionType(0x4469).to_string(), "0x4469");
    }

    #[test]
    fn exactly_the_sixteen_values_of_rfc_8701_are_grease() {
        let grease: std::vec::Vec<u16> = (0..=u16::MAX)
            .filter(|code| ExtensionType(*code).is_grease())
            .collect();
        let expected = [
            0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a, 0x7a7a, 0x8a8a, 0x9a9a, 0xaaaa,
            0xbaba, 0xcaca, 0xdada, 0xeaea, 0xfafa,
        ];
        assert_eq!(grease, expected);
        assert_eq!(NamedGroup(0xaaaa).to_string(), "GREASE");
        assert!((0..=u16::MAX).all(|code| !CipherSuite(code).is_grease()
            || (CipherSuite(code).name(), NamedGroup(code).name()) == (None, None)));
    }

    #[test]
    fn of_one_byte_exactly_the_eight_values_of_rfc_8701_are_grease() {
        let grease = (0..=u8::MAX).filter(|code| PskKeyExchangeMode(*code).is_grease());
        let expected = [0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4];
        assert_eq!(grease.collect::<std::vec::Vec<_>>(), expected);
    }
}
