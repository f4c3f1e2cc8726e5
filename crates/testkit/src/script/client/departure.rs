//! How a client leaves that seals records of its own, which rustls would not send.

use std::sync::Arc;

use rustls::crypto::cipher::{MessageEncrypter, OutboundPlainMessage};
use rustls::{
    ClientConfig, ClientConnection, ConnectionTrafficSecrets, ContentType, ProtocolVersion,
};

use super::Client;

/// A client's configuration, with which its keys can be had.
#[derive(Debug)]
pub(super) struct Departure(Arc<ClientConfig>);

impl Departure {
    pub(super) fn new(config: &Arc<ClientConfig>) -> Self {
        let mut config = ClientConfig::clone(config);
        config.enable_secret_extraction = true;
        Self(Arc::new(config))
    }

    pub(super) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }

    /// An empty handshake record and `close_notify`. The connection is used up.
    #[expect(clippy::expect_used, reason = "the configuration is the test's")]
    pub(super) fn seal(&self, connection: &mut ClientConnection) -> Vec<u8> {
        let unused = Client::new(self.config()).connection;
        let connection = std::mem::replace(connection, unused);
        let (sequence, mut encrypter) = encrypter(connection).expect("TLS 1.3");
        let mut sealed = Vec::new();
        for (sequence, (typ, payload)) in (sequence..).zip([
            (ContentType::Handshake, &[][..]),
            (ContentType::Alert, &[1, 0]),
        ]) {
            let message = OutboundPlainMessage {
                typ,
                version: ProtocolVersion::TLSv1_2,
                payload: payload.into(),
            };
            let record = encrypter.encrypt(message, sequence).expect("a record");
            sealed.extend(record.encode());
        }
        sealed
    }
}

/// What the connection encrypts with, and the number of its next record; `None` before TLS 1.3.
fn encrypter(connection: ClientConnection) -> Option<(u64, Box<dyn MessageEncrypter>)> {
    let suite = connection.negotiated_cipher_suite()?.tls13()?;
    let (sequence, secrets) = connection.dangerous_extract_secrets().ok()?.tx;
    let (ConnectionTrafficSecrets::Aes128Gcm { key, iv }
    | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
    | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv }) = secrets
    else {
        return None;
    };
    Some((sequence, suite.aead_alg.encrypter(key, iv)))
}
