//! Verdicts on clients whose certificates are verified.
//!
//! An authorizer is a closure for
//! [`TlsAcceptor::with_authorizer`](crate::TlsAcceptor::with_authorizer). It takes a [`Peer`] and
//! returns `Ok(())`, or a [`Rejection`] with the alert for the client.
//!
//! ```no_run
//! use lastword_io::TlsAcceptor;
//! use lastword_io::acceptor::{AlertDescription, Config, Rejection};
//!
//! fn acceptor(config: Config, is_revoked: fn(&[u8]) -> bool) -> TlsAcceptor {
//!     TlsAcceptor::new(config).with_authorizer(move |peer| match peer.certificates() {
//!         [] => Err(Rejection::access_denied("no certificate")),
//!         [own, ..] if is_revoked(own) => {
//!             let alert = AlertDescription::CERTIFICATE_REVOKED;
//!             Err(Rejection::new(alert, "the certificate is on the list"))
//!         }
//!         _ => Ok(()),
//!     })
//! }
//! ```
//!
//! The configuration must have [encrypted alerts](crate::acceptor::encrypted_alerts). Otherwise a
//! client that is refused gets `close_notify`, and the log names the required alert.

use std::net::SocketAddr;
use std::sync::Arc;

use lastword_acceptor::hello::CipherSuite;
use lastword_acceptor::{CertificateDer, Connection, HandshakeKind, ProtocolVersion, Rejection};

use crate::choose::Addresses;

/// A client that is authenticated and waits for a verdict. It has the client's certificates and
/// addresses, and what was negotiated.
///
/// It borrows nothing, and a clone is cheap.
///
/// ```
/// use lastword_io::acceptor::Rejection;
/// use lastword_io::authorize::Peer;
///
/// /// Requires a certificate of clients from other machines.
/// fn authorize(peer: &Peer) -> Result<(), Rejection> {
///     let is_local = peer.peer_addr().is_some_and(|address| address.ip().is_loopback());
///     if is_local || !peer.certificates().is_empty() {
///         return Ok(());
///     }
///     println!(
///         "{} has no certificate: name {:?}, ALPN {:?}, {:?}, {:?}, {:?}",
///         peer.addresses(), peer.server_name(), peer.alpn_protocol(), peer.protocol_version(),
///         peer.negotiated_cipher_suite(), peer.handshake_kind(),
///     );
///     Err(Rejection::access_denied("no certificate"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Peer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    certificates: Vec<CertificateDer<'static>>,
    server_name: Option<Box<str>>,
    alpn_protocol: Option<Box<[u8]>>,
    protocol_version: Option<ProtocolVersion>,
    cipher_suite: Option<CipherSuite>,
    handshake_kind: Option<HandshakeKind>,
    addresses: Addresses,
}

impl Peer {
    pub(crate) fn new(connection: &Connection, addresses: Addresses) -> Self {
        let certificates = connection.peer_certificates().unwrap_or_default();
        Self(Arc::new(Inner {
            certificates: certificates.to_vec(),
            server_name: connection.server_name().map(Into::into),
            alpn_protocol: connection.alpn_protocol().map(Into::into),
            protocol_version: connection.protocol_version(),
            cipher_suite: connection.negotiated_cipher_suite(),
            handshake_kind: connection.handshake_kind(),
            addresses,
        }))
    }

    /// Returns the certificates of the client, its own first; none if it sent none. The configuration
    /// has verified them. For a resumed session they are from its first handshake.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.0.certificates
    }

    /// Returns the server name that the client asked for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.0.server_name.as_deref()
    }

    /// Returns the application protocol, if one was negotiated (RFC 7301).
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.0.alpn_protocol.as_deref()
    }

    /// Returns the protocol version.
    #[must_use]
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version
    }

    /// Returns the cipher suite.
    #[must_use]
    pub fn negotiated_cipher_suite(&self) -> Option<CipherSuite> {
        self.0.cipher_suite
    }

    /// Returns the kind of the handshake: full, or the resumption of a session.
    #[must_use]
    pub fn handshake_kind(&self) -> Option<HandshakeKind> {
        self.0.handshake_kind
    }

    /// Returns the address of the client, if the stream has one.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.0.addresses.peer
    }

    /// Returns all addresses.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.0.addresses
    }
}

/// An authorizer of an application.
pub(crate) type Authorizer = dyn Fn(&Peer) -> Result<(), Rejection> + Send + Sync;
