//! A provider that records which key encrypts which sequence number.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use rustls_next::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, OutboundPlain, Record, RecordDecrypter, RecordEncrypter,
    Tls12AeadAlgorithm, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls_next::crypto::{CipherSuiteCommon, CryptoProvider};
use rustls_next::{ConnectionTrafficSecrets, Error, Tls12CipherSuite, Tls13CipherSuite};
use rustls_ring::DEFAULT_PROVIDER;

/// A key and its IV.
type Key = (Vec<u8>, Vec<u8>);

/// The sequence numbers that each key has encrypted, in order.
static ENCRYPTED: LazyLock<Mutex<HashMap<Key, Vec<u64>>>> = LazyLock::new(Mutex::default);

static PROVIDER: LazyLock<CryptoProvider> = LazyLock::new(|| {
    let (tls12, tls13) = (
        DEFAULT_PROVIDER.tls12_cipher_suites.iter(),
        DEFAULT_PROVIDER.tls13_cipher_suites.iter(),
    );
    CryptoProvider {
        tls12_cipher_suites: tls12.map(|suite| audited_tls12(suite)).collect(),
        tls13_cipher_suites: tls13.map(|suite| audited_tls13(suite)).collect(),
        ..DEFAULT_PROVIDER
    }
});

thread_local! {
    /// The number of records that this thread has encrypted.
    static RECORDS: Cell<usize> = const { Cell::new(0) };
    /// How many more records this thread encrypts, and whether it then panics.
    static LEFT: Cell<(usize, bool)> = const { Cell::new((usize::MAX, false)) };
}

/// Makes the encrypters of this thread fail after so many records, or panic.
pub(crate) fn fail_after(records: usize, panics: bool) {
    LEFT.set((records, panics));
}

/// Returns ring's provider. It records what its encrypters do.
pub(crate) fn provider() -> CryptoProvider {
    PROVIDER.clone()
}

/// Returns the number of records that this thread has encrypted so far.
pub(crate) fn records() -> usize {
    RECORDS.get()
}

/// Checks that every key of the process has encrypted the numbers from 0 on, each once and in order.
pub(crate) fn check() {
    let encrypted = ENCRYPTED.lock().unwrap_or_else(PoisonError::into_inner);
    for numbers in encrypted.values() {
        let expected = (0..numbers.len() as u64).collect::<Vec<_>>();
        assert_eq!(*numbers, expected, "the sequence numbers of a key");
    }
}

fn audited_tls13(inner: &'static Tls13CipherSuite) -> &'static Tls13CipherSuite {
    Box::leak(Box::new(Tls13CipherSuite {
        common: common(&inner.common),
        protocol_version: inner.protocol_version,
        hkdf_provider: inner.hkdf_provider,
        aead_alg: Box::leak(Box::new(Audited13(inner.aead_alg))),
        quic: inner.quic,
    }))
}

fn audited_tls12(inner: &'static Tls12CipherSuite) -> &'static Tls12CipherSuite {
    Box::leak(Box::new(Tls12CipherSuite {
        common: common(&inner.common),
        protocol_version: inner.protocol_version,
        prf_provider: inner.prf_provider,
        kx: inner.kx,
        sign: inner.sign,
        aead_alg: Box::leak(Box::new(Audited12(inner.aead_alg))),
    }))
}

const fn common(inner: &CipherSuiteCommon) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: inner.suite,
        hash_provider: inner.hash_provider,
        confidentiality_limit: inner.confidentiality_limit,
    }
}

/// An encrypter that records its calls.
struct Audited {
    inner: Box<dyn RecordEncrypter>,
    key: Key,
}

impl RecordEncrypter for Audited {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        number: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let (left, panics) = LEFT.get();
        let Some(left) = left.checked_sub(1) else {
            assert!(!panics, "a planted panic");
            return Err(Error::EncryptError);
        };
        LEFT.set((left, panics));
        RECORDS.set(RECORDS.get() + 1);
        let mut encrypted = ENCRYPTED.lock().unwrap_or_else(PoisonError::into_inner);
        encrypted.entry(self.key.clone()).or_default().push(number);
        drop(encrypted);
        self.inner.encrypt(record, number, out)
    }

    fn encrypted_payload_len(&self, len: usize) -> usize {
        self.inner.encrypted_payload_len(len)
    }
}

struct Audited13(&'static dyn Tls13AeadAlgorithm);

impl Tls13AeadAlgorithm for Audited13 {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        let bytes = (key.as_ref().to_vec(), iv.as_ref().to_vec());
        Box::new(Audited {
            inner: self.0.encrypter(key, iv),
            key: bytes,
        })
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        self.0.decrypter(key, iv)
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
}

struct Audited12(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Audited12 {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn RecordEncrypter> {
        let bytes = (key.as_ref().to_vec(), iv.to_vec());
        Box::new(Audited {
            inner: self.0.encrypter(key, iv, extra),
            key: bytes,
        })
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn RecordDecrypter> {
        self.0.decrypter(key, iv)
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
}
