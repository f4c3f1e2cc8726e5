//! What becomes of a client whose handshake is complete: what it agreed on, what it says, and whether
//! it fails.

use std::io::Read;

use lastword_acceptor::record::{ContentType, LengthLimit, ProtocolVersion, Records};
use lastword_acceptor::{ClientHello, Connection, Error, Handshake, Progress};

use crate::glass::TAG;

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

    fn of(connection: &Connection) -> Self {
        Self {
            version: connection.protocol_version(),
            server_name: connection.server_name().map(str::to_owned),
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            early_data: None,
            plaintext: Vec::new(),
            fails: false,
        }
    }

    fn read(&mut self, connection: &mut Connection) {
        if let Some(mut early_data) = connection.early_data() {
            let read = self.early_data.get_or_insert_default();
            early_data.read_to_end(read).unwrap();
        }
        // it ends where there is no more, or the client closes
        while let Ok(chunk @ [_, ..]) = connection.plaintext() {
            self.plaintext.extend(chunk);
            let len = chunk.len();
            connection.consume(len);
        }
    }

    /// That it is what the client sent in these bytes that was read, and all of it while the connection
    /// is open. Early data that was skipped came before it.
    fn is_sent(&self, bytes: &[u8], is_open: bool) {
        let early_data = self.early_data.as_deref().unwrap_or_default();
        let read = [early_data, &self.plaintext].concat();
        let sent = application_data(bytes, self.version);
        let is_sent = match is_open {
            true => sent.ends_with(&read),
            false => read.is_empty() || sent.windows(read.len()).any(|it| it == read),
        };
        assert!(is_sent, "{read:02x?} read of {sent:02x?}");
    }
}

/// The application data in these records, which is encrypted to itself.
fn application_data(bytes: &[u8], version: Option<ProtocolVersion>) -> Vec<u8> {
    let records = Records::new(bytes, LengthLimit::TLS12_CIPHERTEXT);
    let contents = records.filter_map(|record| {
        let opened = record.payload.strip_suffix(&TAG)?;
        let (of, content) = match version {
            // behind the content is its type, and then zeros; rustls 0.23 ignores the type in the header
            Some(ProtocolVersion::TLS_1_3) => {
                let end = opened.iter().rposition(|byte| *byte != 0)?;
                (ContentType(opened[end]), &opened[..end])
            }
            _ => (record.header.content_type, opened),
        };
        (of == ContentType::APPLICATION_DATA).then_some(content)
    });
    contents.flatten().copied().collect()
}

/// Sends a connection these chunks, the last of a client's bytes, reads all that it has to read and writes all it has to write.
pub(crate) fn run<'a>(
    mut connection: Connection,
    bytes: &[u8],
    chunks: impl Iterator<Item = &'a [u8]>,
    output: &mut Vec<u8>,
) -> Established {
    let mut established = Established::of(&connection);
    established.read(&mut connection);
    established.fails = connection.kept_error().is_some();
    for mut chunk in chunks {
        while !chunk.is_empty() && !established.fails {
            match connection.read_tls(&mut chunk) {
                Ok(0) => break, // it has closed
                Ok(_) => established.fails = connection.process().is_err(),
                Err(_) => established.fails = true,
            }
            established.read(&mut connection);
        }
    }
    // at the end of a client that has closed there is nothing to wait for
    let is_open = !established.fails && connection.plaintext().is_err();
    established.is_sent(bytes, is_open);
    while connection.wants_write() {
        connection.write_tls(output).unwrap();
    }
    established
}

/// What was agreed on is what the first ClientHello offers: the application chose by it.
pub(crate) fn agrees(connection: &Connection, mut bytes: &[u8]) {
    let progress = Handshake::default().receive(&mut bytes);
    let Ok(Progress::ClientHello(accepted)) = progress else {
        panic!("complete without a ClientHello: {progress:?}");
    };
    let hello = accepted.client_hello();
    assert_eq!(connection.server_name(), accepted.server_name());
    if let Some(protocol) = connection.alpn_protocol() {
        let mut offered = hello.alpn().unwrap();
        assert!(offered.any(|it| it == protocol), "{protocol:02x?}");
    }
    offers_suite(connection, &hello);
}

fn offers_suite(connection: &Connection, hello: &ClientHello<'_>) {
    let suite = connection.negotiated_cipher_suite().unwrap();
    assert!(hello.cipher_suites().contains(suite), "{suite}");
}
