//! A crypto provider that hides nothing: a fuzzer of handshakes sees and alters what is in them.
//!
//! Nothing is random, secrets are constants, records are encrypted to themselves and a constant
//! tag, and whatever is signed or authenticated is a constant too. So one input has one outcome, to
//! the byte; a record can be altered and still be opened; and a message can be altered and the
//! Finished behind it still verify. Only rustls's own code is left, and ours.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom};
use rustls::crypto::{WebPkiSupportedAlgorithms, hmac};
use rustls::pki_types::{PrivateKeyDer, UnixTime};
use rustls::server::ProducesTickets;
use rustls::sign::SigningKey;
use rustls::time_provider::TimeProvider;

mod aead;
mod certificate;
mod exchange;
mod hash;
mod suites;

pub(crate) use aead::TAG;
pub(crate) use certificate::{Anyone, Known, client_certificate, server_certificate};
pub(crate) use exchange::ANOTHER as ANOTHER_GROUP;

/// All that there is of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glass;

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: suites::ALL.to_vec(),
        kx_groups: exchange::ALL.to_vec(),
        // certificates are verified by `Known` and `Anyone`
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[],
            mapping: &[],
        },
        secure_random: &Glass,
        key_provider: &Glass,
    })
}

impl SecureRandom for Glass {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        bytes.fill(0x33);
        Ok(())
    }
}

impl KeyProvider for Glass {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("there are no keys".to_owned()))
    }
}

impl TimeProvider for Glass {
    fn current_time(&self) -> Option<UnixTime> {
        let second = std::time::Duration::from_secs(1_700_000_000);
        Some(UnixTime::since_unix_epoch(second))
    }
}

/// A ticket is the session itself.
impl ProducesTickets for Glass {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        3600
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        Some(plain.to_vec())
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        Some(cipher.to_vec())
    }
}

/// Every tag is the same, whatever is authenticated: so are all secrets that are derived by it.
impl hmac::Hmac for Glass {
    fn with_key(&self, _: &[u8]) -> Box<dyn hmac::Key> {
        Box::new(Self)
    }

    fn hash_output_len(&self) -> usize {
        hash::LEN
    }
}

impl hmac::Key for Glass {
    fn sign_concat(&self, _: &[u8], _: &[&[u8]], _: &[u8]) -> hmac::Tag {
        hmac::Tag::new(&[0x5a; hash::LEN])
    }

    fn tag_len(&self) -> usize {
        hash::LEN
    }
}
