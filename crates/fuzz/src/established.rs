//! What becomes of a client whose handshake is complete: what it agreed on, what it says, and whether
//! it fails.

use std::io::Read;

use lastword_acceptor::record::ProtocolVersion;
use lastword_acceptor::{Acceptor, ClientHello, Error, Step};
use rustls::ServerConnection;

/// A client that was served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Established {
    version: Option<ProtocolVersion>,
    server_name: Option<String>,
    alpn: Option<Vec<u8>>,
    early_data: Option<Vec<u8>>,
    plaintext: Vec<u8>,
    /// Whether what it sent after its handshake, up to the last byte, is an error.
    pub(crate) fails: bool,
}

impl Established {
    /// One that failed before it said anything.
    pub(crate) fn failed(error: &Error) -> Self {
        Self {
            version: error.versions().first().copied(),
            server_name: error.server_name().map(str::to_owned),
            alpn: error.alpn().next().map(<[u8]>::to_vec),
            early_data: None,
            plaintext: Vec::new(),
            fails: true,
        }
    }

    /// Whether early data was accepted.
    pub(crate) fn has_early_data(&self) -> bool {
        self.early_data.as_ref().is_some_and(|it| !it.is_empty())
    }

    fn of(connection: &ServerConnection) -> Self {
        Self {
            version: connection
                .protocol_version()
                .map(|version| ProtocolVersion(version.into())),
            server_name: connection.server_name().map(str::to_owned),
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            early_data: None,
            plaintext: Vec::new(),
            fails: false,
        }
    }

    fn read(&mut self, connection: &mut ServerConnection) {
        if let Some(mut early_data) = connection.early_data() {
            let read = self.early_data.get_or_insert_default();
            early_data.read_to_end(read).unwrap();
        }
        // it ends where there is no more, or the client closes
        drop(connection.reader().read_to_end(&mut self.plaintext));
    }
}

/// Sends a connection these bytes, reads all that it has to read and writes all it has to write.
pub(crate) fn run<'a>(
    mut connection: ServerConnection,
    chunks: impl Iterator<Item = &'a [u8]>,
    output: &mut Vec<u8>,
) -> Established {
    let mut established = Established::of(&connection);
    established.read(&mut connection);
    established.fails = has_failed(&mut connection);
    for mut chunk in chunks {
        while !chunk.is_empty() && !established.fails {
            match connection.read_tls(&mut chunk) {
                Ok(0) => break, // it has closed
                Ok(_) => established.fails = connection.process_new_packets().is_err(),
                Err(_) => established.fails = true,
            }
            established.read(&mut connection);
        }
    }
    while connection.wants_write() {
        connection.write_tls(output).unwrap();
    }
    established
}

/// Whether what came in the read of the Finished failed, once all plaintext is read.
///
/// rustls 0.23.46 panics if it is to process nothing after a `close_notify`, and an empty handshake
/// record before that.
pub(crate) fn has_failed(connection: &mut ServerConnection) -> bool {
    let is_closed = !connection.wants_read();
    !is_closed && connection.process_new_packets().is_err()
}

/// What was agreed on is what the first ClientHello offers: the application chose by it.
pub(crate) fn agrees(connection: &ServerConnection, mut bytes: &[u8]) {
    let step = Acceptor::default().receive(&mut bytes);
    let Ok(Step::ClientHello(accepted)) = step else {
        panic!("complete without a ClientHello: {step:?}");
    };
    let hello = accepted.client_hello();
    assert_eq!(connection.server_name(), accepted.server_name());
    if let Some(protocol) = connection.alpn_protocol() {
        let mut offered = hello.alpn().unwrap();
        assert!(offered.any(|it| it == protocol), "{protocol:02x?}");
    }
    offers_suite(connection, &hello);
}

fn offers_suite(connection: &ServerConnection, hello: &ClientHello<'_>) {
    let suite = connection.negotiated_cipher_suite().unwrap().suite();
    let suite = u16::from(suite).to_be_bytes();
    let mut offered = hello.cipher_suites().as_bytes().chunks(2);
    assert!(offered.any(|it| it == suite), "{suite:02x?}");
}
