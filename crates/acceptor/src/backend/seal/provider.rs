//! A crypto provider whose encrypters can be shared with this crate.

use std::sync::{Mutex, PoisonError};

#[cfg(feature = "tls12")]
use rustls::Tls12CipherSuite;
use rustls::crypto::CryptoProvider;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter,
    Tls13AeadAlgorithm, UnsupportedOperationError,
};
#[cfg(feature = "tls12")]
use rustls::crypto::cipher::{KeyBlockShape, Tls12AeadAlgorithm};
use rustls::{
    CipherSuiteCommon, ConnectionTrafficSecrets, ContentType, Error, PeerMisbehaved,
    SupportedCipherSuite, Tls13CipherSuite,
};

use super::current;

/// Returns this provider with encrypters that [`Config`](crate::Config) can share.
///
/// A server whose configuration uses it can send any alert at any time. The alert is encrypted if
/// the connection is: see [`Config::encrypts_alerts`](crate::Config::encrypts_alerts). The
/// handshake, records and sessions are the same as with `provider`. Tickets of one are accepted by
/// the other. `fips()` and QUIC are passed through.
///
/// Connections that rustls or another crate makes with this provider are encrypted by `provider`
/// alone. One thing differs for them: an encrypted handshake record or alert without content ends the
/// connection, as RFC 8446 section 5.4 requires.
///
/// ```
/// use lastword_acceptor::{Config, encrypted_alerts};
/// # use rustls::server::ResolvesServerCert;
/// use std::sync::Arc;
///
/// # #[cfg(feature = "ring")]
/// # fn build(resolver: Arc<dyn ResolvesServerCert>) -> Result<Config, Box<dyn std::error::Error>> {
/// let provider = encrypted_alerts(rustls::crypto::ring::default_provider());
/// let config = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
///     .with_safe_default_protocol_versions()?
///     .with_no_client_auth()
///     .with_cert_resolver(resolver);
/// let config = Config::new(config)?;
/// assert!(config.encrypts_alerts());
/// # Ok(config)
/// # }
/// ```
///
/// # Memory
///
/// For each cipher suite about 100 bytes are never freed. Further calls with the same suites use the
/// same memory.
#[must_use]
pub fn encrypted_alerts(provider: CryptoProvider) -> CryptoProvider {
    let cipher_suites = provider.cipher_suites.into_iter().map(wrapped).collect();
    CryptoProvider {
        cipher_suites,
        ..provider
    }
}

/// Returns whether the encrypters of this suite can be shared.
pub(super) fn is_wrapped(suite: SupportedCipherSuite) -> bool {
    let wrapped = WRAPPED.lock().unwrap_or_else(PoisonError::into_inner);
    wrapped.iter().any(|(_, wrapped)| is_same(*wrapped, suite))
}

/// The suites of all providers so far, each with its wrapped one.
static WRAPPED: Mutex<Vec<(SupportedCipherSuite, SupportedCipherSuite)>> = Mutex::new(Vec::new());

fn wrapped(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    let mut known = WRAPPED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.iter().find_map(|(inner, wrapped)| {
        (is_same(*inner, suite) || is_same(*wrapped, suite)).then_some(*wrapped)
    });
    found.unwrap_or_else(|| {
        let wrapped = wrap(suite);
        known.push((suite, wrapped));
        wrapped
    })
}

/// Returns whether both are the same object. Suites of two providers are equal if their code points
/// are.
fn is_same(one: SupportedCipherSuite, other: SupportedCipherSuite) -> bool {
    match (one.tls13(), other.tls13()) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        #[cfg(feature = "tls12")]
        (None, None) => match (one, other) {
            (SupportedCipherSuite::Tls12(one), SupportedCipherSuite::Tls12(other)) => {
                std::ptr::eq(one, other)
            }
            _ => false,
        },
        _ => false,
    }
}

fn wrap(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    if let Some(inner) = suite.tls13() {
        return SupportedCipherSuite::Tls13(leak(Tls13CipherSuite {
            common: common(&inner.common),
            hkdf_provider: inner.hkdf_provider,
            aead_alg: leak(Tls13Aead(inner.aead_alg)),
            quic: inner.quic,
        }));
    }
    #[cfg(feature = "tls12")]
    if let SupportedCipherSuite::Tls12(inner) = suite {
        return SupportedCipherSuite::Tls12(leak(Tls12CipherSuite {
            common: common(&inner.common),
            prf_provider: inner.prf_provider,
            kx: inner.kx,
            sign: inner.sign,
            aead_alg: leak(Tls12Aead(inner.aead_alg)),
        }));
    }
    suite
}

const fn common(inner: &CipherSuiteCommon) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: inner.suite,
        hash_provider: inner.hash_provider,
        confidentiality_limit: inner.confidentiality_limit,
    }
}

/// rustls's suites are static.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Makes an encrypter, for the connection that it is made for.
fn share(make: impl FnOnce() -> Box<dyn MessageEncrypter>) -> Box<dyn MessageEncrypter> {
    let sealer = current::take();
    let encrypter = make();
    match sealer {
        Some(sealer) => Box::new(sealer.attach(encrypter)),
        None => encrypter,
    }
}

struct Tls13Aead(&'static dyn Tls13AeadAlgorithm);

impl Tls13AeadAlgorithm for Tls13Aead {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        share(|| self.0.encrypter(key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(NotEmpty(self.0.decrypter(key, iv)))
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv)
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

#[cfg(feature = "tls12")]
struct Tls12Aead(&'static dyn Tls12AeadAlgorithm);

#[cfg(feature = "tls12")]
impl Tls12AeadAlgorithm for Tls12Aead {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        share(|| self.0.encrypter(key, iv, extra))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(NotEmpty(self.0.decrypter(key, iv)))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

/// A decrypter that refuses handshake records and alerts without content, and shows the others to the
/// connection. rustls 0.23.46 allows ten
/// empty handshake records, and answers an empty alert with `decode_error`.
struct NotEmpty(Box<dyn MessageDecrypter>);

impl MessageDecrypter for NotEmpty {
    fn decrypt<'a>(
        &mut self,
        record: InboundOpaqueMessage<'a>,
        number: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let record = self.0.decrypt(record, number)?;
        match record.typ {
            // RFC 8446 5.4: a handshake record or an alert without content -> unexpected_message
            ContentType::Handshake | ContentType::Alert if record.payload.is_empty() => {
                Err(PeerMisbehaved::TooManyEmptyFragments.into())
            }
            ContentType::Handshake => {
                current::received(record.payload);
                Ok(record)
            }
            ContentType::ApplicationData => Ok(record),
            _ => {
                current::received(&[]);
                Ok(record)
            }
        }
    }
}
