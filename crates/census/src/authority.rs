//! The authority of the clients' certificates, which a server can be made to trust.

use crate::pki::Pki;

/// An authority that issues the certificates of clients.
///
/// Make one, let the server require certificates of it, and pass it to
/// [`Census::authority`](crate::Census::authority). Keep its key as secret as the server is worth: who has
/// it can make certificates that the server accepts.
#[derive(Clone)]
pub struct Authority {
    key_pem: String,
    certificate_pem: String,
}

/// The error for a key that is not one of an authority.
#[derive(Debug, thiserror::Error)]
#[error("the key of the authority cannot be read: {0}")]
pub struct AuthorityError(#[source] rcgen::Error);

impl Authority {
    /// Makes an authority with a new key.
    ///
    /// # Errors
    ///
    /// If the system has no random bytes.
    pub fn new() -> Result<Self, AuthorityError> {
        let key = rcgen::KeyPair::generate().map_err(AuthorityError)?;
        Self::from_key_pem(&key.serialize_pem())
    }

    /// Takes the key of an authority that was made before, in PEM (PKCS #8).
    ///
    /// # Errors
    ///
    /// If it is not such a key.
    pub fn from_key_pem(key_pem: &str) -> Result<Self, AuthorityError> {
        let mut authority = Self {
            key_pem: key_pem.into(),
            certificate_pem: String::new(),
        };
        authority.certificate_pem = authority.pki()?.ca_pem();
        Ok(authority)
    }

    /// Makes the certificates of the clients.
    pub(crate) fn pki(&self) -> Result<Pki, AuthorityError> {
        Pki::of_authority(&self.key_pem).map_err(AuthorityError)
    }

    /// Returns its certificate in PEM, for the server to trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Returns its key in PEM, to keep it for later.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}
