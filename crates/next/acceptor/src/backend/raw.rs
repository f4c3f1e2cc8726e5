//! Continues a handshake with rustls's own connection.

use rustls::{Connection as Rustls, KeyingMaterialExporter, ServerSide, Tcp};

use super::config::Config;
use super::connection::Connection;
use crate::accepted::Accepted;
use crate::error_and_alert::ErrorAndAlert;

/// A connection of rustls, and the contents of its buffers, which rustls 0.24 leaves to its caller.
#[derive(Debug)]
#[non_exhaustive]
pub struct RustlsConnection {
    /// The connection.
    pub connection: Rustls<ServerSide, Tcp>,
    /// Bytes of the client that rustls has seen, and still needs. They are the first bytes of its next
    /// input, and must not change.
    pub input: Vec<u8>,
    /// Plaintext that is not yet read.
    pub plaintext: Vec<u8>,
    /// Early data that is not yet read (RFC 8446 section 2.3).
    pub early_data: Vec<u8>,
    /// Exports keys of the early data; `None` if none was accepted.
    pub early_exporter: Option<KeyingMaterialExporter>,
    /// Records that are still to be written.
    pub output: Vec<u8>,
}

impl Accepted {
    /// Answers the ClientHello, to continue with rustls's own connection.
    ///
    /// The answer is in [`RustlsConnection::output`]: write it first. rustls finds all later errors, and
    /// you deliver their alerts. A second ClientHello, after a HelloRetryRequest, is not compared with
    /// the first. [`into_handshake`](Self::into_handshake) does all of this.
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree. The phase is then
    /// [`Phase::ServerHello`](crate::Phase::ServerHello).
    pub fn into_connection(self, config: &Config) -> Result<RustlsConnection, ErrorAndAlert> {
        let (connection, _) = self.answer_with(config, |it| Connection::new(it.bound()))?;
        Ok(connection.inner.rustls.into_parts())
    }
}
