//! A crypto provider whose encrypters can be shared with this crate.

use std::ptr;
use std::sync::{Mutex, PoisonError};

use rustls::crypto::cipher::{
    AeadKey, InboundOpaque, Iv, KeyBlockShape, Record, RecordDecrypter, RecordEncrypter,
    Tls12AeadAlgorithm, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::crypto::{CipherSuiteCommon, CryptoProvider};
use rustls::enums::ContentType;
use rustls::error::{Error, PeerMisbehaved};
use rustls::pki_types::FipsStatus;
use rustls::{ConnectionTrafficSecrets, Tls12CipherSuite, Tls13CipherSuite};

use super::current;

/// Returns this provider with encrypters that [`Config`](crate::Config) can share.
///
/// A server whose configuration uses it can send any alert at any time, encrypted if the connection
/// is: see [`Config::encrypts_alerts`](crate::Config::encrypts_alerts). The handshake,
/// records and sessions are the same as with `provider`. Tickets of one are accepted by the other.
/// `fips()` and QUIC are passed through.
///
/// Connections that rustls or another crate makes with this provider are encrypted by `provider`
/// alone. One thing differs for them: an encrypted handshake record without content ends the connection,
/// as RFC 8446 section 5.4 requires.
///
/// # Memory
///
/// For each cipher suite about 100 bytes are never freed. Further calls with the same suites use the
/// same memory.
#[must_use]
pub fn encrypted_alerts(provider: CryptoProvider) -> CryptoProvider {
    let tls12 = provider.tls12_cipher_suites.iter();
    let tls13 = provider.tls13_cipher_suites.iter();
    CryptoProvider {
        tls12_cipher_suites: tls12
            .map(|suite| wrapped(&TLS12, suite, wrap_tls12))
            .collect(),
        tls13_cipher_suites: tls13
            .map(|suite| wrapped(&TLS13, suite, wrap_tls13))
            .collect(),
        ..provider
    }
}

/// Returns whether the encrypters of this suite of TLS 1.2 can be shared.
pub(super) fn is_wrapped_tls12(suite: &'static Tls12CipherSuite) -> bool {
    is_wrapped(&TLS12, suite)
}

/// Returns whether the encrypters of this suite of TLS 1.3 can be shared.
pub(super) fn is_wrapped_tls13(suite: &'static Tls13CipherSuite) -> bool {
    is_wrapped(&TLS13, suite)
}

/// Suites, each with its wrapped one.
type Suites<T> = Mutex<Vec<(&'static T, &'static T)>>;

/// The suites of all providers so far.
static TLS12: Suites<Tls12CipherSuite> = Mutex::new(Vec::new());
static TLS13: Suites<Tls13CipherSuite> = Mutex::new(Vec::new());

// suites of two providers are equal if their code points are, so their addresses are compared

fn is_wrapped<T>(suites: &Suites<T>, suite: &'static T) -> bool {
    let known = suites.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().any(|(_, wrapped)| ptr::eq(*wrapped, suite))
}

fn wrapped<T>(suites: &Suites<T>, suite: &'static T, wrap: fn(&'static T) -> T) -> &'static T {
    let mut known = suites.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.iter().find_map(|(inner, wrapped)| {
        (ptr::eq(*inner, suite) || ptr::eq(*wrapped, suite)).then_some(*wrapped)
    });
    found.unwrap_or_else(|| {
        let wrapped = leak(wrap(suite));
        known.push((suite, wrapped));
        wrapped
    })
}

fn wrap_tls12(inner: &'static Tls12CipherSuite) -> Tls12CipherSuite {
    Tls12CipherSuite {
        common: common(&inner.common),
        protocol_version: inner.protocol_version,
        prf_provider: inner.prf_provider,
        kx: inner.kx,
        sign: inner.sign,
        aead_alg: leak(Tls12Aead(inner.aead_alg)),
    }
}

fn wrap_tls13(inner: &'static Tls13CipherSuite) -> Tls13CipherSuite {
    Tls13CipherSuite {
        common: common(&inner.common),
        protocol_version: inner.protocol_version,
        hkdf_provider: inner.hkdf_provider,
        aead_alg: leak(Tls13Aead(inner.aead_alg)),
        quic: inner.quic,
    }
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
fn share(make: impl FnOnce() -> Box<dyn RecordEncrypter>) -> Box<dyn RecordEncrypter> {
    let sealer = current::take();
    let encrypter = make();
    match sealer {
        Some(sealer) => Box::new(sealer.attach(encrypter)),
        None => encrypter,
    }
}

struct Tls13Aead(&'static dyn Tls13AeadAlgorithm);

impl Tls13AeadAlgorithm for Tls13Aead {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        share(|| self.0.encrypter(key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        Box::new(NotEmpty(self.0.decrypter(key, iv)))
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn iv_len(&self) -> usize {
        self.0.iv_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv)
    }

    fn fips(&self) -> FipsStatus {
        self.0.fips()
    }
}

struct Tls12Aead(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Tls12Aead {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn RecordEncrypter> {
        share(|| self.0.encrypter(key, iv, extra))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn RecordDecrypter> {
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

    fn fips(&self) -> FipsStatus {
        self.0.fips()
    }
}

/// A decrypter that refuses handshake records and alerts without content, and shows the others to the
/// connection. rustls 0.24 refuses such alerts, but allows 32 empty handshake records.
struct NotEmpty(Box<dyn RecordDecrypter>);

impl RecordDecrypter for NotEmpty {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        number: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        let record = self.0.decrypt(record, number)?;
        match record.typ {
            // RFC 8446 5.4: a handshake record or an alert without content -> unexpected_message
            ContentType::Handshake | ContentType::Alert if record.payload.is_empty() => {
                Err(PeerMisbehaved::EmptyFragment.into())
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
