//! The certificate that the application's resolver returned for a client.
//!
//! rustls does not return it, nor the signature scheme. So the resolver is wrapped, and what it returns
//! is noted for the thread that drives the connection.

use std::cell::Cell;
use std::fmt;
use std::slice;
use std::sync::{Arc, OnceLock};

use lastword_hello::{CipherSuite, SignatureScheme};
use lastword_record::ProtocolVersion;
use rustls::crypto::{Identity, SelectedCredential};
use rustls::enums::CertificateType;
use rustls::server::{ClientHello, ServerCredentialResolver};
use rustls::{Error, ServerConfig};

use super::{CertificateDer, scope};

thread_local! {
    static NOTED: Cell<Option<Served>> = const { Cell::new(None) };
}

/// A certificate, and the scheme of its key for the client.
#[derive(Clone)]
pub(crate) struct Served {
    identity: Arc<Identity<'static>>,
    scheme: rustls::crypto::SignatureScheme,
    /// Until when the certificate is valid, in seconds since 1970, if sessions depend on it.
    until: u64,
    /// The certificates in one slice, once they are asked for.
    chain: OnceLock<Vec<CertificateDer<'static>>>,
}

impl Served {
    pub(super) const fn until(&self) -> u64 {
        self.until
    }

    /// Returns whether a cipher suite of TLS 1.2 is for a key of this type.
    pub(crate) fn fits(&self, suite: CipherSuite) -> bool {
        let name = suite.name().unwrap_or_default();
        match self.key_type() {
            Some("RSA") => name.contains("_RSA_"),
            _ => name.contains("_ECDSA_"),
        }
    }

    /// Returns the certificates, the server's own first.
    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        self.chain.get_or_init(|| match &*self.identity {
            Identity::X509(own) => [slice::from_ref(&own.end_entity), &own.intermediates].concat(),
            _ => Vec::new(),
        })
    }

    /// Returns the scheme that the key signs with.
    #[expect(clippy::unnecessary_wraps, reason = "rustls 0.23 does not show it")]
    pub(crate) fn scheme(&self) -> Option<SignatureScheme> {
        Some(SignatureScheme(self.scheme.into()))
    }

    /// Returns the schemes that the key is known to sign with. rustls 0.24 does not show the key.
    pub(crate) fn schemes(&self, _: ProtocolVersion) -> Vec<SignatureScheme> {
        self.scheme().into_iter().collect()
    }

    /// Returns the type of the key, and its size if it is known: `ECDSA P-256`.
    pub(crate) fn key(&self) -> Option<String> {
        #[cfg(feature = "x509")]
        if let Some(certificate) = self.chain().first() {
            if let Some(key) = crate::certificate::Certificate::new(certificate).key() {
                return Some(key);
            }
        }
        self.key_type().map(Into::into)
    }

    /// Returns the type of the key that the scheme is for.
    fn key_type(&self) -> Option<&'static str> {
        use rustls::crypto::SignatureScheme as Scheme;

        match self.scheme {
            Scheme::RSA_PKCS1_SHA1
            | Scheme::RSA_PKCS1_SHA256
            | Scheme::RSA_PKCS1_SHA384
            | Scheme::RSA_PKCS1_SHA512
            | Scheme::RSA_PSS_SHA256
            | Scheme::RSA_PSS_SHA384
            | Scheme::RSA_PSS_SHA512 => Some("RSA"),
            Scheme::ECDSA_SHA1_Legacy
            | Scheme::ECDSA_NISTP256_SHA256
            | Scheme::ECDSA_NISTP384_SHA384
            | Scheme::ECDSA_NISTP521_SHA512 => Some("ECDSA"),
            Scheme::ED25519 => Some("Ed25519"),
            Scheme::ED448 => Some("Ed448"),
            _ => None,
        }
    }
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
    inner: Arc<dyn ServerCredentialResolver>,
    /// Whether sessions are bound to the configuration.
    is_bound: bool,
}

impl ServerCredentialResolver for Noting {
    fn resolve(&self, hello: &ClientHello<'_>) -> Result<SelectedCredential, Error> {
        let selected = self.inner.resolve(hello)?;
        let until = match &*selected.identity {
            Identity::X509(own) if self.is_bound => scope::serve(&own.end_entity),
            _ => u64::MAX,
        };
        NOTED.set(Some(Served {
            identity: Arc::clone(&selected.identity),
            scheme: selected.signer.scheme(),
            until,
            chain: OnceLock::new(),
        }));
        Ok(selected)
    }

    fn supported_certificate_types(&self) -> &'static [CertificateType] {
        self.inner.supported_certificate_types()
    }
}

impl fmt::Debug for Noting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
