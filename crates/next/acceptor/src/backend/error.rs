//! An error that rustls found, and its text.

use std::error::Error as StdError;
use std::fmt::{self, Formatter};

use rustls::Error;

use crate::text::Dump;

/// An error that rustls found.
///
/// Its `Display` is a sentence of this crate, without Rust identifiers. Text from other code in it, for
/// example from a verifier, is [quoted](crate::text::Quoted). [`as_rustls`](Self::as_rustls) returns
/// the error itself. Code that calls it depends on the version of rustls.
#[derive(Clone, PartialEq)]
pub struct RustlsError(Error);

impl RustlsError {
    /// Returns rustls's error.
    #[must_use]
    pub fn as_rustls(&self) -> &Error {
        &self.0
    }

    /// Converts this into rustls's error.
    #[must_use]
    pub fn into_rustls(self) -> Error {
        self.0
    }
}

impl fmt::Debug for RustlsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Dump(&self.0), f)
    }
}

impl StdError for RustlsError {}

impl From<Error> for RustlsError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}
