//! One key of tickets: what it is derived from, and how a ticket is sealed with it.
//!
//! ```text
//! ticket: key name (16 bytes), nonce (24), ciphertext (the session and 8 bytes), tag (16)
//! ```
//!
//! All hosts of a fleet seal with the same key and cannot agree on nonces, so nonces are random.
//! The nonces of XChaCha20-Poly1305 are long enough for any number of tickets. With the 12 bytes of
//! AES-GCM or ChaCha20-Poly1305, one key must not seal more than 2^32 tickets.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Secret;

/// Separates these keys from all others that are derived from the same secret.
const LABEL: &[u8] = b"lastword-tickets 1";

const NAME_LEN: usize = 16;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const KEY_LEN: usize = 32;

pub(crate) struct Key {
    name: [u8; NAME_LEN],
    cipher: XChaCha20Poly1305,
}

impl Key {
    /// Derives the key of a period with HKDF-SHA-256 (RFC 5869). The periods since 1970 are numbered,
    /// and each has `lifetime` seconds.
    pub(crate) fn derive(secret: &Secret, lifetime: u32, period: u64) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, secret.bytes());
        let (lifetime, period) = (lifetime.to_be_bytes(), period.to_be_bytes());
        let mut derived = Zeroizing::new([0; KEY_LEN + NAME_LEN]);
        let Ok(()) = hkdf.expand_multi_info(&[LABEL, &lifetime, &period], &mut derived[..]) else {
            unreachable!("HKDF-SHA-256 derives up to 8160 bytes");
        };
        let (key, name) = derived.split_at(KEY_LEN);
        let mut own_name = [0; NAME_LEN];
        own_name.copy_from_slice(name);
        let Ok(cipher) = XChaCha20Poly1305::new_from_slice(key) else {
            unreachable!("a key has 32 bytes");
        };
        Self {
            name: own_name,
            cipher,
        }
    }

    /// Seals a session with the time of issue, in seconds since 1970. Returns `None` if the system has
    /// no random bytes.
    pub(crate) fn seal(&self, session: &[u8], issued: u64) -> Option<Vec<u8>> {
        let mut nonce = XNonce::default();
        getrandom::fill(&mut nonce).ok()?;
        let issued = issued.to_be_bytes();
        let len = NAME_LEN + NONCE_LEN + session.len() + issued.len() + TAG_LEN;
        let mut ticket = Vec::with_capacity(len);
        ticket.extend_from_slice(&self.name);
        ticket.extend_from_slice(&nonce);
        ticket.extend_from_slice(session);
        ticket.extend_from_slice(&issued);
        let sealed = ticket.get_mut(NAME_LEN + NONCE_LEN..)?;
        let tag = self
            .cipher
            .encrypt_in_place_detached(&nonce, &self.name, sealed);
        ticket.extend_from_slice(&tag.ok()?);
        Some(ticket)
    }

    /// Returns the session and the time of issue, or `None` if this key did not seal the ticket.
    pub(crate) fn open(&self, ticket: &[u8]) -> Option<(Vec<u8>, u64)> {
        let rest = ticket.strip_prefix(&self.name)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut session = sealed.to_vec();
        let (nonce, tag) = (XNonce::from(*nonce), Tag::from(*tag));
        let opened = self
            .cipher
            .decrypt_in_place_detached(&nonce, &self.name, &mut session, &tag);
        opened.ok()?;
        let (len, issued) = {
            let (session, issued) = session.split_last_chunk::<8>()?;
            (session.len(), u64::from_be_bytes(*issued))
        };
        session.truncate(len);
        Some((session, issued))
    }
}
