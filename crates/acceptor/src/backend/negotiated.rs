//! What a connection has negotiated.

use lastword_hello::{CipherSuite, NamedGroup, SignatureScheme};
use lastword_record::ProtocolVersion;

use super::CertificateDer;
use super::connection::{Connection, HandshakeKind};

impl Connection {
    /// Returns the protocol version; `None` before the ServerHello.
    #[must_use]
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        let version = self.inner.rustls.protocol_version()?;
        Some(ProtocolVersion(version.into()))
    }

    /// Returns the cipher suite; `None` before the ServerHello.
    #[must_use]
    pub fn negotiated_cipher_suite(&self) -> Option<CipherSuite> {
        let suite = self.inner.rustls.negotiated_cipher_suite()?;
        Some(CipherSuite(suite.suite().into()))
    }

    /// Returns the scheme that the server signed with; `None` for a resumption, where nothing is signed.
    ///
    /// rustls does not keep it. So this calls `choose_scheme` of the certificate's key again, with the
    /// schemes that the client offers.
    #[must_use]
    pub fn signature_scheme(&self) -> Option<SignatureScheme> {
        match self.handshake_kind()? {
            HandshakeKind::Resumed => None,
            HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest => {
                self.served()?.scheme()
            }
        }
    }

    /// Returns the group of the key exchange; `None` for a resumption without a key exchange.
    #[must_use]
    pub fn negotiated_key_exchange_group(&self) -> Option<NamedGroup> {
        let group = self.inner.rustls.negotiated_key_exchange_group()?;
        Some(NamedGroup(group.name().into()))
    }

    /// Returns the kind of handshake, once it is known.
    #[must_use]
    pub fn handshake_kind(&self) -> Option<HandshakeKind> {
        Some(match self.inner.rustls.handshake_kind()? {
            rustls::HandshakeKind::Full => HandshakeKind::Full,
            rustls::HandshakeKind::FullWithHelloRetryRequest => {
                HandshakeKind::FullWithHelloRetryRequest
            }
            rustls::HandshakeKind::Resumed => HandshakeKind::Resumed,
        })
    }

    /// Returns the application protocol, if one was negotiated (RFC 7301).
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.inner.rustls.alpn_protocol()
    }

    /// Returns the server name that the client asked for, in lower case.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.inner.rustls.server_name()
    }

    /// Returns the certificates of the client, its own first, if it sent any. For a resumed session
    /// they are from its first handshake.
    #[must_use]
    pub fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        self.inner.rustls.peer_certificates()
    }
}
