//! The transparent provider of `crates/fuzz/src/glass.rs`, for rustls 0.24. Its key shares, secrets,
//! signatures and tags are the same, so it can talk to clients that use the other one.

mod aead;
mod certificate;
mod exchange;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rustls_next::crypto::kx::KeyExchangeAlgorithm;
use rustls_next::crypto::tls12::PrfUsingHmac;
use rustls_next::crypto::tls13::HkdfUsingHmac;
use rustls_next::crypto::{
    CipherSuite, CipherSuiteCommon, CryptoProvider, GetRandomFailed, HashAlgorithm, KeyProvider,
    SecureRandom, SignatureScheme, SigningKey, TicketProducer, TicketerFactory,
    WebPkiSupportedAlgorithms, hash, hmac,
};
use rustls_next::error::Error;
use rustls_next::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, SignatureVerificationAlgorithm, UnixTime,
    alg_id,
};
use rustls_next::time_provider::TimeProvider;
use rustls_next::version::{TLS12_VERSION, TLS13_VERSION};
use rustls_next::{Tls12CipherSuite, Tls13CipherSuite};

pub(super) use certificate::{Known, server_certificate};

/// The length of a hash and of a tag of HMAC in bytes.
const LEN: usize = 32;

/// All that there is of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glass;

pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        tls12_cipher_suites: Cow::Borrowed(TLS12),
        tls13_cipher_suites: Cow::Borrowed(TLS13),
        kx_groups: Cow::Borrowed(exchange::ALL),
        signature_verification_algorithms: ALGORITHMS,
        secure_random: &Glass,
        key_provider: &Glass,
        ticketer_factory: &Glass,
    }
}

static TLS13: &[&Tls13CipherSuite] = &[&Tls13CipherSuite {
    common: common(CipherSuite::TLS13_AES_128_GCM_SHA256),
    protocol_version: TLS13_VERSION,
    hkdf_provider: &HkdfUsingHmac(&Glass),
    aead_alg: &Glass,
    quic: None,
}];

static TLS12: &[&Tls12CipherSuite] = &[&Tls12CipherSuite {
    common: common(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    protocol_version: TLS12_VERSION,
    prf_provider: &PrfUsingHmac(&Glass),
    kx: KeyExchangeAlgorithm::ECDHE,
    sign: &[SignatureScheme::ECDSA_NISTP256_SHA256],
    aead_alg: &Glass,
}];

const fn common(suite: CipherSuite) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite,
        hash_provider: &Glass,
        confidentiality_limit: u64::MAX,
    }
}

/// rustls requires one. It is never used: `Known` verifies the clients.
const ALGORITHMS: WebPkiSupportedAlgorithms =
    match WebPkiSupportedAlgorithms::new(&[], &[(SignatureScheme::ED25519, &[&Glass])]) {
        Ok(algorithms) => algorithms,
        Err(_) => panic!(),
    };

impl SignatureVerificationAlgorithm for Glass {
    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Err(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }
}

impl SecureRandom for Glass {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        bytes.fill(0x33);
        Ok(())
    }
}

impl KeyProvider for Glass {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Box<dyn SigningKey>, Error> {
        Err(Error::General("there are no keys".to_owned()))
    }
}

impl TimeProvider for Glass {
    fn current_time(&self) -> Option<UnixTime> {
        let second = Duration::from_secs(1_700_000_000);
        Some(UnixTime::since_unix_epoch(second))
    }
}

impl TicketerFactory for Glass {
    fn ticketer(&self) -> Result<Arc<dyn TicketProducer>, Error> {
        Ok(Arc::new(Self))
    }
}

/// A ticket is the session itself.
impl TicketProducer for Glass {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        Some(plain.to_vec())
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        Some(cipher.to_vec())
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(3600)
    }
}

/// Every hash is the same: all that is made of one is a constant too.
impl hash::Hash for Glass {
    fn start(&self) -> Box<dyn hash::Context> {
        Box::new(Self)
    }

    fn hash(&self, _: &[u8]) -> hash::Output {
        hash::Output::new(&[0x4a; LEN])
    }

    fn output_len(&self) -> usize {
        LEN
    }

    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::SHA256
    }
}

impl hash::Context for Glass {
    fn fork_finish(&self) -> hash::Output {
        hash::Hash::hash(self, &[])
    }

    fn fork(&self) -> Box<dyn hash::Context> {
        Box::new(*self)
    }

    fn finish(self: Box<Self>) -> hash::Output {
        self.fork_finish()
    }

    fn update(&mut self, _: &[u8]) {}
}

/// Every tag is the one of the clients: so are all secrets that are derived by it.
impl hmac::Hmac for Glass {
    fn with_key(&self, _: &[u8]) -> Box<dyn hmac::Key> {
        Box::new(Self)
    }

    fn hash_output_len(&self) -> usize {
        LEN
    }
}

impl hmac::Key for Glass {
    fn sign_concat(&self, _: &[u8], _: &[&[u8]], _: &[u8]) -> hmac::Tag {
        hmac::Tag::new(&[0x5a; LEN])
    }

    fn tag_len(&self) -> usize {
        LEN
    }
}
