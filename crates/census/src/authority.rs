//! The authority of the clients' certificates.

use crate::pki::Pki;

/// An authority that issues the certificates of clients.
///
/// Make one, let the server require certificates of it, and pass it to
/// [`Census::authority`](crate::Census::authority). Keep its key secret: with the key, anybody can make
/// certificates that the server accepts.
///
/// ```
/// use lastword_census::Authority;
///
/// let authority = Authority::new()?;
/// assert!(authority.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
/// // write the key to a file, and later:
/// let later = Authority::from_key_pem(authority.key_pem())?;
/// assert_eq!(later.key_pem(), authority.key_pem());
/// # Ok::<(), lastword_census::AuthorityError>(())
/// ```
#[derive(Clone)]
pub struct Authority {
    key_pem: String,
    certificate_pem: String,
}

/// The error for a key that an authority cannot use.
///
/// ```
/// use lastword_census::Authority;
///
/// let error = Authority::from_key_pem("not a key").unwrap_err();
/// assert!(error.to_string().starts_with("the key of the authority cannot be read: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the key of the authority cannot be read: {0}")]
pub struct AuthorityError(#[source] rcgen::Error);

impl Authority {
    /// Makes an authority with a new key.
    ///
    /// ```no_run
    /// use lastword_census::Authority;
    ///
    /// let authority = Authority::new()?;
    /// std::fs::write("clients.pem", authority.certificate_pem())?; // for the server
    /// std::fs::write("clients.key", authority.key_pem())?; // as secret as the server
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the system has no random bytes.
    pub fn new() -> Result<Self, AuthorityError> {
        let key = rcgen::KeyPair::generate().map_err(AuthorityError)?;
        Self::from_key_pem(&key.serialize_pem())
    }

    /// Makes the authority of this key, in PEM (PKCS #8).
    ///
    /// ```no_run
    /// use lastword_census::Authority;
    ///
    /// let authority = Authority::from_key_pem(&std::fs::read_to_string("clients.key")?)?;
    /// # let _: Authority = authority;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not such a key.
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
