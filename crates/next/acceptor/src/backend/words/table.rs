//! The form of a table of words: one row for each variant of an enum of rustls.

/// Defines the function `words`, which returns the words for a variant, or `None` for a variant of a
/// later rustls.
macro_rules! words {
    ($enum:ident: $($variant:ident $words:literal;)*) => {
        pub(super) fn words(error: &crate::backend::words::enums::$enum) -> Option<&'static str> {
            Some(match error {
                $(crate::backend::words::enums::$enum::$variant { .. } => $words,)*
                #[allow(unreachable_patterns, reason = "some enums are exhaustive")]
                _ => return None,
            })
        }

        /// The name of the enum, and of each variant that has words.
        #[cfg(test)]
        pub(super) const NAMES: (&str, &[&str]) =
            (stringify!($enum), &[$(stringify!($variant)),*]);
    };
}

pub(super) use words;
