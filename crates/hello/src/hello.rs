//! A ClientHello that has arrived whole, with the bytes it arrived in.

use alloc::vec::Vec;

use lastword_record::{ContentType, Deframed, Header, LengthLimit, deframe};

use crate::client_hello::ClientHello;
use crate::layout::Layout;
use crate::malformed::Malformed;

/// A whole ClientHello: the bytes exactly as they came, and the message in them.
///
/// Look at it with [`client_hello`](Self::client_hello), which does not parse again. Memory: the
/// bytes received, once; and the message once more if it came in several records.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The records as received, then the message if it had to be joined.
    bytes: Vec<u8>,
    /// How many of the bytes are records as received.
    received: usize,
    /// Where in the bytes the message begins. It goes on to their end.
    message: usize,
    layout: Layout,
}

impl Hello {
    /// Takes records that end with the ClientHello's last one. `len`: the message's length.
    pub(crate) fn new(mut bytes: Vec<u8>, len: usize) -> Result<Self, (Malformed, Vec<u8>)> {
        let received = bytes.len();
        let in_one_record = received == Header::LEN + len;
        if !in_one_record {
            join(&mut bytes, len);
        }
        let message = bytes.len() - len;
        match ClientHello::parse(bytes.get(message..).unwrap_or_default()) {
            Ok(hello) => {
                let layout = hello.layout();
                Ok(Self {
                    bytes,
                    received,
                    message,
                    layout,
                })
            }
            Err(malformed) => {
                bytes.truncate(received);
                Err((malformed, bytes))
            }
        }
    }

    /// What the ClientHello says.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        ClientHello::from_layout(self.message(), self.layout)
    }

    /// The handshake message, its header of four bytes included and joined if it came in several
    /// records: what the transcript begins with.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        self.bytes.get(self.message..).unwrap_or_default()
    }

    /// Every byte that was received, exactly: all records to the one that ends the ClientHello.
    #[must_use]
    pub fn received(&self) -> &[u8] {
        self.bytes.get(..self.received).unwrap_or_default()
    }

    /// The same bytes as [`received`](Self::received), without a copy: to forward to a server
    /// that terminates TLS, or to answer in another protocol.
    #[must_use]
    pub fn into_received(mut self) -> Vec<u8> {
        self.bytes.truncate(self.received);
        self.bytes
    }
}

/// Appends the message of `len` bytes to the records it is spread over.
fn join(bytes: &mut Vec<u8>, len: usize) {
    bytes.reserve_exact(len);
    let (mut start, end) = (0, bytes.len());
    while let Ok(Deframed::Record(record, _)) = deframe(
        bytes.get(start..end).unwrap_or_default(),
        LengthLimit::PLAINTEXT,
    ) {
        let payload = start + Header::LEN;
        start = payload + record.payload.len();
        if record.header.content_type == ContentType::HANDSHAKE {
            bytes.extend_from_within(payload..start);
        }
    }
}
