//! All that a client says in a whole handshake, and what may become of it in flight.

use std::io::Write;
use std::sync::Arc;

use lastword_acceptor::record::{ContentType, LengthLimit, ProtocolVersion, Records};
use lastword_testkit::wire;
use rustls::{ClientConfig, ClientConnection, SupportedProtocolVersion};

use crate::configs::RustlsServer;
use crate::glass::{self, Anyone, Glass, TAG};
use crate::server::Server;

/// What each client says that a server serves: of either version, with a certificate and without,
/// for the first time and resuming, and asked to retry.
pub(crate) fn all(server: &Server) -> Vec<Vec<u8>> {
    let tls12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
    let tls13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
    let mut all = Vec::new();
    for versions in [tls12, tls13] {
        for certified in [true, false] {
            let config = config(versions, certified, false);
            // the second resumes the session of the first
            all.extend(says(server, &config));
            all.extend(says(server, &config));
        }
        let config = config(versions, true, true);
        let retried = says(server, &config);
        all.extend(retried.iter().filter_map(|said| otherwise(said)));
        all.extend(retried);
    }
    // early data in many records
    let config = config(tls13, true, false);
    all.extend(says(server, &config));
    all.extend(says_early(server, &config, &[&[b'e'; 100][..]; 3]));
    all
}

/// Has a client have a session of the server.
pub(crate) fn introduce(server: &Server) {
    let config = config(&[&rustls::version::TLS13], true, false);
    assert!(says(server, &config).is_some());
}

/// What a client says that asks for another protocol in its second ClientHello.
fn otherwise(said: &[u8]) -> Option<Vec<u8>> {
    const PROTOCOL: &[u8] = b"\x02h2";
    let ends_at = |at: usize| at + PROTOCOL.len();
    let find = |from: usize| {
        let mut windows = said.get(from..)?.windows(PROTOCOL.len());
        windows.position(|it| it == PROTOCOL).map(|at| from + at)
    };
    let second = ends_at(find(ends_at(find(0)?))?);
    let mut said = said.to_vec();
    said[second - 1] = b'3';
    Some(said)
}

fn config(
    versions: &[&'static SupportedProtocolVersion],
    certified: bool,
    retries: bool,
) -> Arc<ClientConfig> {
    let mut provider = Arc::unwrap_or_clone(glass::provider());
    if retries {
        // its first share is of a group that no server has
        provider.kx_groups.insert(0, glass::ANOTHER_GROUP);
    }
    let builder = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(Glass));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone));
    let mut config = match certified {
        true => builder.with_client_cert_resolver(glass::client_certificate()),
        false => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.enable_early_data = true;
    Arc::new(config)
}

/// Everything that a client sends to the end of its handshake and a little beyond; `None` if the
/// server does not serve it.
fn says(server: &Server, config: &Arc<ClientConfig>) -> Option<Vec<u8>> {
    says_early(server, config, &[b"early words"])
}

/// The same with this early data, a record each.
fn says_early(
    server: &Server,
    config: &Arc<ClientConfig>,
    early_data: &[&[u8]],
) -> Option<Vec<u8>> {
    let name = "localhost".try_into().unwrap();
    let mut client = ClientConnection::new(Arc::clone(config), name).unwrap();
    let mut connection = RustlsServer::new(server);
    for record in early_data {
        if let Some(mut early) = client.early_data() {
            early.write_all(record).unwrap();
        }
    }
    let mut said = Vec::new();
    while client.wants_write() {
        let mut flight = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut flight).unwrap();
        }
        said.extend(&flight);
        let flight = connection.answer(&flight)?;
        client.read_tls(&mut &flight[..]).unwrap();
        client.process_new_packets().ok()?;
    }
    client.writer().write_all(b"a request").unwrap();
    client.send_close_notify();
    while client.wants_write() {
        client.write_tls(&mut said).unwrap();
    }
    Some(said)
}

/// What may become of the bytes: of each record left out, sent twice, spoilt, cut in two, of another
/// type, or with another or two in front of it; and another after all of them.
pub(crate) fn altered(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for record in Records::new(bytes, LengthLimit::TLS12_CIPHERTEXT) {
        records.push((record.header.content_type, record.payload.to_vec()));
    }
    // after the close_notify: of the types that are looked at once they are opened
    let types = [
        ContentType::CHANGE_CIPHER_SPEC,
        ContentType::ALERT,
        ContentType::APPLICATION_DATA,
    ];
    let behind = inserted().into_iter();
    let behind = behind.filter(|(of, _)| types.contains(of));
    let behind = behind.map(|(of, payload)| [bytes, &record(of, &payload)].concat());
    let mut all: Vec<_> = behind.collect();
    for at in 0..records.len() {
        let mut with = |instead: &[(ContentType, Vec<u8>)]| {
            let (before, behind) = (&records[..at], &records[at + 1..]);
            let records = before.iter().chain(instead).chain(behind);
            all.push(
                records
                    .flat_map(|(of, payload)| record(*of, payload))
                    .collect(),
            );
        };
        let one @ (of, payload) = &records[at];
        let half = payload.split_at(payload.len() / 2);
        let flipped = |at: usize| {
            let mut payload = payload.clone();
            payload[at] ^= 1;
            (*of, payload)
        };
        with(&[]);
        with(&[one.clone(), one.clone()]);
        with(&[(*of, half.0.to_vec()), (*of, half.1.to_vec())]);
        with(&[(*of, half.0.to_vec())]);
        with(&[flipped(0)]);
        with(&[flipped(payload.len() - 1)]);
        with(&[flipped(payload.len().saturating_sub(TAG.len() + 2))]);
        for other in inserted() {
            with(&[other, one.clone()]);
        }
        // the second is not looked at if the first closes
        let [sealed, plain] = [true, false].map(close_notify);
        with(&[sealed, plain, one.clone()]);
    }
    all
}

fn record(content_type: ContentType, payload: &[u8]) -> Vec<u8> {
    wire::record(content_type, ProtocolVersion::TLS_1_2, payload)
}

/// A `close_notify`, encrypted as in TLS 1.3 or in plaintext.
fn close_notify(sealed: bool) -> (ContentType, Vec<u8>) {
    match sealed {
        true => sealed_as(ContentType::ALERT, &[1, 0]),
        false => (ContentType::ALERT, vec![1, 0]),
    }
}

/// A record of TLS 1.3 with this content.
fn sealed_as(of: ContentType, content: &[u8]) -> (ContentType, Vec<u8>) {
    let inner = [content, &[of.0], &TAG].concat();
    (ContentType::APPLICATION_DATA, inner)
}

/// Records that may come where none is expected, in plaintext and sealed.
fn inserted() -> Vec<(ContentType, Vec<u8>)> {
    let sealed = |content: &[u8], of: ContentType| sealed_as(of, content);
    let mut all = Vec::new();
    for alert in [[1, 0], [1, 90], [2, 40], [2, 0]] {
        all.push((ContentType::ALERT, alert.to_vec()));
        all.push((ContentType::ALERT, [&alert[..], &TAG].concat()));
        all.push(sealed(&alert, ContentType::ALERT));
    }
    let key_update = [24, 0, 0, 1, 1];
    all.extend([
        (ContentType::CHANGE_CIPHER_SPEC, vec![1]),
        (ContentType::CHANGE_CIPHER_SPEC, vec![2]),
        (ContentType::HANDSHAKE, vec![]),
        (ContentType::HANDSHAKE, key_update.to_vec()),
        (ContentType::HEARTBEAT, vec![1, 0, 0]),
        (ContentType::APPLICATION_DATA, vec![]),
        (ContentType::APPLICATION_DATA, TAG.to_vec()),
        (ContentType(99), vec![1]),
        sealed(&key_update, ContentType::HANDSHAKE),
        sealed(b"words", ContentType::APPLICATION_DATA),
        sealed(&[], ContentType::HANDSHAKE),
        sealed(&[20, 0, 0], ContentType::HANDSHAKE),
        sealed(&[1], ContentType::CHANGE_CIPHER_SPEC),
        sealed(&[1], ContentType(99)),
    ]);
    all
}
