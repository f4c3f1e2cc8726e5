//! A client's certificate, as a log or an audit shows it.

use std::fmt::{self, Display, Formatter};

use sha2::{Digest, Sha256};

use crate::backend::CertificateDer;

#[cfg(feature = "x509")]
pub(crate) mod x509;

/// A certificate (RFC 5280), as a log or an audit shows it.
///
/// With the default feature `x509` it has methods for the subject, issuer, serial number, key and
/// validity. They return `None` if the certificate cannot be parsed. Without the feature only the
/// fingerprint is known.
///
/// Its `Display` is a part of a log line: text in it is escaped, and a name of more than 160
/// bytes is cut.
///
/// ```
/// use lastword_acceptor::{Certificate, Connection};
///
/// fn audit(connection: &Connection) {
///     for der in connection.peer_certificates().unwrap_or_default() {
///         println!("{}", Certificate::new(der));
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    der: &'a [u8],
    #[cfg(feature = "x509")]
    parsed: Option<Box<x509::Parsed>>,
}

impl<'a> Certificate<'a> {
    /// Parses a certificate. It need not be valid.
    ///
    /// ```
    /// use lastword_acceptor::{Certificate, CertificateDer};
    ///
    /// let der = CertificateDer::from(vec![0x30, 0]); // cannot be parsed
    /// let certificate = Certificate::new(&der);
    /// assert_eq!(certificate.der(), [0x30, 0]);
    /// assert_eq!(certificate.sha256()[..2], [0xe4, 0xf6]);
    /// ```
    #[must_use]
    pub fn new(der: &'a CertificateDer<'_>) -> Self {
        Self {
            der,
            #[cfg(feature = "x509")]
            parsed: x509::parse(der),
        }
    }

    /// Returns its bytes in DER.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// Returns its fingerprint, the SHA-256 hash of its bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.der).into()
    }
}

#[cfg(not(feature = "x509"))]
impl Certificate<'_> {
    /// Without a parser the purposes are not known.
    pub(crate) const fn purposes(&self) -> Option<Vec<Vec<usize>>> {
        None
    }
}

/// The fingerprint comes before the parts that are lost first if a line is too long.
impl Display for Certificate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "x509")]
        self.fmt_names(f)?;
        f.write_str("SHA-256 ")?;
        let mut hash = self.sha256().into_iter();
        hash.try_for_each(|byte| write!(f, "{byte:02x}"))?;
        #[cfg(feature = "x509")]
        self.fmt_key(f)?;
        Ok(())
    }
}
