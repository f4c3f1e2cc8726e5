//! Records that rustls's clients never send, and what the server answers.

use std::cell::RefCell;
use std::io::Write;

use lastword_testkit::wire::records;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundPlainMessage,
};
use rustls::crypto::tls13::OkmBlock;
use rustls::{
    ClientConnection, ConnectionTrafficSecrets, ContentType, KeyLog, ProtocolVersion,
    SupportedCipherSuite, Tls13CipherSuite,
};

use crate::sealed::scenario::written;

/// A client of TLS 1.3 whose handshake is complete. It sends any record.
pub(crate) struct Forger {
    encrypter: Box<dyn MessageEncrypter>,
    decrypter: Box<dyn MessageDecrypter>,
    /// The sequence numbers for sending and receiving.
    numbers: [u64; 2],
    suite: &'static Tls13CipherSuite,
    /// The traffic secrets for sending and receiving, of the last handshake of this thread.
    secrets: [Vec<u8>; 2],
}

thread_local! {
    static SECRETS: RefCell<[Vec<u8>; 2]> = RefCell::default();
}

/// A key log for the clients: it notes the traffic secrets.
#[derive(Debug)]
pub(crate) struct Noting;

impl KeyLog for Noting {
    fn log(&self, label: &str, _: &[u8], secret: &[u8]) {
        let at = match label {
            "CLIENT_TRAFFIC_SECRET_0" => 0,
            "SERVER_TRAFFIC_SECRET_0" => 1,
            _ => return,
        };
        SECRETS.with_borrow_mut(|secrets| secrets[at] = secret.to_vec());
    }
}

impl Forger {
    pub(crate) fn new(client: ClientConnection) -> Self {
        let Some(SupportedCipherSuite::Tls13(suite)) = client.negotiated_cipher_suite() else {
            panic!("not TLS 1.3");
        };
        let secrets = client.dangerous_extract_secrets().unwrap();
        let (key, iv) = parts(secrets.tx.1);
        let encrypter = suite.aead_alg.encrypter(key, iv);
        let (key, iv) = parts(secrets.rx.1);
        Self {
            encrypter,
            decrypter: suite.aead_alg.decrypter(key, iv),
            numbers: [secrets.tx.0, secrets.rx.0],
            suite,
            secrets: SECRETS.with_borrow(Clone::clone),
        }
    }

    /// Updates the keys for sending (RFC 8446 section 7.2).
    pub(crate) fn update_keys(&mut self) {
        let (key, iv) = next_keys(self.suite, &self.secrets[0]);
        self.encrypter = self.suite.aead_alg.encrypter(key, iv);
        self.numbers[0] = 0;
    }

    /// Encrypts a record.
    pub(crate) fn record(&mut self, typ: ContentType, payload: &[u8]) -> Vec<u8> {
        let record = OutboundPlainMessage {
            typ,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(payload),
        };
        let sealed = self.encrypter.encrypt(record, self.numbers[0]).unwrap();
        self.numbers[0] += 1;
        sealed.encode()
    }

    /// Decrypts records of the server: the type and the content of each.
    pub(crate) fn read(&mut self, tls: &[u8]) -> Vec<(ContentType, Vec<u8>)> {
        let mut all = Vec::new();
        for record in records(tls) {
            let mut payload = record[5..].to_vec();
            let opaque = InboundOpaqueMessage::new(
                ContentType::from(record[0]),
                ProtocolVersion::TLSv1_2,
                &mut payload,
            );
            let plain = self.decrypter.decrypt(opaque, self.numbers[1]).unwrap();
            self.numbers[1] += 1;
            let is_update = plain.typ == ContentType::Handshake && plain.payload[0] == 24;
            all.push((plain.typ, plain.payload.to_vec()));
            if is_update {
                let (key, iv) = next_keys(self.suite, &self.secrets[1]);
                self.decrypter = self.suite.aead_alg.decrypter(key, iv);
                self.numbers[1] = 0;
            }
        }
        all
    }
}

/// Returns the keys after one KeyUpdate.
fn next_keys(suite: &Tls13CipherSuite, secret: &[u8]) -> (AeadKey, Iv) {
    let next = expanded(suite, secret, "traffic upd", secret.len());
    let key: [u8; 32] = expanded(suite, &next, "key", 32).try_into().unwrap();
    let iv: [u8; 12] = expanded(suite, &next, "iv", 12).try_into().unwrap();
    (AeadKey::from(key), Iv::new(iv))
}

/// `HKDF-Expand-Label` without a context (RFC 8446 section 7.1).
fn expanded(suite: &Tls13CipherSuite, secret: &[u8], label: &str, len: usize) -> Vec<u8> {
    let expander = suite.hkdf_provider.expander_for_okm(&OkmBlock::new(secret));
    let label = format!("tls13 {label}");
    let mut output = vec![0; len];
    let info = [
        &(len as u16).to_be_bytes()[..],
        &[label.len() as u8],
        label.as_bytes(),
        &[0],
    ];
    expander.expand_slice(&info, &mut output).unwrap();
    output
}

fn parts(secrets: ConnectionTrafficSecrets) -> (AeadKey, Iv) {
    match secrets {
        ConnectionTrafficSecrets::Aes128Gcm { key, iv }
        | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => (key, iv),
        _ => unreachable!(),
    }
}

/// Returns the last flight of a client, with a request, and the client that forges what follows.
pub(crate) fn last_flight(mut client: ClientConnection, request: &[u8]) -> (Vec<u8>, Forger) {
    let mut flight = written(&mut client);
    client.writer().write_all(request).unwrap();
    flight.extend(written(&mut client));
    (flight, Forger::new(client))
}
