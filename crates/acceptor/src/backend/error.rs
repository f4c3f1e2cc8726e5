//! An error that rustls found, and its text.

use std::error::Error as StdError;
use std::fmt::{self, Display, Formatter};

use rustls::{CertificateError, Error, InvalidMessage, PeerIncompatible};

use crate::text::{Dump, Quoted};
use words::Variant;

/// An error that rustls found.
///
/// Its `Display` is rustls's text, with words for rustls's identifiers. Text from other code in it, for example from a verifier, is
/// [quoted](Quoted). [`as_rustls`](Self::as_rustls) returns the error itself. Code that calls it
/// depends on the version of rustls.
#[derive(Clone, PartialEq)]
pub struct RustlsError(Error);

impl RustlsError {
    /// Returns rustls's error.
    #[must_use]
    pub fn as_rustls(&self) -> &Error {
        &self.0
    }

    /// Returns rustls's error.
    #[must_use]
    pub fn into_rustls(self) -> Error {
        self.0
    }
}

/// The text of rustls 0.23.46 in TLS 1.2 if the client offers no scheme for the certificate's key.
pub(super) const NO_SCHEME: &str = "incompatible signing key";

/// The text of rustls 0.23.46 if the certificate resolver returns no certificate for a client.
pub(super) const NO_CERTIFICATE: &str = "no server certificate chain resolved";

impl Display for RustlsError {
    /// rustls's own text is shown as it is, except for identifiers. Text from other code, and errors that are not known here,
    /// are quoted where necessary.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        match error {
            Error::NoCertificatesPresented => {
                f.write_str("client certificate required and none came")
            }
            Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge) => {
                f.write_str("handshake message of more than 65535 bytes")
            }
            Error::InvalidCertificate(error) => {
                f.write_str("client certificate not accepted: ")?;
                explain_certificate(error, f)
            }
            Error::General(text) => write!(f, "unexpected error: {}", Quoted(text)),
            Error::Other(error) => write!(f, "other error: {}", Quoted(error)),
            Error::PeerIncompatible(PeerIncompatible::ServerRejectedEncryptedClientHello(_)) => {
                Quoted(error).fmt(f)
            }
            Error::InappropriateMessage {
                expect_types,
                got_type,
            } => {
                let expected = expect_types.iter().copied().map(words::content_type);
                words::unexpected(f, "record", words::content_type(*got_type), expected)
            }
            Error::InappropriateHandshakeMessage {
                expect_types,
                got_type,
            } => {
                let expected = expect_types.iter().copied().map(words::handshake_type);
                words::unexpected(f, "message", words::handshake_type(*got_type), expected)
            }
            Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                f.write_str("record of an unknown content type")
            }
            Error::InvalidMessage(error) => write!(f, "malformed message: {}", Variant(error)),
            Error::PeerIncompatible(error) => {
                write!(f, "client is incompatible: {}", Variant(error))
            }
            Error::PeerMisbehaved(error) => write!(f, "client misbehaved: {}", Variant(error)),
            Error::AlertReceived(alert) => words::alert(f, *alert),
            Error::InconsistentKeys(error) => {
                write!(f, "keys may not be consistent: {}", Variant(error))
            }
            _ => Quoted(error).fmt(f),
        }
    }
}

/// Writes which check a certificate failed.
fn explain_certificate(error: &CertificateError, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(match error {
        CertificateError::BadEncoding => "it cannot be parsed",
        CertificateError::Expired => "it has expired",
        CertificateError::NotValidYet => "it is not valid yet",
        CertificateError::Revoked => "it is revoked",
        CertificateError::UnknownIssuer => "its issuer is not known",
        CertificateError::UnknownRevocationStatus => "whether it is revoked is not known",
        CertificateError::BadSignature => "its signature does not verify",
        CertificateError::InvalidPurpose => "it is not for clients",
        // only numbers and text of rustls
        numbers @ (CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYetContext { .. }
        | CertificateError::ExpiredRevocationListContext { .. }) => return numbers.fmt(f),
        CertificateError::Other(error) => return Quoted(error).fmt(f),
        other => return Quoted(other).fmt(f),
    })
}

impl fmt::Debug for RustlsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Dump(&self.0).fmt(f)
    }
}

impl StdError for RustlsError {}

impl From<Error> for RustlsError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

mod words;

#[cfg(test)]
mod tests;
