//! How many cases a property is tried with.

use std::env;

use proptest::test_runner::Config;

/// So many cases, for a property whose cases are dear; or as many as `PROPTEST_CASES` says.
#[must_use]
pub fn cases(dear: u32) -> Config {
    match env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default(),
        None => Config::with_cases(dear),
    }
}
