//! The macro for code points: it declares a newtype with a constant and a name for each row of an
//! IANA registry.

/// Declares a newtype over `u8` or `u16` with its constants, its `name()`, `Display` and `Debug`.
///
/// The head is `Type(u8): "shown before a number " "{}"`. The two strings show a code without a name.
/// If the registry has codes that RFC 8701 reserves (GREASE), the function that recognizes them
/// follows. A row is `code CONSTANT "name" "reference";`. Without a name, the name is the constant's.
#[doc(hidden)]
#[macro_export]
macro_rules! code_points {
    ($(#[$attribute:meta])* $type:ident($repr:ident): $unknown:literal $number:literal
        $(, $is_grease:path)?;
        $($code:literal $constant:ident $reference:literal;)*) => {
        $crate::code_points! {
            $(#[$attribute])* $type($repr): $unknown $number $(, $is_grease)?;
            $($code $constant [stringify!($constant)] $reference;)*
        }
    };
    ($(#[$attribute:meta])* $type:ident($repr:ident): $unknown:literal $number:literal
        $(, $is_grease:path)?;
        $($code:literal $constant:ident $name:literal $reference:expr;)*) => {
        $crate::code_points! {
            $(#[$attribute])* $type($repr): $unknown $number $(, $is_grease)?;
            $($code $constant [$name] $reference;)*
        }
    };
    ($(#[$attribute:meta])* $type:ident($repr:ident): $unknown:literal $number:literal
        $(, $is_grease:path)?;
        $($code:literal $constant:ident [$name:expr] $reference:expr;)*) => {
        $(#[$attribute])*
        ///
        /// Every value is allowed. A registered value has a constant and a [`name`](Self::name).
        /// `Display` shows the name, or the number of a value that is not registered.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $repr);

        #[allow(non_upper_case_globals)] // `TLS_DH_anon` is the registry's spelling
        impl $type {
            $(
                #[doc = concat!("`", $name, "`, ", $reference, ".")]
                pub const $constant: Self = Self($code);
            )*

            /// Returns the registered name, or `None` if the value is not registered.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($name),)*
                    _ => None,
                }
            }

            $(
                /// Returns whether this is a GREASE value. GREASE values have no meaning: clients
                /// send them to check that servers ignore them (RFC 8701 section 2).
                #[must_use]
                pub const fn is_grease(self) -> bool {
                    $is_grease(self.0)
                }
            )?
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    $(None if $is_grease(self.0) => f.write_str("GREASE"),)?
                    None => write!(f, concat!($unknown, $number), self.0),
                }
            }
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, concat!("{}(", $number, ")"), self, self.0)
            }
        }
    };
}
