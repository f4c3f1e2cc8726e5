//! What a server holds of a client whose ClientHello it has answered.

use std::sync::Arc;

use lastword_acceptor::{Config, ErrorAndAlert, Handshake, Progress};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::pki::{Identity, Pki};
use lastword_testkit::sans_io::receive;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};

use crate::client::Conversation;
use crate::{LONGEST, MOST_RECEIVED, held, padded_hello};

/// What rustls 0.23.46 and this crate hold of any handshake, buffers for messages not counted.
const STATE: usize = 17 << 10;

/// The longest message that rustls 0.23.46 buffers, and the last it read. It keeps the buffer until the
/// next read.
const RUSTLS_BUFFER: usize = 65_535 + 4096;

/// The longest list of certificates.
const CERTIFICATES: usize = 1 << 16;

/// The client's Certificate message, which is kept for an error to name a certificate.
const KEPT: usize = 65_535 * 5 / 4;

/// What rustls 0.23.46 notes of the records of one message: here there may be a thousand.
const RECORDS: usize = 40 << 10;

/// What rustls 0.23.46 holds for each record of accepted early data, besides its content.
const EACH_EARLY_RECORD: usize = 48;

/// The most rejected early data that rustls 0.23.46 buffers, record headers included.
const REJECTED: usize = 18_437;

/// How a handshake went on.
pub(crate) struct Fed {
    pub(crate) progress: Result<Progress, ErrorAndAlert>,
    /// The most that was held after any chunk, and what is held now, in bytes.
    pub(crate) most: usize,
    pub(crate) now: usize,
}

impl Fed {
    /// The handshake, which is not complete.
    fn handshake(self) -> Handshake {
        match self.progress {
            Ok(Progress::Continue(handshake)) => handshake,
            other => panic!("{other:?}"),
        }
    }
}

/// Gives these bytes to a handshake, 4 KiB at a time, and writes what it has to write. `before`: what
/// was on the heap without the handshake.
pub(crate) fn feed(before: usize, mut handshake: Handshake, config: &Config, bytes: &[u8]) -> Fed {
    let mut most = 0;
    for mut chunk in bytes.chunks(4096) {
        match receive(handshake, config, &mut chunk) {
            Ok(Progress::Continue(next)) => handshake = next,
            end => {
                let now = held() - before;
                let most = most.max(now);
                return Fed {
                    progress: end,
                    most,
                    now,
                };
            }
        }
        while handshake.wants_write() {
            handshake.write_tls(&mut std::io::sink()).unwrap();
        }
        most = most.max(held() - before);
    }
    Fed {
        progress: Ok(Progress::Continue(handshake)),
        most,
        now: held() - before,
    }
}

pub(crate) fn is_bounded(pki: &Pki) {
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    for (len, record) in [(300, 300), (LONGEST - 600, 0x4000), (LONGEST - 600, 400)] {
        second_hello_is_bounded(&config, len, record);
    }
    many_keys_are_bounded(&config);
    for (certificates, most) in [
        (1, STATE),
        (75, STATE + RUSTLS_BUFFER + CERTIFICATES + KEPT + RECORDS),
        (112, STATE + RUSTLS_BUFFER + CERTIFICATES + KEPT + RECORDS),
    ] {
        certificates_are_bounded(pki, certificates, most);
    }
    early_data_is_bounded(pki);
}

fn in_records(message: &[u8], record: usize) -> Vec<u8> {
    split_into_records(message, &vec![record; message.len() / record])
}

/// After a HelloRetryRequest: the second ClientHello, and rustls's buffer of the first.
fn second_hello_is_bounded(config: &Config, len: usize, record: usize) {
    let first = padded_hello(&HelloBuilder::default().key_shares(&[]), len);
    let first = in_records(&first, record);
    let second = padded_hello(&HelloBuilder::default(), LONGEST - 600);
    let second = in_records(&second, record);
    let (most, last) = second.split_at(second.len() - 1);

    let before = held();
    let fed = feed(before, Handshake::default(), config, &first);
    let how = format!("{len} bytes in records of {record}");
    // rustls's buffer is as long as the first
    let bound = STATE + len;
    assert!(fed.now <= bound, "{} held, {how}", fed.now);
    let fed = feed(before, fed.handshake(), config, most);
    assert!(
        fed.most <= bound + MOST_RECEIVED,
        "{} held, {how}",
        fed.most
    );
    let fed = feed(before, fed.handshake(), config, last);
    assert!(fed.now <= STATE + RUSTLS_BUFFER, "{} held, {how}", fed.now);
}

/// A pre_shared_key extension with so many identities.
fn psk(identities: u16) -> Vec<u8> {
    let each = |number: u16| [&[0, 2][..], &number.to_be_bytes(), &[0; 4]].concat();
    let offered: Vec<u8> = (0..identities).flat_map(each).collect();
    let binders = [&[32][..], &[0; 32]].concat().repeat(identities.into());
    let len = |list: &[u8]| u16::try_from(list.len()).unwrap().to_be_bytes();
    [&len(&offered)[..], &offered, &len(&binders), &binders].concat()
}

/// 16 bytes at most are kept of each pre-shared key of a first ClientHello.
fn many_keys_are_bounded(config: &Config) {
    const KEYS: u16 = 1500;
    let hello = HelloBuilder::default().key_shares(&[]);
    let hello = hello
        .extension(ExtensionType(45), &[1, 1]) // psk_key_exchange_modes
        .extension(ExtensionType::PRE_SHARED_KEY, &psk(KEYS));
    let message = hello.message();
    let bytes = in_records(&message, 0x4000);
    let before = held();
    let fed = feed(before, Handshake::default(), config, &bytes);
    let bound = STATE + message.len() + 16 * usize::from(KEYS);
    assert!(fed.now <= bound, "{} held", fed.now);
}

/// A client of this version that shows so many certificates, in records of 100 bytes.
fn certified(
    pki: &Pki,
    version: &'static SupportedProtocolVersion,
    certificates: usize,
) -> ClientConnection {
    let own = pki.client(Identity::Known).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let mut config = ClientConfig::builder_with_protocol_versions(&[version])
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own.certificate(); certificates], own.key())
        .unwrap();
    config.max_fragment_size = Some(100);
    ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap()
}

pub(crate) fn written(client: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// The handshake of a client that has heard the server's flight, what it says to that, and how much
/// was on the heap without the handshake.
pub(crate) fn answered(
    config: &Config,
    client: &mut ClientConnection,
) -> (Handshake, Vec<u8>, usize) {
    let hello = written(client);
    let before = held();
    let progress = receive(Handshake::default(), config, &mut &hello[..]);
    let Ok(Progress::Continue(mut handshake)) = progress else {
        panic!("not answered")
    };
    let mut flight = Vec::with_capacity(1 << 14);
    while handshake.wants_write() {
        handshake.write_tls(&mut flight).unwrap();
    }
    let handshakes = held() - before - flight.capacity();
    client.read_tls(&mut &flight[..]).unwrap();
    client.process_new_packets().unwrap();
    let says = written(client);
    drop(flight);
    (handshake, says, held() - handshakes)
}

/// A message that rustls buffers, and the certificates in it.
fn certificates_are_bounded(pki: &Pki, certificates: usize, bound: usize) {
    let required = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(pki.server_config(&required)).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut client = certified(pki, version, certificates);
        let (handshake, says, before) = answered(&config, &mut client);
        // with the last byte the session goes to the server's session store
        let fed = feed(before, handshake, &config, &says[..says.len() - 1]);
        assert!(fed.most <= bound, "{} held, {version:?}", fed.most);
        drop(fed.handshake());
    }
}

/// Early data up to the limit, in records of any length: accepted, and passed over.
fn early_data_is_bounded(pki: &Pki) {
    for (accepted, len, record) in [
        (true, 16_384, 1),
        (true, 16_384, 100),
        (true, 16_384, 16_384),
        (true, 1 << 20, 16_384),
        (false, 800, 1),
        (false, 14_000, 100),
        (false, 16_000, 16_000),
    ] {
        let conversation = Conversation {
            resumes: Some(accepted),
            max_early_data: len.max(16_384) as u32,
            early_data: Some((len, record)),
            ..Conversation::PLAIN
        };
        let (server, mut client) = conversation.between(pki);
        let config = Config::new(server).unwrap();
        let says = client.says();
        let before = held();
        let fed = feed(before, Handshake::default(), &config, &says);
        let how = format!("{len} bytes in records of {record}, accepted: {accepted}");
        let bound = match accepted {
            true => STATE + (1 << 14) + 4096 + len + len.div_ceil(record) * EACH_EARLY_RECORD,
            false => STATE + REJECTED + 4096,
        };
        assert!(fed.most <= bound, "{} held, {how}", fed.most);
        drop(fed.handshake());
    }
}
