//! Finds the certificate of a client's chain that an error is about.
//!
//! rustls and its verifier do not say which one it is.

#[cfg(feature = "x509")]
use rustls::pki_types::SignatureVerificationAlgorithm;
use rustls::{CertificateError, Error};

use super::config::Config;
use super::error::RustlsError;
use crate::certificate::Certificate;

impl RustlsError {
    /// Returns whether it is about an issuer that this server does not know.
    pub(crate) fn is_unknown_issuer(&self) -> bool {
        *self.as_rustls() == Error::InvalidCertificate(CertificateError::UnknownIssuer)
    }

    /// Returns whether a signature does not verify.
    #[cfg(feature = "x509")]
    pub(crate) fn is_bad_signature(&self) -> bool {
        *self.as_rustls() == Error::InvalidCertificate(CertificateError::BadSignature)
    }

    /// Returns which certificate of the chain the error is about. If it does not show that, it is the
    /// first one, which is the client's own.
    #[cfg(feature = "x509")]
    pub(crate) fn position(&self, chain: &[Certificate<'_>], config: Option<&Config>) -> usize {
        let Error::InvalidCertificate(error) = self.as_rustls() else {
            return 0;
        };
        let find = |is_it: &dyn Fn(usize, &Certificate<'_>) -> bool| {
            let mut found = chain.iter().enumerate();
            let found = found.find(|(at, certificate)| is_it(*at, certificate));
            found.map_or(0, |(at, _)| at)
        };
        match error {
            CertificateError::UnknownIssuer => last_issuer(chain),
            CertificateError::ExpiredContext { not_after, .. } => {
                find(&|_, it| it.not_after_secs() == Some(not_after.as_secs()))
            }
            CertificateError::NotValidYetContext { not_before, .. } => {
                find(&|_, it| it.not_before_secs() == Some(not_before.as_secs()))
            }
            CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id,
                ..
            } => find(&|_, it| it.is_signed_with(signature_algorithm_id)),
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id,
                public_key_algorithm_id,
            } => find(&|at, it| {
                let key = issuer_of(chain, at).and_then(|at| chain.get(at)?.key_algorithm());
                it.is_signed_with(signature_algorithm_id)
                    && key.is_none_or(|key| key == *public_key_algorithm_id)
            }),
            CertificateError::BadEncoding => find(&|_, it| !it.is_parsed()),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                find(&|_, it| it.is_for_others())
            }
            CertificateError::BadSignature => {
                find(&|at, it| match (issuer_of(chain, at), config) {
                    (Some(issuer), Some(config)) => !verifies(it, chain.get(issuer), config),
                    _ => true, // an authority of the server's has issued it
                })
            }
            CertificateError::Other(error) => match error.to_string().as_str() {
                "UnsupportedCertVersion" => find(&|_, it| !it.is_v3()),
                "EndEntityUsedAsCa" => find(&|at, it| at > 0 && !it.is_authority()),
                "UnsupportedCriticalExtension" => {
                    find(&|_, it| it.has_unknown_critical_extension())
                }
                _ => 0,
            },
            _ => 0,
        }
    }

    /// Without a parser the first one is named.
    #[cfg(not(feature = "x509"))]
    pub(crate) fn position(&self, _: &[Certificate<'_>], _: Option<&Config>) -> usize {
        0
    }
}

/// Returns which certificate of the chain may have issued the one at this position.
#[cfg(feature = "x509")]
fn issuer_of(chain: &[Certificate<'_>], at: usize) -> Option<usize> {
    let issued = chain.get(at)?;
    let mut others = chain.iter().enumerate().filter(|(other, _)| *other != at);
    let issuer = others.find(|(_, issuer)| issuer.may_have_issued(issued));
    issuer.map(|(at, _)| at)
}

/// Returns whether the signature of a certificate verifies with the issuer's key.
#[cfg(feature = "x509")]
fn verifies(issued: &Certificate<'_>, issuer: Option<&Certificate<'_>>, config: &Config) -> bool {
    let verified = || {
        let (message, algorithm, signature) = issued.signed()?;
        let (issuer, key_algorithm) = (issuer?, issuer?.key_algorithm()?);
        let provider = config.rustls().crypto_provider();
        let mut known = provider.signature_verification_algorithms.all.iter();
        let fits = |known: &&&dyn SignatureVerificationAlgorithm| {
            *known.signature_alg_id() == *algorithm && *known.public_key_alg_id() == *key_algorithm
        };
        let known = known.find(fits)?;
        known
            .verify_signature(issuer.key_bytes()?, &message, signature)
            .ok()
    };
    verified().is_some()
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
