//! The TLS connection of a completed handshake: its records, its plaintext, and what was negotiated.

use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::sync::{Arc, OnceLock};

use lastword_alert::AlertDescription;
use lastword_hello::AlpnProtocol;
use lastword_record::{HandshakeType, ProtocolVersion};
use rustls::enums::ContentType;
use rustls::error::InvalidMessage;
use rustls::pki_types::CertificateDer;
use rustls::{Connection as Rustls, ServerConfig, ServerSide, Tcp};

use super::buffered::{Buffered, Bytes};
use super::config::Config;
use super::error::RustlsError;
use super::raw::RustlsConnection;
use super::seal::Seal;
use super::served::Served;
use crate::connection_error::ConnectionError;
use crate::error::ErrorKind;
use crate::established::{Following, Position};
use crate::gate::RecordError;
use crate::handshake_info;
use crate::messages::{MOST, Messages, Proof};

/// A TLS connection of a server, without IO.
///
/// - Records: while it [wants to write](Self::wants_write), call [`write_tls`](Self::write_tls). While
///   it [wants to read](Self::wants_read), call [`read_tls`](Self::read_tls) and then
///   [`process`](Self::process).
/// - Plaintext: [`plaintext`](Self::plaintext) and [`consume`](Self::consume) read it,
///   [`write`](Self::write) and [`write_vectored`](Self::write_vectored) write it.
/// - What was negotiated: the methods have rustls's names, and return types of this workspace.
///
/// It wraps rustls's `Connection`. [`as_rustls`](Self::as_rustls) and
/// [`into_rustls`](Self::into_rustls) return that. Code that calls them depends on the version of
/// rustls.
///
/// Its `Display` is one line for a log: version, cipher suite, application protocol, server name.
///
/// ```
/// use lastword_acceptor::{Connection, ProtocolVersion};
///
/// /// Sends back what the client sent in these records. Then write what it wants to write.
/// fn echo(connection: &mut Connection, mut tls: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
///     connection.read_tls(&mut tls)?;
///     connection.process()?;
///     let received = connection.plaintext()?.to_vec();
///     let taken = connection.write(&received)?;
///     connection.consume(taken);
///     Ok(())
/// }
///
/// /// Returns whether the client speaks HTTP/2 over TLS 1.3.
/// fn is_modern(connection: &Connection) -> bool {
///     connection.alpn_protocol() == Some(b"h2")
///         && connection.protocol_version() == Some(ProtocolVersion::TLS_1_3)
/// }
///
/// fn log(connection: &Connection) {
///     println!("for {}", connection.server_name().unwrap_or("no name"));
///     println!("suite {:?}", connection.negotiated_cipher_suite());
///     println!("group {:?}", connection.negotiated_key_exchange_group());
///     println!("scheme {:?}", connection.signature_scheme());
///     println!("has a certificate: {}", connection.peer_certificates().is_some());
/// }
/// ```
pub struct Connection {
    pub(super) inner: Box<Inner>,
}

/// rustls's connection, in one allocation with what this crate keeps of it.
pub(super) struct Inner {
    pub(super) rustls: Buffered,
    /// The client's certificates in one slice, once they are asked for.
    pub(super) peer: OnceLock<Vec<CertificateDer<'static>>>,
    /// `None` if rustls encrypts everything: without shared keys, and after the handshake. In a box,
    /// because most connections have none.
    pub(super) seal: Option<Box<Seal>>,
    /// Whether rustls has processed the ClientHello without an error.
    pub(super) has_answered: bool,
    /// The first error after the handshake.
    kept: Option<ConnectionError>,
    /// `None` for a connection that is only for a check of the configuration.
    pub(super) config: Option<Config>,
    /// The client's messages of TLS 1.2 after the ServerHello. In TLS 1.3 they are encrypted.
    messages: Messages,
    /// The certificate for the client, if the resolver has returned one.
    pub(super) served: Option<Served>,
    /// The last alert in plaintext that did not end the connection.
    warning: Option<AlertDescription>,
    /// How many bytes arrived after the ClientHello was answered.
    received_since: u32,
    /// The position in the client's records after the handshake.
    position: Position,
    handshake: handshake_info::Kept,
}

/// The kind of a handshake.
///
/// ```
/// use lastword_acceptor::{Connection, HandshakeKind};
///
/// fn is_resumed(connection: &Connection) -> bool {
///     connection.handshake_kind() == Some(HandshakeKind::Resumed)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HandshakeKind {
    /// A full handshake.
    Full,
    /// A full handshake with a HelloRetryRequest (RFC 8446 section 4.1.4).
    FullWithHelloRetryRequest,
    /// A resumption of an earlier session (RFC 8446 section 2.2).
    Resumed,
}

impl Connection {
    /// Makes a connection whose records rustls encrypts.
    pub(crate) fn new(config: &Arc<ServerConfig>) -> Result<Self, RustlsError> {
        Self::with_seal(config, None, None)
    }

    /// Makes a connection that shares its keys, if the configuration's provider allows it.
    pub(crate) fn shared(config: &Config) -> Result<Self, RustlsError> {
        let seal = config.encrypts_alerts().then(Box::default);
        Self::with_seal(config.noting(), seal, Some(config.clone()))
    }

    fn with_seal(
        rustls: &Arc<ServerConfig>,
        seal: Option<Box<Seal>>,
        config: Option<Config>,
    ) -> Result<Self, RustlsError> {
        let rustls = Buffered::new(Arc::clone(rustls))?;
        let inner = Box::new(Inner {
            rustls,
            peer: OnceLock::new(),
            seal,
            has_answered: false,
            kept: None,
            config,
            messages: Messages::default(),
            served: None,
            warning: None,
            received_since: 0,
            position: Position::new(true, 0),
            handshake: handshake_info::Kept::default(),
        });
        Ok(Self { inner })
    }

    /// Returns whether it wants to read more records now. It does not while it holds unread
    /// plaintext.
    #[must_use]
    #[inline]
    pub fn wants_read(&self) -> bool {
        self.inner.rustls.wants_read()
    }

    /// Returns whether it has records to write.
    #[must_use]
    #[inline]
    pub fn wants_write(&self) -> bool {
        self.inner.rustls.wants_write()
            || self.inner.seal.as_ref().is_some_and(|it| it.wants_write())
    }

    /// Reads once from `rd`, at most 4 KiB or the rest of a record, and returns the number of bytes. Call
    /// [`process`](Self::process) afterwards.
    ///
    /// ```
    /// use std::io::{Read, Result};
    /// use lastword_acceptor::Connection;
    ///
    /// /// Reads once from the client. Returns false at the end of the stream.
    /// fn read(connection: &mut Connection, stream: &mut impl Read) -> Result<bool> {
    ///     if !connection.wants_read() {
    ///         return Ok(true); // there is plaintext to read first
    ///     }
    ///     let len = connection.read_tls(stream)?;
    ///     connection.process().map_err(std::io::Error::other)?; // its alert is queued
    ///     Ok(len > 0)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of `rd`, and an error of the kind `Other` if plaintext must be read first.
    #[inline]
    pub fn read_tls<R: Read + ?Sized>(&mut self, rd: &mut R) -> io::Result<usize> {
        let Inner {
            rustls, position, ..
        } = &mut *self.inner;
        let records = rd;
        rustls.read_tls(&mut Following { records, position })
    }

    /// Writes once to `wr` and returns the number of bytes. Bytes that `wr` does not take are kept.
    ///
    /// ```
    /// use std::io::{ErrorKind, Result, Write};
    /// use lastword_acceptor::Connection;
    ///
    /// /// Writes all records.
    /// fn write_all(connection: &mut Connection, stream: &mut impl Write) -> Result<()> {
    ///     while connection.wants_write() {
    ///         if connection.write_tls(stream)? == 0 {
    ///             return Err(ErrorKind::WriteZero.into());
    ///         }
    ///     }
    ///     stream.flush()
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of `wr`. With [encrypted alerts](crate::encrypted_alerts) also `InvalidData`, if the
    /// crypto provider cannot encrypt a record of the handshake.
    #[inline]
    pub fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        match self.inner.seal {
            None => self.inner.rustls.write_tls(wr),
            Some(_) => self.write_sealed(wr),
        }
    }

    /// Processes the records that were read.
    ///
    /// ```
    /// use lastword_acceptor::Connection;
    ///
    /// fn process(connection: &mut Connection) -> bool {
    ///     match connection.process() {
    ///         Ok(()) => true,
    ///         Err(error) => {
    ///             eprintln!("{error}"); // write what is queued, its alert, and close
    ///             false
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If a record fails. Its alert is then queued to be written, and later calls return the same
    /// error.
    #[inline]
    pub fn process(&mut self) -> Result<(), ConnectionError> {
        if let Some(kept) = self.kept() {
            return Err(kept.clone());
        }
        match self.process_rustls() {
            Ok(()) => Ok(()),
            Err(error) => {
                let error = match self.refused(&error) {
                    Some(refused) => ConnectionError::new(ErrorKind::Record(refused), self),
                    None => ConnectionError::of_rustls(error, self),
                };
                self.keep(error.clone());
                Err(error)
            }
        }
    }

    /// Follows the client's records from here. `left`: how many bytes are still to come of a record
    /// that rustls has in part.
    pub(crate) fn follow_from(&mut self, left: u16) {
        let is_tls13 = self.protocol_version() == Some(ProtocolVersion::TLS_1_3);
        self.inner.position = Position::new(is_tls13, left);
    }

    /// Returns the record after the handshake that is refused, if rustls has failed at it, and not at
    /// a record before it.
    pub(crate) fn refused(&self, error: &RustlsError) -> Option<RecordError> {
        let refused = self.inner.position.refused()?;
        let is_at_it = match (refused, error.as_rustls()) {
            (RecordError::TooLong(_), rustls::Error::InvalidMessage(invalid)) => {
                *invalid == InvalidMessage::MessageTooLarge
            }
            (_, rustls::Error::InappropriateMessage { got_type, .. }) => {
                *got_type == ContentType::ChangeCipherSpec
            }
            _ => false,
        };
        is_at_it.then_some(refused)
    }

    /// Makes rustls process the records that were read.
    pub(super) fn process_rustls(&mut self) -> Result<(), RustlsError> {
        let Inner { rustls, seal, .. } = &mut *self.inner;
        let processed = match seal {
            None => rustls.process_new_packets(),
            Some(seal) => {
                // what is deferred afterwards is the answer to this record
                seal.take_deferred(rustls);
                let changes_keys = rustls.begins_with_change_cipher_spec();
                seal.driving(changes_keys, || rustls.process_new_packets())
            }
        };
        processed.map_err(Into::into)
    }

    /// Returns the error that is kept.
    pub(super) fn kept(&self) -> Option<&ConnectionError> {
        self.inner.kept.as_ref()
    }

    /// Keeps the first error after the handshake.
    pub(crate) fn keep(&mut self, error: ConnectionError) {
        self.inner.kept = Some(error);
    }

    pub(crate) fn handshake_kept(&self) -> &handshake_info::Kept {
        &self.inner.handshake
    }

    pub(crate) fn handshake_kept_mut(&mut self) -> &mut handshake_info::Kept {
        &mut self.inner.handshake
    }

    /// Returns the received plaintext that is not yet [consumed](Self::consume); empty after the
    /// client's `close_notify`.
    ///
    /// ```
    /// use std::io::{ErrorKind, Result};
    /// use lastword_acceptor::Connection;
    ///
    /// /// Takes the plaintext that has arrived; `None` after the client's `close_notify`.
    /// fn take(connection: &mut Connection) -> Result<Option<Vec<u8>>> {
    ///     let received = match connection.plaintext() {
    ///         Ok([]) => return Ok(None),
    ///         Ok(received) => received.to_vec(),
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Some(Vec::new())),
    ///         Err(error) => return Err(error),
    ///     };
    ///     connection.consume(received.len());
    ///     Ok(Some(received))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none yet; `UnexpectedEof` if the stream has ended without
    /// `close_notify`.
    #[inline]
    pub fn plaintext(&mut self) -> io::Result<&[u8]> {
        self.inner.rustls.plaintext()
    }

    /// Removes `n` bytes from the front of the [plaintext](Self::plaintext).
    ///
    /// ```
    /// use std::io::Result;
    /// use lastword_acceptor::Connection;
    ///
    /// /// Takes one line, if it has arrived.
    /// fn line(connection: &mut Connection) -> Result<Option<Vec<u8>>> {
    ///     let line = connection.plaintext()?.split_inclusive(|byte| *byte == b'\n').next();
    ///     let line = line.filter(|line| line.ends_with(b"\n")).map(<[u8]>::to_vec);
    ///     connection.consume(line.as_ref().map_or(0, Vec::len));
    ///     Ok(line)
    /// }
    /// ```
    #[inline]
    pub fn consume(&mut self, n: usize) {
        self.inner.rustls.consume(n);
    }

    /// Encrypts plaintext and returns the number of bytes taken. The connection holds at most 64 KiB
    /// that is not yet written.
    ///
    /// ```
    /// use std::io::Result;
    /// use lastword_acceptor::Connection;
    ///
    /// /// Encrypts as much of the answer as there is room for, and returns the rest.
    /// fn answer<'a>(connection: &mut Connection, answer: &'a [u8]) -> Result<&'a [u8]> {
    ///     let taken = connection.write(answer)?;
    ///     Ok(&answer[taken..])
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of [`process`](Self::process), after it has failed.
    #[inline]
    pub fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        self.inner.rustls.write(plaintext)
    }

    /// Encrypts plaintext in several parts, as [`write`](Self::write) does.
    ///
    /// ```
    /// use std::io::{IoSlice, Result};
    /// use lastword_acceptor::Connection;
    ///
    /// fn answer(connection: &mut Connection, head: &[u8], body: &[u8]) -> Result<usize> {
    ///     connection.write_vectored(&[IoSlice::new(head), IoSlice::new(body)])
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    #[inline]
    pub fn write_vectored(&mut self, plaintext: &[IoSlice<'_>]) -> io::Result<usize> {
        self.inner.rustls.write_vectored(plaintext)
    }

    /// Queues `close_notify` (RFC 8446 section 6.1), unless an alert has been queued before.
    ///
    /// ```
    /// use std::io::{Result, Write};
    /// use lastword_acceptor::Connection;
    ///
    /// /// Closes the server's side. Then shut the stream's write side.
    /// fn close(connection: &mut Connection, stream: &mut impl Write) -> Result<()> {
    ///     connection.send_close_notify();
    ///     while connection.wants_write() && connection.write_tls(stream)? > 0 {}
    ///     stream.flush()
    /// }
    /// ```
    pub fn send_close_notify(&mut self) {
        self.inner.rustls.send_close_notify();
    }

    /// Returns the early data that the client sent and the server accepted; `None` if it accepted
    /// none.
    ///
    /// ```
    /// use std::io::{Read, Result};
    /// use lastword_acceptor::Connection;
    ///
    /// /// Returns the early data. All of it has arrived, so this does not wait.
    /// fn early_data(connection: &mut Connection) -> Result<Vec<u8>> {
    ///     let mut early = Vec::new();
    ///     if let Some(mut data) = connection.early_data() {
    ///         data.read_to_end(&mut early)?;
    ///     }
    ///     Ok(early)
    /// }
    /// ```
    ///
    /// # Security
    ///
    /// Early data can be replayed: an attacker who saw it can send it again, to this server or to
    /// another that shares its tickets (RFC 8446 section 8). Use it only for requests that may be
    /// carried out more than once.
    pub fn early_data(&mut self) -> Option<EarlyData<'_>> {
        self.inner.rustls.early_data().map(EarlyData)
    }

    /// Returns the configuration; `None` for a connection that is only for a check of it.
    pub(crate) fn config(&self) -> Option<&Config> {
        self.inner.config.as_ref()
    }

    /// Returns the certificate for the client, if the resolver has returned one.
    pub(crate) fn served(&self) -> Option<&Served> {
        self.inner.served.as_ref()
    }

    /// Takes the payload of a plaintext handshake record of TLS 1.2, or a part of it. For other records
    /// it is empty.
    pub(crate) fn received_plaintext(&mut self, payload: &[u8], begins: bool) {
        self.inner.messages.receive(payload, begins);
    }

    /// Returns the certificates that the client sent, also if they are not verified. In TLS 1.3 these
    /// are known only if the keys are shared.
    pub(crate) fn client_certificates(&self) -> Vec<CertificateDer<'static>> {
        // until the Finished a resumed session may be another client's
        let is_own =
            !self.is_handshaking() || self.handshake_kind() != Some(HandshakeKind::Resumed);
        if let Some(certificates) = self.peer_certificates().filter(|_| is_own) {
            return certificates.iter().take(MOST).cloned().collect();
        }
        match (self.protocol_version(), &self.inner.seal) {
            (Some(ProtocolVersion::TLS_1_3), Some(seal)) => seal.client_certificates(),
            (Some(ProtocolVersion::TLS_1_3) | None, _) => Vec::new(),
            (Some(version), _) => self.inner.messages.certificates(version),
        }
    }

    pub(crate) fn set_warning(&mut self, alert: AlertDescription) {
        self.inner.warning = Some(alert);
    }

    pub(crate) fn warning(&self) -> Option<AlertDescription> {
        self.inner.warning
    }

    /// Counts bytes that arrived after the ClientHello was answered.
    pub(crate) fn count_received(&mut self, bytes: usize) {
        let count = &mut self.inner.received_since;
        *count = count.saturating_add(bytes.try_into().unwrap_or(u32::MAX));
    }

    /// Counts from here, because the second ClientHello was answered.
    pub(crate) fn reset_received(&mut self) {
        self.inner.received_since = 0;
    }

    pub(crate) fn received_since(&self) -> u32 {
        self.inner.received_since
    }

    /// Returns what an error about the client's certificates is about.
    pub(crate) fn proof(&self) -> Proof {
        match (self.protocol_version(), &self.inner.seal) {
            (Some(ProtocolVersion::TLS_1_3), Some(seal)) => seal.proof(),
            (Some(ProtocolVersion::TLS_1_3) | None, _) => Proof::Unknown,
            (Some(_), _) => self.inner.messages.proof(),
        }
    }

    /// Returns the client's message that an error of rustls is about, if that is known.
    pub(crate) fn message(&self) -> Option<HandshakeType> {
        match (self.protocol_version(), &self.inner.seal) {
            (Some(ProtocolVersion::TLS_1_3), Some(seal)) => seal.message(),
            (Some(ProtocolVersion::TLS_1_3) | None, _) => None,
            (Some(_), _) => self.inner.messages.current(),
        }
    }

    /// Returns rustls's connection.
    #[must_use]
    pub fn as_rustls(&self) -> &Rustls<ServerSide, Tcp> {
        &self.inner.rustls.rustls
    }

    /// Returns rustls's connection, to change it. Do not read or write records with it: its buffers are
    /// here.
    #[must_use]
    pub fn as_rustls_mut(&mut self) -> &mut Rustls<ServerSide, Tcp> {
        &mut self.inner.rustls.rustls
    }

    /// Returns rustls's connection and the contents of its buffers.
    ///
    /// # Errors
    ///
    /// With [encrypted alerts](crate::encrypted_alerts), if it still [wants to
    /// write](Self::wants_write). The error is this connection.
    pub fn into_rustls(self) -> Result<RustlsConnection, Self> {
        let connection = self.released();
        match connection.inner.seal {
            None => Ok(connection.inner.rustls.into_parts()),
            Some(_) => Err(connection),
        }
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

/// A reader for accepted early data.
///
/// ```
/// use std::io::{Read, Result};
/// use lastword_acceptor::EarlyData;
///
/// /// Reads early data of up to 512 bytes.
/// fn read(mut early_data: EarlyData<'_>) -> Result<Vec<u8>> {
///     let mut buf = [0; 512];
///     let len = early_data.read(&mut buf)?;
///     Ok(buf[..len].to_vec())
/// }
/// ```
pub struct EarlyData<'a>(&'a mut Bytes);

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
