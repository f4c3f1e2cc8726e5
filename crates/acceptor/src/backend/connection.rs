//! The TLS connection that a handshake ends at: its records, its plaintext, and what was negotiated.

use std::fmt;
use std::io::{self, BufRead as _, IoSlice, Read, Write};
use std::sync::Arc;

use lastword_hello::{AlpnProtocol, CipherSuite, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::pki_types::CertificateDer;
use rustls::server::ReadEarlyData;
use rustls::{ServerConfig, ServerConnection};

use super::error::RustlsError;

/// A TLS connection of a server, without IO.
///
/// - Records: while it [wants to write](Self::wants_write), call [`write_tls`](Self::write_tls); while it
///   [wants to read](Self::wants_read), call [`read_tls`](Self::read_tls) and then
///   [`process`](Self::process).
/// - Plaintext: [`plaintext`](Self::plaintext) and [`consume`](Self::consume) read it,
///   [`write`](Self::write) and [`write_vectored`](Self::write_vectored) write it.
/// - What was negotiated: the methods have the names of rustls's, and types of this workspace.
///
/// It is rustls's `ServerConnection`. [`as_rustls`](Self::as_rustls) and
/// [`into_rustls`](Self::into_rustls) give that, for whatever has no method here. Code that calls them
/// depends on the version of rustls.
///
/// Its `Display` is one line for a log: version, cipher suite, application protocol, server name.
pub struct Connection {
    pub(super) inner: Box<ServerConnection>,
}

/// Which kind of handshake was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HandshakeKind {
    /// A full handshake.
    Full,
    /// A full handshake with a HelloRetryRequest (RFC 8446 section 4.1.4).
    FullWithHelloRetryRequest,
    /// A session was resumed (RFC 8446 section 2.2).
    Resumed,
}

impl Connection {
    pub(crate) fn new(config: &Arc<ServerConfig>) -> Result<Self, RustlsError> {
        let inner = Box::new(ServerConnection::new(Arc::clone(config))?);
        Ok(Self { inner })
    }

    /// Whether it reads more records now. It does not while it holds plaintext that nobody has read.
    #[must_use]
    #[inline]
    pub fn wants_read(&self) -> bool {
        self.inner.wants_read()
    }

    /// Whether it has records to write.
    #[must_use]
    #[inline]
    pub fn wants_write(&self) -> bool {
        self.inner.wants_write()
    }

    /// Reads once from `rd`, at most 4 KiB with rustls 0.23: the number of bytes. Call
    /// [`process`](Self::process) afterwards.
    ///
    /// # Errors
    ///
    /// The errors of `rd`; an error of the kind `Other` if plaintext must be read first.
    #[inline]
    pub fn read_tls(&mut self, rd: &mut dyn Read) -> io::Result<usize> {
        self.inner.read_tls(rd)
    }

    /// Writes once to `wr`: the number of bytes. What `wr` does not take is not lost.
    ///
    /// # Errors
    ///
    /// The errors of `wr`.
    #[inline]
    pub fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        self.inner.write_tls(wr)
    }

    /// Processes the records that were read.
    ///
    /// # Errors
    ///
    /// If a record fails. Its alert is then among what is to be written, and later calls return the same
    /// error.
    #[inline]
    pub fn process(&mut self) -> Result<(), RustlsError> {
        match self.inner.process_new_packets() {
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The plaintext that has come and is not [consumed](Self::consume); empty after the client's
    /// `close_notify`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none has come; `UnexpectedEof` if the stream has ended without `close_notify`.
    #[inline]
    pub fn plaintext(&mut self) -> io::Result<&[u8]> {
        self.inner.reader().into_first_chunk()
    }

    /// Takes `n` bytes off the front of the [plaintext](Self::plaintext).
    #[inline]
    pub fn consume(&mut self, n: usize) {
        self.inner.reader().consume(n);
    }

    /// Encrypts plaintext: how many bytes of it were taken, 64 KiB at the most that is not yet written.
    ///
    /// # Errors
    ///
    /// None with rustls 0.23.
    #[inline]
    pub fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        self.inner.writer().write(plaintext)
    }

    /// Encrypts plaintext in several parts, as [`write`](Self::write) does.
    ///
    /// # Errors
    ///
    /// None with rustls 0.23.
    #[inline]
    pub fn write_vectored(&mut self, plaintext: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.writer().write_vectored(plaintext)
    }

    /// Queues `close_notify` (RFC 8446 section 6.1). Does nothing if an alert has been queued before.
    pub fn send_close_notify(&mut self) {
        self.inner.send_close_notify();
    }

    /// The early data that the client sent and the server accepted; `None` if it accepted none.
    ///
    /// # Security
    ///
    /// Early data can be replayed: who saw it can send it again, to this server or to another that
    /// shares its tickets (RFC 8446 section 8). Use it only for what may happen more than once.
    pub fn early_data(&mut self) -> Option<EarlyData<'_>> {
        self.inner.early_data().map(EarlyData)
    }

    /// The protocol version, from the ServerHello on.
    #[must_use]
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        let version = self.inner.protocol_version()?;
        Some(ProtocolVersion(version.into()))
    }

    /// The cipher suite, from the ServerHello on.
    #[must_use]
    pub fn negotiated_cipher_suite(&self) -> Option<CipherSuite> {
        let suite = self.inner.negotiated_cipher_suite()?;
        Some(CipherSuite(suite.suite().into()))
    }

    /// The group of the key exchange; `None` for a resumed session without one.
    #[must_use]
    pub fn negotiated_key_exchange_group(&self) -> Option<NamedGroup> {
        let group = self.inner.negotiated_key_exchange_group()?;
        Some(NamedGroup(group.name().into()))
    }

    /// Which kind of handshake was made, once that is known.
    #[must_use]
    pub fn handshake_kind(&self) -> Option<HandshakeKind> {
        Some(match self.inner.handshake_kind()? {
            rustls::HandshakeKind::Full => HandshakeKind::Full,
            rustls::HandshakeKind::FullWithHelloRetryRequest => {
                HandshakeKind::FullWithHelloRetryRequest
            }
            rustls::HandshakeKind::Resumed => HandshakeKind::Resumed,
        })
    }

    /// The application protocol (RFC 7301), if one was agreed on.
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.inner.alpn_protocol()
    }

    /// The server name that the client asked for, in lower case.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.inner.server_name()
    }

    /// The certificates of the client, its own first, if it sent any. Those of a resumed session are
    /// those that its first handshake had.
    #[must_use]
    pub fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        self.inner.peer_certificates()
    }

    /// rustls's connection.
    #[must_use]
    pub fn as_rustls(&self) -> &ServerConnection {
        &self.inner
    }

    /// rustls's connection, to change it.
    #[must_use]
    pub fn as_rustls_mut(&mut self) -> &mut ServerConnection {
        &mut self.inner
    }

    /// rustls's connection. What it still has to write is in it.
    #[must_use]
    pub fn into_rustls(self) -> Box<ServerConnection> {
        self.inner
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(version) = self.protocol_version() {
            write!(f, "{version}")?;
        }
        if let Some(suite) = self.negotiated_cipher_suite() {
            write!(f, ", {suite}")?;
        }
        if let Some(protocol) = self.alpn_protocol() {
            write!(f, ", {}", AlpnProtocol(protocol))?;
        }
        match self.server_name() {
            Some(name) => write!(f, ", name {name}"),
            None => f.write_str(", no name"),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("protocol_version", &self.protocol_version())
            .field("negotiated_cipher_suite", &self.negotiated_cipher_suite())
            .field("handshake_kind", &self.handshake_kind())
            .field("wants_write", &self.wants_write())
            .finish_non_exhaustive()
    }
}

/// Accepted early data, to be read.
pub struct EarlyData<'a>(ReadEarlyData<'a>);

impl Read for EarlyData<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl fmt::Debug for EarlyData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EarlyData").finish_non_exhaustive()
    }
}
