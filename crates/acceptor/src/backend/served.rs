//! The certificate that the application's resolver returned for a client.
//!
//! rustls does not return it, nor the signature scheme. So the resolver is wrapped, and what it returns
//! is noted for the thread that drives the connection.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use lastword_hello::{CipherSuite, SignatureScheme};
use lastword_record::ProtocolVersion;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SignatureAlgorithm};

use super::{CertificateDer, scope};

thread_local! {
    static NOTED: Cell<Option<Served>> = const { Cell::new(None) };
}

/// A certificate with its key, and the signature schemes that the client offers.
#[derive(Clone)]
pub(crate) struct Served {
    key: Arc<CertifiedKey>,
    offered: Box<[rustls::SignatureScheme]>,
    /// Until when the certificate is valid, in seconds since 1970, if sessions depend on it.
    until: u64,
}

impl Served {
    pub(super) const fn until(&self) -> u64 {
        self.until
    }

    /// Returns whether a cipher suite of TLS 1.2 is for a key of this type.
    pub(crate) fn fits(&self, suite: CipherSuite) -> bool {
        let name = suite.name().unwrap_or_default();
        match self.key.key.algorithm() {
            SignatureAlgorithm::RSA => name.contains("_RSA_"),
            _ => name.contains("_ECDSA_"),
        }
    }

    /// Returns the certificates, the server's own first.
    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.key.cert
    }

    /// Returns the scheme that the key signs with. It asks the key, as rustls does.
    pub(crate) fn scheme(&self) -> Option<SignatureScheme> {
        let signer = self.key.key.choose_scheme(&self.offered)?;
        Some(SignatureScheme(signer.scheme().into()))
    }

    /// Returns the schemes that the key signs with in this version. It asks the key for each.
    pub(crate) fn schemes(&self, version: ProtocolVersion) -> Vec<SignatureScheme> {
        let is_usable = |scheme: &rustls::SignatureScheme| match version {
            ProtocolVersion::TLS_1_3 => !is_only_for_tls12(*scheme),
            _ => true,
        };
        let schemes = SCHEMES.iter().copied().filter(is_usable);
        schemes
            .filter(|scheme| self.key.key.choose_scheme(&[*scheme]).is_some())
            .map(|scheme| SignatureScheme(scheme.into()))
            .collect()
    }

    /// Returns the type of the key, and its size if it is known: `ECDSA P-256`.
    pub(crate) fn key(&self) -> Option<String> {
        #[cfg(feature = "x509")]
        if let Some(certificate) = self.key.cert.first() {
            if let Some(key) = crate::certificate::Certificate::new(certificate).key() {
                return Some(key);
            }
        }
        let name = match self.key.key.algorithm() {
            SignatureAlgorithm::RSA => "RSA",
            SignatureAlgorithm::ECDSA => "ECDSA",
            SignatureAlgorithm::ED25519 => "Ed25519",
            SignatureAlgorithm::ED448 => "Ed448",
            _ => return None,
        };
        Some(name.into())
    }
}

/// The schemes that keys of rustls 0.23 may have.
const SCHEMES: &[rustls::SignatureScheme] = &[
    rustls::SignatureScheme::ECDSA_NISTP256_SHA256,
    rustls::SignatureScheme::ECDSA_NISTP384_SHA384,
    rustls::SignatureScheme::ECDSA_NISTP521_SHA512,
    rustls::SignatureScheme::ED25519,
    rustls::SignatureScheme::ED448,
    rustls::SignatureScheme::RSA_PSS_SHA256,
    rustls::SignatureScheme::RSA_PSS_SHA384,
    rustls::SignatureScheme::RSA_PSS_SHA512,
    rustls::SignatureScheme::RSA_PKCS1_SHA256,
    rustls::SignatureScheme::RSA_PKCS1_SHA384,
    rustls::SignatureScheme::RSA_PKCS1_SHA512,
    rustls::SignatureScheme::ML_DSA_44,
    rustls::SignatureScheme::ML_DSA_65,
    rustls::SignatureScheme::ML_DSA_87,
];

/// RFC 8446 4.2.3: rsa_pkcs1 is not for signatures of handshake messages.
const fn is_only_for_tls12(scheme: rustls::SignatureScheme) -> bool {
    matches!(
        scheme,
        rustls::SignatureScheme::RSA_PKCS1_SHA256
            | rustls::SignatureScheme::RSA_PKCS1_SHA384
            | rustls::SignatureScheme::RSA_PKCS1_SHA512
    )
}

/// Returns a configuration whose resolver notes what it returns.
pub(super) fn noting(config: &ServerConfig, is_bound: bool) -> ServerConfig {
    let mut config = config.clone();
    config.cert_resolver = Arc::new(Noting {
        inner: Arc::clone(&config.cert_resolver),
        is_bound,
    });
    config
}

/// Takes what was noted last.
pub(super) fn take() -> Option<Served> {
    NOTED.take()
}

/// Notes what was taken before.
pub(super) fn restore(served: Option<Served>) {
    NOTED.set(served);
}

struct Noting {
    inner: Arc<dyn ResolvesServerCert>,
    /// Whether sessions are bound to the configuration.
    is_bound: bool,
}

impl ResolvesServerCert for Noting {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let offered = hello.signature_schemes().into();
        let key = self.inner.resolve(hello)?;
        let until = match key.cert.first() {
            Some(certificate) if self.is_bound => scope::serve(certificate),
            _ => u64::MAX,
        };
        NOTED.set(Some(Served {
            key: Arc::clone(&key),
            offered,
            until,
        }));
        Some(key)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.inner.only_raw_public_keys()
    }
}

impl fmt::Debug for Noting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
