//! Finds the certificate of a client's chain that an error is about.
//!
//! rustls and its verifier do not say which one it is.

use rustls::error::{CertificateError, Error};
#[cfg(feature = "x509")]
use rustls::pki_types::SignatureVerificationAlgorithm;

use super::config::Config;
use super::error::RustlsError;
use crate::certificate::Certificate;
use crate::messages::Proof;

impl RustlsError {
    /// Returns whether it is about an issuer that this server does not know.
    pub(crate) fn is_unknown_issuer(&self) -> bool {
        *self.as_rustls() == Error::InvalidCertificate(CertificateError::UnknownIssuer)
    }

    /// Returns whether the client's own certificate is an authority's.
    pub(crate) fn is_authority_used_as_client(&self) -> bool {
        match self.as_rustls() {
            Error::InvalidCertificate(CertificateError::Other(error)) => {
                error.to_string() == "CaUsedAsEndEntity"
            }
            _ => false,
        }
    }

    /// Returns whether a signature does not verify.
    #[cfg(feature = "x509")]
    pub(crate) fn is_bad_signature(&self) -> bool {
        *self.as_rustls() == Error::InvalidCertificate(CertificateError::BadSignature)
    }

    /// Returns which certificate of the chain the error is about; `None` if it is not known. An error that
    /// is not about one of them is about the first one, which is the client's own.
    #[cfg(feature = "x509")]
    pub(crate) fn position(
        &self,
        chain: &[Certificate<'_>],
        proof: Proof,
        config: Option<&Config>,
    ) -> Option<usize> {
        let Error::InvalidCertificate(error) = self.as_rustls() else {
            return Some(0);
        };
        let path = path(chain);
        let find = |is_it: &dyn Fn(usize, &Certificate<'_>) -> bool| {
            let mut path = path.iter().copied();
            path.find(|at| chain.get(*at).is_some_and(|it| is_it(*at, it)))
        };
        match error {
            CertificateError::UnknownIssuer => path.last().copied(),
            CertificateError::ExpiredContext { not_after, .. } => {
                find(&|_, it| it.not_after_secs() == Some(not_after.as_secs()))
            }
            CertificateError::NotValidYetContext { not_before, .. } => {
                find(&|_, it| it.not_before_secs() == Some(not_before.as_secs()))
            }
            CertificateError::UnsupportedSignatureAlgorithm {
                signature_algorithm_id,
                ..
            } => find(&|_, it| it.is_signed_with(signature_algorithm_id)),
            CertificateError::UnsupportedSignatureAlgorithmForPublicKey {
                signature_algorithm_id,
                public_key_algorithm_id,
            } => find(&|at, it| {
                let key = issuer_of(chain, at).and_then(|at| chain.get(at)?.key_algorithm());
                it.is_signed_with(signature_algorithm_id)
                    && key.is_none_or(|key| key == *public_key_algorithm_id)
            }),
            CertificateError::BadEncoding => chain.iter().position(|it| !it.is_parsed()),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                find(&|_, it| it.is_for_others())
            }
            CertificateError::BadSignature => {
                let failed = find(&|at, it| match (issuer_of(chain, at), config) {
                    (Some(issuer), Some(config)) => !verifies(it, chain.get(issuer), config),
                    _ => false,
                });
                failed.or_else(|| match proof {
                    // an authority of the server's has issued it
                    Proof::Chain => path.iter().copied().rfind(|at| is_used(chain, *at)),
                    Proof::Signature | Proof::Unknown => Some(0),
                })
            }
            // the revocation lists are the verifier's own
            CertificateError::Revoked
            | CertificateError::UnknownRevocationStatus
            | CertificateError::ExpiredRevocationList
            | CertificateError::ExpiredRevocationListContext { .. } => {
                only(path.iter().copied().filter(|at| is_used(chain, *at)))
            }
            CertificateError::Other(error) => position_of(&error.to_string(), chain, &path),
            _ => Some(0),
        }
    }

    /// Returns whether the error is about a signature that the client's own key may have made, and that no
    /// certificate of the chain has.
    #[cfg(feature = "x509")]
    pub(crate) fn is_of_client_key(&self, chain: &[Certificate<'_>]) -> bool {
        match self.as_rustls() {
            Error::InvalidCertificate(
                CertificateError::UnsupportedSignatureAlgorithmForPublicKey {
                    public_key_algorithm_id: id,
                    ..
                },
            ) => {
                let mut keys = chain.iter().map(Certificate::key_algorithm);
                let is_it = |key: Option<Vec<u8>>| key.is_some_and(|key| key == *id);
                keys.next().is_some_and(is_it) && !keys.any(is_it)
            }
            _ => false,
        }
    }

    #[cfg(not(feature = "x509"))]
    pub(crate) fn is_of_client_key(&self, _: &[Certificate<'_>]) -> bool {
        false
    }

    /// Without a parser the first one is named.
    #[cfg(not(feature = "x509"))]
    pub(crate) fn position(
        &self,
        _: &[Certificate<'_>],
        _: Proof,
        _: Option<&Config>,
    ) -> Option<usize> {
        Some(0)
    }
}

/// Returns the position for an error of rustls-webpki that rustls has no variant for.
#[cfg(feature = "x509")]
fn position_of(error: &str, chain: &[Certificate<'_>], path: &[usize]) -> Option<usize> {
    let find = |is_it: &dyn Fn(usize, &Certificate<'_>) -> bool| {
        let mut path = path.iter().copied();
        path.find(|at| chain.get(*at).is_some_and(|it| is_it(*at, it)))
    };
    match error {
        "NameConstraintViolation" => only(constrained(chain, path)),
        "PathLenConstraintViolated" => {
            // how many authorities are below it, and how many may be
            let mut issuers = path.iter().copied().skip(1).enumerate();
            let is_exceeded = |(below, at): &(usize, usize)| {
                let most = chain.get(*at).and_then(Certificate::path_length);
                most.is_some_and(|most| *below > most)
            };
            issuers.find(is_exceeded).map(|(_, at)| at)
        }
        "UnsupportedCertVersion" => find(&|_, it| !it.is_v3()),
        "EndEntityUsedAsCa" => find(&|at, it| at > 0 && !it.is_authority()),
        "UnsupportedCriticalExtension" => find(&|_, it| it.has_unknown_critical_extension()),
        _ => Some(0),
    }
}

/// Returns whether the server uses this certificate of the path: a root in the chain it does not.
#[cfg(feature = "x509")]
fn is_used(chain: &[Certificate<'_>], at: usize) -> bool {
    let certificate = chain.get(at);
    certificate.is_some_and(|it| at == 0 || !it.may_have_issued(it))
}

/// Returns the only position; `None` if there are more.
#[cfg(feature = "x509")]
fn only(mut positions: impl Iterator<Item = usize>) -> Option<usize> {
    let first = positions.next()?;
    positions.next().is_none().then_some(first)
}

/// Returns the certificates whose names an authority above them may constrain (RFC 5280 section
/// 4.2.1.10). If no authority of the path does, a root that is not in it does.
#[cfg(feature = "x509")]
fn constrained<'a>(
    chain: &'a [Certificate<'_>],
    path: &'a [usize],
) -> impl Iterator<Item = usize> + 'a {
    use crate::certificate::x509::Constraints;

    let constraints = |at: &usize| chain.get(*at).and_then(Certificate::name_constraints);
    let is_root = !path.iter().any(|at| constraints(at).is_some());
    let below = path.iter().enumerate().filter(move |(n, at)| {
        let has_names = chain
            .get(**at)
            .is_some_and(Certificate::has_alternative_names);
        let mut above = path.iter().skip(n + 1).filter_map(constraints);
        is_root || above.any(|kind| has_names || kind == Constraints::OfSubjects)
    });
    below.map(|(_, at)| *at)
}

/// Returns which certificate of the chain may have issued the one at this position.
#[cfg(feature = "x509")]
pub(crate) fn issuer_of(chain: &[Certificate<'_>], at: usize) -> Option<usize> {
    issuer_except(chain, at, &[at])
}

/// Returns which certificate of the chain, except those at the positions in `used`, may have issued the
/// one at `at`.
#[cfg(feature = "x509")]
fn issuer_except(chain: &[Certificate<'_>], at: usize, used: &[usize]) -> Option<usize> {
    let issued = chain.get(at)?;
    let mut others = chain
        .iter()
        .enumerate()
        .filter(|(other, _)| !used.contains(other));
    let issuer = others.find(|(_, issuer)| issuer.may_have_issued(issued));
    issuer.map(|(at, _)| at)
}

/// Returns whether the signature of a certificate verifies with the issuer's key.
#[cfg(feature = "x509")]
fn verifies(issued: &Certificate<'_>, issuer: Option<&Certificate<'_>>, config: &Config) -> bool {
    let verified = || {
        let (message, algorithm, signature) = issued.signed()?;
        let (issuer, key_algorithm) = (issuer?, issuer?.key_algorithm()?);
        let provider = config.rustls().provider();
        let mapping = provider.signature_verification_algorithms.mapping();
        let mut known = mapping.iter().flat_map(|(_, known)| known.iter());
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

/// Follows the chain from the client's certificate to the last one whose issuer is not in it. Other
/// certificates are not used.
#[cfg(feature = "x509")]
fn path(chain: &[Certificate<'_>]) -> Vec<usize> {
    let mut path = vec![0];
    while let Some(next) = path.last().and_then(|at| issuer_except(chain, *at, &path)) {
        path.push(next);
    }
    path
}
