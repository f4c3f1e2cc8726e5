//! Finds the certificate of a client's chain that an error is about.
//!
//! rustls and its verifier do not say which one it is.

use rustls::{CertificateError, Error};

use super::error::RustlsError;
use crate::certificate::Certificate;

impl RustlsError {
    /// Returns whether it is about an issuer that this server does not know.
    pub(crate) fn is_unknown_issuer(&self) -> bool {
        *self.as_rustls() == Error::InvalidCertificate(CertificateError::UnknownIssuer)
    }

    /// Returns which certificate of the chain the error is about. If it does not show that, it is the
    /// first one, which is the client's own.
    #[cfg(feature = "x509")]
    pub(crate) fn position(&self, chain: &[Certificate<'_>]) -> usize {
        let Error::InvalidCertificate(error) = self.as_rustls() else {
            return 0;
        };
        let find = |is_it: &dyn Fn(&Certificate<'_>) -> bool| {
            chain.iter().position(is_it).unwrap_or_default()
        };
        match error {
            CertificateError::UnknownIssuer => last_issuer(chain),
            CertificateError::ExpiredContext { not_after, .. } => {
                find(&|it| it.not_after_secs() == Some(not_after.as_secs()))
            }
            CertificateError::NotValidYetContext { not_before, .. } => {
                find(&|it| it.not_before_secs() == Some(not_before.as_secs()))
            }
            CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id,
                ..
            }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id,
                ..
            } => find(&|it| it.is_signed_with(signature_algorithm_id)),
            _ => 0,
        }
    }

    /// Without a parser the first one is named.
    #[cfg(not(feature = "x509"))]
    pub(crate) fn position(&self, _: &[Certificate<'_>]) -> usize {
        0
    }
}

/// Follows the chain from the client's certificate, and returns the last one whose issuer is not in
/// it.
#[cfg(feature = "x509")]
fn last_issuer(chain: &[Certificate<'_>]) -> usize {
    let mut path = vec![0];
    while let Some(at) = path.last().copied() {
        let mut issuers = (0..chain.len()).filter(|it| !path.contains(it));
        let next = issuers.find(|it| match (chain.get(*it), chain.get(at)) {
            (Some(issuer), Some(issued)) => issuer.may_have_issued(issued),
            _ => false,
        });
        match next {
            Some(next) => path.push(next),
            None => return at,
        }
    }
    0
}
