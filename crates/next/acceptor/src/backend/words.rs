//! The words for each error of rustls 0.24.
//!
//! Each is a sentence with a subject: the client, or this server. `peer` stands for a server in errors
//! that only a client of rustls has. No text has a Rust identifier. Text from other code is quoted.

mod certificate;
#[path = "../../../../acceptor/src/backend/words/encrypted_hello.rs"]
mod encrypted_hello;
mod incompatible;
#[path = "../../../../acceptor/src/backend/words/keys.rs"]
mod keys;
mod message;
mod misbehaved;
#[path = "../../../../acceptor/src/backend/words/oid.rs"]
mod oid;
mod own;
mod revocation;
mod table;
#[path = "../../../../acceptor/src/backend/words/variant.rs"]
mod variant;
#[path = "../../../../acceptor/src/backend/words/webpki.rs"]
mod webpki;

use std::fmt::{self, Debug, Display, Formatter};

use lastword_record::{ContentType, HandshakeType};
use rustls::error::{CertRevocationListError, CertificateError, Error, InvalidMessage, OtherError};

use super::error::RustlsError;
use crate::messages::Proof;
use crate::peer_alert::PeerAlert;
use crate::text::{Quoted, is_plain};
use variant::Variant;

/// The enums that have words, in one place.
mod enums {
    pub(super) use rustls::crypto::InconsistentKeys;
    pub(super) use rustls::error::{
        CertRevocationListError, CertificateError, EncryptedClientHelloError, Error,
        InvalidMessage, PeerIncompatible, PeerMisbehaved,
    };
}

impl Display for RustlsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let error = self.as_rustls();
        if let Some(alert) = self.peer_alert() {
            return PeerAlert(alert).fmt(f);
        }
        match error {
            Error::InappropriateMessage {
                expect_types,
                got_type,
            } => {
                let expected = expect_types.iter().map(|it| ContentType((*it).into()));
                unexpected(f, "record", ContentType((*got_type).into()), expected)
            }
            Error::InappropriateHandshakeMessage {
                expect_types,
                got_type,
            } => {
                let expected = expect_types.iter().map(|it| HandshakeType((*it).into()));
                unexpected(f, "message", HandshakeType((*got_type).into()), expected)
            }
            Error::InvalidMessage(error) => message::explain(error, f),
            Error::PeerIncompatible(error) => match incompatible::words(error) {
                Some(words) => f.write_str(words),
                None => unknown(f, "client is incompatible with this server", error),
            },
            Error::PeerMisbehaved(error) => match misbehaved::words(error) {
                Some(words) => f.write_str(words),
                None => unknown(f, "client violated the protocol", error),
            },
            Error::InvalidCertificate(error) => {
                f.write_str("client certificate not accepted: ")?;
                certificate::explain(error, Proof::Unknown, f)
            }
            Error::InvalidCertRevocationList(CertRevocationListError::Other(list)) => {
                write!(f, "{}: ", own::words(error).unwrap_or_default())?;
                other(f, list)
            }
            Error::InvalidCertRevocationList(list) => {
                detailed(f, error, revocation::words(list), list)
            }
            Error::InvalidEncryptedClientHello(reason) => {
                detailed(f, error, encrypted_hello::words(reason), reason)
            }
            Error::InconsistentKeys(reason) => detailed(f, error, keys::words(reason), reason),
            Error::General(text) => write!(f, "this server failed: {}", Quoted(text)),
            Error::Other(error) => {
                f.write_str("this server failed: ")?;
                other(f, error)
            }
            error => match own::words(error) {
                Some(words) => f.write_str(words),
                None => unknown(f, "handshake failed", error),
            },
        }
    }
}

impl RustlsError {
    /// Returns whether a handshake message is too long. Else a record is.
    pub(crate) fn is_message_too_long(&self) -> bool {
        *self.as_rustls() == Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge)
    }

    /// Writes why a certificate of the client's chain is not accepted. The subject is "it".
    ///
    /// `purposes` is the certificate's own list, if it is known. rustls-webpki 0.103.17 decodes numbers
    /// from 128 on to others.
    pub(crate) fn fmt_certificate(
        &self,
        proof: Proof,
        purposes: Option<&[Vec<usize>]>,
        f: &mut Formatter<'_>,
    ) -> fmt::Result {
        match (self.as_rustls(), purposes) {
            (
                Error::InvalidCertificate(CertificateError::InvalidPurposeContext { .. }),
                Some(purposes),
            ) => certificate::explain_purposes(purposes, f),
            (Error::InvalidCertificate(error), _) => certificate::explain(error, proof, f),
            _ => Display::fmt(self, f),
        }
    }
}

/// Writes the words for an error, and those for its reason.
fn detailed(
    f: &mut Formatter<'_>,
    error: &Error,
    words: Option<&str>,
    reason: &dyn Debug,
) -> fmt::Result {
    let whole = own::words(error).unwrap_or_default();
    match words {
        Some(words) => write!(f, "{whole}: {words}"),
        None => unknown(f, whole, reason),
    }
}

/// Writes words for an error of a later rustls.
fn unknown(f: &mut Formatter<'_>, words: &str, error: &dyn Debug) -> fmt::Result {
    let shown = format!("{error:?}");
    write!(
        f,
        "{words}, for a reason that this version does not know: {}",
        Quoted(Variant(&shown))
    )
}

/// Writes the text of an error that is not rustls's, for example of a verifier.
fn other(f: &mut Formatter<'_>, error: &OtherError) -> fmt::Result {
    let text = error.to_string();
    if let Some(words) = webpki::words(&text) {
        return f.write_str(words);
    }
    let is_identifier = is_plain(&text) && !text.contains(' ');
    match is_identifier && text.starts_with(|first: char| first.is_ascii_uppercase()) {
        // webpki's errors have no other text
        true => Display::fmt(&Quoted(Variant(&text)), f),
        false => Display::fmt(&Quoted(text), f),
    }
}

/// Writes which record or message came, and which were expected.
fn unexpected<T: Display>(
    f: &mut Formatter<'_>,
    what: &str,
    got: T,
    expected: impl Iterator<Item = T>,
) -> fmt::Result {
    write!(f, "client sent an unexpected {got} {what}")?;
    for (n, expected) in expected.enumerate() {
        match n {
            0 => write!(f, ", this server expected {expected}")?,
            _ => write!(f, " or {expected}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
