//! Which key a client seals its records with: the secret as rustls tells it, the key as the RFCs
//! derive it.

use std::io;
use std::sync::OnceLock;

use ring::{hkdf, hmac};
use rustls::KeyLog;

use crate::wire::prefixed_u8;

/// The length of an AES-128 key in bytes.
const KEY_LEN: usize = 16;
/// The length of TLS 1.3's IV in bytes, which is all of a nonce (RFC 8446 section 5.3).
const IV_LEN: usize = 12;
/// The length of TLS 1.2's IV in bytes, the part of a nonce that is not sent (RFC 5288 section 3).
const SALT_LEN: usize = 4;

/// The secret of one connection, once rustls has told it.
#[derive(Debug, Default)]
pub(super) struct Learned(OnceLock<Secret>);

/// What a client's keys are derived from.
#[derive(Debug)]
pub(super) enum Secret {
    /// TLS 1.3's `client_handshake_traffic_secret`, RFC 8446 section 7.1.
    Handshake(Vec<u8>),
    /// TLS 1.2's master secret, RFC 5246 section 8.1, and the client's random.
    Master {
        client_random: Vec<u8>,
        master: Vec<u8>,
    },
}

/// A key and the IV that goes with it.
pub(super) struct KeyAndIv {
    pub(super) key: Vec<u8>,
    pub(super) iv: Vec<u8>,
}

impl KeyLog for Learned {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let secret = secret.to_vec();
        let secret = match label {
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Secret::Handshake(secret),
            "CLIENT_RANDOM" => Secret::Master {
                client_random: client_random.to_vec(),
                master: secret,
            },
            _ => return,
        };
        // a connection has one, and a second would be no better
        let _ = self.0.set(secret);
    }
}

impl Learned {
    /// The secret, which is there as soon as the server's flight is.
    pub(super) fn secret(&self) -> io::Result<&Secret> {
        self.0
            .get()
            .ok_or_else(|| io::Error::other("rustls has told no secret"))
    }
}

/// The client's key and IV in TLS 1.3, RFC 8446 section 7.3.
pub(super) fn tls13(secret: &[u8]) -> io::Result<KeyAndIv> {
    Ok(KeyAndIv {
        key: expand_label(secret, "key", KEY_LEN)?,
        iv: expand_label(secret, "iv", IV_LEN)?,
    })
}

/// The client's key and IV in TLS 1.2, RFC 5246 section 6.3: of the key block, in this order, the
/// client's key, the server's, the client's IV.
pub(super) fn tls12(client_random: &[u8], server_random: &[u8], master: &[u8]) -> KeyAndIv {
    let seed = [b"key expansion", server_random, client_random].concat();
    let mut block = prf(master, &seed, 2 * KEY_LEN + SALT_LEN).into_iter();
    let key = block.by_ref().take(KEY_LEN).collect();
    let iv = block.skip(KEY_LEN).collect();
    KeyAndIv { key, iv }
}

/// `HKDF-Expand-Label` without a context, RFC 8446 section 7.1.
fn expand_label(secret: &[u8], label: &str, length: usize) -> io::Result<Vec<u8>> {
    let short = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let label = prefixed_u8(format!("tls13 {label}").as_bytes());
    let mut output = vec![0; length];
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret)
        .expand(&[&short, &label, &[0]], Length(length))
        .and_then(|okm| okm.fill(&mut output))
        .map_err(|_| io::Error::other("a key of this length cannot be derived"))?;
    Ok(output)
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// The first `length` bytes of `P_SHA256`, RFC 5246 section 5.
fn prf(secret: &[u8], seed: &[u8], length: usize) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut a = hmac::sign(&key, seed);
    let mut output = Vec::new();
    while output.len() < length {
        output.extend(hmac::sign(&key, &[a.as_ref(), seed].concat()).as_ref());
        a = hmac::sign(&key, a.as_ref());
    }
    output.truncate(length);
    output
}
