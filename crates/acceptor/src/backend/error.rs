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
///
/// ```
/// use lastword_acceptor::{Error, RustlsError};
///
/// /// Returns whether rustls found that the client's certificate has expired.
/// fn is_expired(error: &Error) -> bool {
///     use rustls::{CertificateError, Error};
///     let found = error.rustls().map(RustlsError::as_rustls);
///     matches!(found, Some(Error::InvalidCertificate(
///         CertificateError::Expired | CertificateError::ExpiredContext { .. },
///     )))
/// }
/// # let failed = lastword_acceptor::Handshake::default().receive(&mut &b"SSH-"[..]).unwrap_err();
/// # assert!(!is_expired(failed.error()));
/// ```
#[derive(Clone, PartialEq)]
pub struct RustlsError(Error);

impl RustlsError {
    /// Returns rustls's error.
    #[must_use]
    pub fn as_rustls(&self) -> &Error {
        &self.0
    }

    /// Converts this into rustls's error.
    ///
    /// ```
    /// use lastword_acceptor::RustlsError;
    ///
    /// let error = RustlsError::from(rustls::Error::DecryptError);
    /// assert_eq!(error.into_rustls(), rustls::Error::DecryptError);
    /// ```
    #[must_use]
    pub fn into_rustls(self) -> Error {
        self.0
    }
}

/// The text of rustls 0.23.46 in TLS 1.2 if the client offers no scheme for the certificate's key.
pub(super) const NO_SCHEME: &str = "incompatible signing key";

/// The text of rustls 0.23.46 if the certificate resolver returns no certificate for a client.
pub(super) const NO_CERTIFICATE: &str = "no server certificate chain resolved";

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
