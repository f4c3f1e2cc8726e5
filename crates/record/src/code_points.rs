//! How a newtype gets constants, one row a line, and the names that go with them.

/// `impl`s for a newtype its constants and `name()`. A row is the code, the constant, the name, and
/// where it is from if that needs saying.
macro_rules! code_points {
    ($type:ident: $($code:literal $constant:ident $name:literal $($reference:literal)?;)*) => {
        impl $type {
            $(
                #[doc = concat!("`", $name, "`" $(, ", ", $reference)?, ".")]
                pub const $constant: Self = Self($code);
            )*

            /// The name, or `None` for a value that has none.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use code_points;
