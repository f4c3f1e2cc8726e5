//! What a client's last flight is made of: rustls's messages, opened, to be sent or spoilt.

use std::io;

use lastword_record::{
    ContentType, HandshakeHeader, HandshakeType, LengthLimit, ProtocolVersion, Records,
};

use super::keys::Secret;
use super::seal::Sealer;
use crate::wire;

/// A client's last flight: the messages that rustls wrote, and the bytes that are sent instead.
///
/// Spoil the messages with [`flip`](Self::flip) and [`replace`](Self::replace), then put out all of
/// them with [`whole`](Self::whole), or some with [`until`](Self::until), and whatever else with
/// [`send`](Self::send). Records are sealed where the client's would be: in TLS 1.3 all of them, in
/// TLS 1.2 those behind [`change_cipher_spec`](Self::change_cipher_spec).
#[derive(Debug)]
pub(crate) struct Flight {
    messages: Vec<Vec<u8>>,
    sealer: Sealer,
    sealing: bool,
    server_certificate: Vec<u8>,
    out: Vec<u8>,
}

impl Flight {
    /// Opens what rustls wrote, `own`, to a server that had sent `received`. `server_certificate` is one for servers.
    pub(super) fn open(
        own: &[u8],
        secret: &Secret,
        received: &[u8],
        server_certificate: &[u8],
    ) -> io::Result<Self> {
        let random = server_random(received)?;
        let mut opener = Sealer::new(secret, random)?;
        let mut sealed = opener.is_tls13();
        let mut handshake = Vec::new();
        for record in Records::new(own, LengthLimit::TLS12_CIPHERTEXT) {
            match record.header.content_type {
                ContentType::CHANGE_CIPHER_SPEC => sealed = true,
                _ if sealed => handshake.extend(opener.open(&record)?),
                _ => handshake.extend(record.payload),
            }
        }
        let sealer = Sealer::new(secret, random)?;
        Ok(Self {
            messages: messages(&handshake)?,
            sealing: sealer.is_tls13(),
            sealer,
            server_certificate: server_certificate.to_vec(),
            out: Vec::new(),
        })
    }

    /// A message of rustls's, header and body.
    pub(crate) fn message(&self, which: HandshakeType) -> io::Result<Vec<u8>> {
        let mut messages = self.messages.iter();
        messages
            .find(|message| message.first() == Some(&which.0))
            .cloned()
            .ok_or_else(|| io::Error::other(format!("rustls wrote no {which}")))
    }

    /// Flips the lowest bit of the last byte of a message.
    pub(crate) fn flip(&mut self, which: HandshakeType) -> io::Result<()> {
        let mut message = self.message(which)?;
        if let Some(last) = message.last_mut() {
            *last ^= 1;
        }
        self.replace(which, &message)
    }

    /// Puts another message in a message's place.
    pub(crate) fn replace(&mut self, which: HandshakeType, by: &[u8]) -> io::Result<()> {
        let old = self.message(which)?;
        for message in &mut self.messages {
            if *message == old {
                *message = by.to_vec();
            }
        }
        Ok(())
    }

    /// Puts out the messages, one a record, with `change_cipher_spec` where it belongs.
    pub(crate) fn whole(&mut self) -> io::Result<()> {
        self.put_out(|_| true)
    }

    /// Puts out the messages in front of this one, and `change_cipher_spec` if it is there too.
    pub(crate) fn until(&mut self, which: HandshakeType) -> io::Result<()> {
        self.message(which)?;
        self.put_out(|message| message.first() != Some(&which.0))
    }

    fn put_out(&mut self, goes_on: impl Fn(&[u8]) -> bool) -> io::Result<()> {
        if self.sealer.is_tls13() {
            self.change_cipher_spec();
        }
        for message in self.messages.clone() {
            if !self.sealing && message.first() == Some(&HandshakeType::FINISHED.0) {
                self.change_cipher_spec();
            }
            if !goes_on(&message) {
                break;
            }
            self.send(ContentType::HANDSHAKE, &message)?;
        }
        Ok(())
    }

    /// Puts out one record with this content, sealed or not as the client's would be.
    pub(crate) fn send(&mut self, content_type: ContentType, content: &[u8]) -> io::Result<()> {
        let record = if self.sealing {
            self.sealer.seal(content_type, content)?
        } else {
            wire::record(content_type, ProtocolVersion::TLS_1_2, content)
        };
        self.out.extend(record);
        Ok(())
    }

    /// Puts out one record of TLS 1.3 with these bytes for content, type and padding.
    pub(crate) fn send_inner(&mut self, inner: &[u8]) -> io::Result<()> {
        self.out.extend(self.sealer.seal_inner(inner)?);
        Ok(())
    }

    /// Puts out `change_cipher_spec`, behind which TLS 1.2 is sealed.
    pub(crate) fn change_cipher_spec(&mut self) {
        self.send_in_plaintext(ContentType::CHANGE_CIPHER_SPEC, &[1]);
        self.sealing = true;
    }

    /// Puts out one record with this payload, in plaintext.
    pub(crate) fn send_in_plaintext(&mut self, content_type: ContentType, payload: &[u8]) {
        let record = wire::record(content_type, ProtocolVersion::TLS_1_2, payload);
        self.send_bytes(&record);
    }

    /// Puts out these bytes.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.out.extend(bytes);
    }

    /// Takes back the last `length` bytes that were put out.
    pub(crate) fn cut(&mut self, length: usize) {
        self.out.truncate(self.out.len().saturating_sub(length));
    }

    /// A server's certificate of the authority, in DER.
    pub(crate) fn server_certificate(&self) -> &[u8] {
        &self.server_certificate
    }

    /// What was put out.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }
}

/// The server's random: 32 bytes of its `ServerHello`, behind the message's header and the version.
fn server_random(received: &[u8]) -> io::Result<&[u8]> {
    Records::new(received, LengthLimit::TLS12_CIPHERTEXT)
        .find(|record| record.header.content_type == ContentType::HANDSHAKE)
        .and_then(|record| record.payload.get(6..38))
        .ok_or_else(|| io::Error::other("there is no ServerHello"))
}

/// The messages that a client's handshake records hold.
fn messages(mut handshake: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let mut messages = Vec::new();
    while let Some(header) = handshake.first_chunk() {
        let length = HandshakeHeader::from_bytes(*header).message_len();
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let (message, rest) = handshake
            .split_at_checked(length)
            .ok_or_else(|| io::Error::other("rustls wrote half a message"))?;
        messages.push(message.to_vec());
        handshake = rest;
    }
    Ok(messages)
}
