//! Which cipher suites there are: one of each version, under the names that clients offer.

use rustls::crypto::tls12::PrfUsingHmac;
use rustls::crypto::tls13::HkdfUsingHmac;
use rustls::crypto::{CipherSuiteCommon, KeyExchangeAlgorithm};
use rustls::{
    CipherSuite, SignatureScheme, SupportedCipherSuite, Tls12CipherSuite, Tls13CipherSuite,
};

use super::Glass;

pub(super) static ALL: &[SupportedCipherSuite] = &[
    SupportedCipherSuite::Tls13(&TLS13),
    SupportedCipherSuite::Tls12(&TLS12),
];

static TLS13: Tls13CipherSuite = Tls13CipherSuite {
    common: common(CipherSuite::TLS13_AES_128_GCM_SHA256),
    hkdf_provider: &HkdfUsingHmac(&Glass),
    aead_alg: &Glass,
    quic: None,
};

static TLS12: Tls12CipherSuite = Tls12CipherSuite {
    common: common(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    prf_provider: &PrfUsingHmac(&Glass),
    kx: KeyExchangeAlgorithm::ECDHE,
    sign: &[SignatureScheme::ECDSA_NISTP256_SHA256],
    aead_alg: &Glass,
};

const fn common(suite: CipherSuite) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite,
        hash_provider: &Glass,
        confidentiality_limit: u64::MAX,
    }
}
