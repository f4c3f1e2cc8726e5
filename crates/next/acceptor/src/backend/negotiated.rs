//! What a connection has negotiated.

use std::slice;

use lastword_hello::{CipherSuite, NamedGroup, SignatureScheme};
use lastword_record::ProtocolVersion;
use rustls::crypto::Identity;

use super::CertificateDer;
use super::connection::{Connection, HandshakeKind};

impl Connection {
    /// Returns the protocol version; `None` before the ServerHello.
    #[must_use]
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        let version = self.as_rustls().protocol_version()?;
        Some(ProtocolVersion(version.into()))
    }

    /// Returns the cipher suite; `None` before the ServerHello.
    #[must_use]
    pub fn negotiated_cipher_suite(&self) -> Option<CipherSuite> {
        let suite = self.as_rustls().negotiated_cipher_suite()?;
        Some(CipherSuite(suite.suite().into()))
    }

    /// Returns the scheme that the server signed with; `None` for a resumption, where nothing is signed.
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
        let group = self.as_rustls().negotiated_key_exchange_group()?;
        Some(NamedGroup(group.name().into()))
    }

    /// Returns the kind of handshake, once it is known.
    #[must_use]
    pub fn handshake_kind(&self) -> Option<HandshakeKind> {
        use rustls::HandshakeKind as Rustls;

        match self.as_rustls().handshake_kind()? {
            Rustls::Full => Some(HandshakeKind::Full),
            Rustls::FullWithHelloRetryRequest => Some(HandshakeKind::FullWithHelloRetryRequest),
            Rustls::Resumed | Rustls::ResumedWithHelloRetryRequest => Some(HandshakeKind::Resumed),
            _ => None, // a later rustls
        }
    }

    /// Returns the application protocol, if one was negotiated (RFC 7301).
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.as_rustls().alpn_protocol().map(AsRef::as_ref)
    }

    /// Returns the server name that the client asked for, in lower case.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.as_rustls().side().server_name().map(AsRef::as_ref)
    }

    /// Returns the certificates of the client, its own first, if it sent any. For a resumed session
    /// they are from its first handshake.
    #[must_use]
    pub fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        let Identity::X509(own) = self.as_rustls().peer_identity()?.identity() else {
            return None;
        };
        let all = || [slice::from_ref(&own.end_entity), &own.intermediates].concat();
        Some(self.inner.peer.get_or_init(all))
    }
}
