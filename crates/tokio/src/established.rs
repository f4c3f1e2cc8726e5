//! A handshake that succeeded.

use std::fmt;
use std::time::Duration;

use rustls::ServerConnection;

use crate::TlsStream;

/// A handshake that succeeded: the stream, and what there is to say of it.
///
/// Its `Display` is one line for a log.
#[derive(Debug)]
#[must_use = "dropped, it closes the connection"]
pub struct Established<IO> {
    stream: TlsStream<IO>,
    elapsed: Duration,
}

impl<IO> Established<IO> {
    pub(crate) const fn new(stream: TlsStream<IO>, elapsed: Duration) -> Self {
        Self { stream, elapsed }
    }

    /// The stream, to read and write plaintext.
    #[must_use]
    pub fn into_stream(self) -> TlsStream<IO> {
        self.stream
    }

    /// What was negotiated, and all else that rustls knows of the connection.
    #[must_use]
    pub fn connection(&self) -> &ServerConnection {
        self.stream.get_ref().1
    }

    /// The stream below.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.stream.get_ref().0
    }

    /// How long the handshake took.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl<IO> From<Established<IO>> for TlsStream<IO> {
    fn from(established: Established<IO>) -> Self {
        established.stream
    }
}

impl<IO> fmt::Display for Established<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connection = self.connection();
        if let Some(version) = connection.protocol_version() {
            write!(f, "{}", crate::acceptor::ProtocolVersion(version.into()))?;
        }
        if let Some(suite) = connection.negotiated_cipher_suite() {
            write!(f, ", {:?}", suite.suite())?;
        }
        if let Some(protocol) = connection.alpn_protocol() {
            write!(f, ", {}", protocol.escape_ascii())?;
        }
        match connection.server_name() {
            Some(name) => write!(f, ", name {name}"),
            None => f.write_str(", no name"),
        }
    }
}
