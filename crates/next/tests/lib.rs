//! Nothing: this package has only tests.
#![forbid(unsafe_code)]
