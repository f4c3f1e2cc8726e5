//! What a sealed record is: AES-128-GCM in TLS 1.2 and in TLS 1.3.

use std::io;

use lastword_record::{ContentType, Header, ProtocolVersion, Record};
use ring::aead;

use super::keys::{self, KeyAndIv, Secret};
use crate::wire;

/// The length of TLS 1.2's explicit nonce in bytes, RFC 5288 section 3.
const EXPLICIT_LEN: usize = 8;
/// The length of the authentication tag in bytes.
const TAG_LEN: usize = 16;

/// Seals, or opens, the records of one side of a connection, one after the other.
#[derive(Debug)]
pub(super) struct Sealer {
    scheme: Scheme,
    key: aead::LessSafeKey,
    iv: Vec<u8>,
    sequence: u64,
}

/// How a record is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// RFC 5288 section 3.
    Tls12,
    /// RFC 8446 section 5.2.
    Tls13,
}

impl Sealer {
    /// For the client's records, of which none has been sealed yet.
    pub(super) fn new(secret: &Secret, server_random: &[u8]) -> io::Result<Self> {
        let (scheme, KeyAndIv { key, iv }) = match secret {
            Secret::Handshake(secret) => (Scheme::Tls13, keys::tls13(secret)?),
            Secret::Master {
                client_random,
                master,
            } => (
                Scheme::Tls12,
                keys::tls12(client_random, server_random, master),
            ),
        };
        let key = aead::UnboundKey::new(&aead::AES_128_GCM, &key).map_err(failed)?;
        Ok(Self {
            scheme,
            key: aead::LessSafeKey::new(key),
            iv,
            sequence: 0,
        })
    }

    /// Whether records are sealed from the `ServerHello` on, and not from `change_cipher_spec` on.
    pub(super) fn is_tls13(&self) -> bool {
        self.scheme == Scheme::Tls13
    }

    /// One record with this content.
    pub(super) fn seal(
        &mut self,
        content_type: ContentType,
        content: &[u8],
    ) -> io::Result<Vec<u8>> {
        match self.scheme {
            Scheme::Tls13 => self.seal_inner(&[content, &[content_type.0]].concat()),
            Scheme::Tls12 => self.seal_tls12(content_type, content),
        }
    }

    /// One record of TLS 1.3 with this `TLSInnerPlaintext`: content, type, padding.
    pub(super) fn seal_inner(&mut self, inner: &[u8]) -> io::Result<Vec<u8>> {
        let header = header(ContentType::APPLICATION_DATA, inner.len() + TAG_LEN);
        let nonce = self.next_nonce();
        let mut payload = inner.to_vec();
        self.key
            .seal_in_place_append_tag(nonce, aead::Aad::from(header), &mut payload)
            .map_err(failed)?;
        Ok([&header[..], &payload].concat())
    }

    fn seal_tls12(&mut self, content_type: ContentType, content: &[u8]) -> io::Result<Vec<u8>> {
        let explicit = self.sequence.to_be_bytes();
        let aad = [explicit.as_slice(), &header(content_type, content.len())].concat();
        let nonce = self.next_nonce();
        let mut payload = content.to_vec();
        self.key
            .seal_in_place_append_tag(nonce, aead::Aad::from(aad), &mut payload)
            .map_err(failed)?;
        let payload = [&explicit[..], &payload].concat();
        Ok(wire::record(
            content_type,
            ProtocolVersion::TLS_1_2,
            &payload,
        ))
    }

    /// The content of the next record: in TLS 1.3 without its type, if there is no padding.
    pub(super) fn open(&mut self, record: &Record<'_>) -> io::Result<Vec<u8>> {
        match self.scheme {
            Scheme::Tls13 => {
                let nonce = self.next_nonce();
                let mut inner = self.unseal(nonce, &record.header.to_bytes(), record.payload)?;
                inner.pop();
                Ok(inner)
            }
            Scheme::Tls12 => self.open_tls12(record),
        }
    }

    fn open_tls12(&mut self, record: &Record<'_>) -> io::Result<Vec<u8>> {
        let short = || io::Error::other("the record is too short to have been sealed");
        let (explicit, sealed) = record.payload.split_first_chunk().ok_or_else(short)?;
        let length = sealed.len().checked_sub(TAG_LEN).ok_or_else(short)?;
        let sequence = self.sequence.to_be_bytes();
        self.sequence += 1;
        let aad = [&sequence[..], &header(record.header.content_type, length)].concat();
        self.unseal(self.nonce(*explicit), &aad, sealed)
    }

    fn unseal(&self, nonce: aead::Nonce, aad: &[u8], sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = sealed.to_vec();
        let length = self
            .key
            .open_in_place(nonce, aead::Aad::from(aad), &mut content)
            .map_err(failed)?
            .len();
        content.truncate(length);
        Ok(content)
    }

    /// The nonce of the next record, behind which there is another next.
    fn next_nonce(&mut self) -> aead::Nonce {
        let sequence = self.sequence.to_be_bytes();
        self.sequence += 1;
        self.nonce(sequence)
    }

    /// In TLS 1.3 the IV, its end XORed with these bytes; in TLS 1.2 the IV and these bytes behind
    /// it.
    fn nonce(&self, last: [u8; EXPLICIT_LEN]) -> aead::Nonce {
        let mut nonce = [0; aead::NONCE_LEN];
        for (nonce, iv) in nonce.iter_mut().zip(&self.iv) {
            *nonce = *iv;
        }
        for (nonce, last) in nonce.iter_mut().rev().zip(last.iter().rev()) {
            *nonce ^= last;
        }
        aead::Nonce::assume_unique_for_key(nonce)
    }
}

/// A header; a length beyond 65,535 is told as 65,535.
fn header(content_type: ContentType, length: usize) -> [u8; Header::LEN] {
    Header {
        content_type,
        version: ProtocolVersion::TLS_1_2,
        length: u16::try_from(length).unwrap_or(u16::MAX),
    }
    .to_bytes()
}

fn failed(_: ring::error::Unspecified) -> io::Error {
    io::Error::other("the record cannot be sealed or opened")
}
