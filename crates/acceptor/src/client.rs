//! What is known of a client when its handshake fails.

use core::net::IpAddr;

use lastword_alert::AlertDescription;
use lastword_record::{HandshakeType, ProtocolVersion};

use crate::backend::CertificateDer;
use crate::backend::config::Config;
use crate::backend::connection::Connection;
use crate::backend::served::Served;
use crate::held::Held;
use crate::messages::Proof;

/// What is known of the client.
pub(crate) enum Client {
    /// Its bytes, which are not a complete and valid ClientHello.
    Bytes(Vec<u8>),
    /// Its ClientHello.
    Hello(Held),
    /// What was negotiated, once a ServerHello was made. In a box, because few errors have it.
    Agreed(Box<Agreed>),
}

/// What was negotiated, and the client's certificates.
pub(crate) struct Agreed {
    pub(crate) server_name: Option<Box<str>>,
    pub(crate) alpn_protocol: Option<Box<[u8]>>,
    pub(crate) version: Option<ProtocolVersion>,
    pub(crate) config: Option<Config>,
    pub(crate) certificates: Box<[CertificateDer<'static>]>,
    pub(crate) proof: Proof,
    /// The client's message that an error of rustls is about, if that is known.
    pub(crate) message: Option<HandshakeType>,
    /// The last alert that did not end the connection.
    pub(crate) warning: Option<AlertDescription>,
    /// How many bytes arrived after the ClientHello was answered.
    pub(crate) received_since: u32,
    /// The server's certificate.
    pub(crate) served: Option<Served>,
    /// The longest record that the client accepts, in bytes.
    pub(crate) longest_record: Option<u16>,
}

impl Client {
    /// Returns whether the client sent a server name, or an IP address instead of one.
    pub(crate) fn is_named(&self) -> bool {
        self.server_name().is_some() || self.server_name_ip().is_some()
    }

    /// Returns the IP address that the client sent instead of a server name.
    pub(crate) fn server_name_ip(&self) -> Option<IpAddr> {
        match self {
            Self::Hello(hello) => hello.client_hello().server_name_ip(),
            Self::Bytes(_) | Self::Agreed(_) => None,
        }
    }

    pub(crate) fn server_name(&self) -> Option<&str> {
        match self {
            Self::Bytes(_) => None,
            Self::Hello(hello) => hello.server_name(),
            Self::Agreed(agreed) => agreed.server_name.as_deref(),
        }
    }

    /// Returns what was negotiated, if the ClientHello was answered.
    pub(crate) fn answered(&self) -> Option<&Agreed> {
        match self {
            Self::Agreed(agreed) => Some(agreed),
            Self::Bytes(_) | Self::Hello(_) => None,
        }
    }

    /// Returns what is known of a client whose ClientHello was answered.
    pub(crate) fn agreed(connection: &Connection) -> Self {
        Self::Agreed(Box::new(Agreed {
            server_name: connection.server_name().map(Into::into),
            alpn_protocol: connection.alpn_protocol().map(Into::into),
            version: connection.protocol_version(),
            config: connection.config().cloned(),
            certificates: connection.client_certificates().into(),
            proof: connection.proof(),
            message: connection.message(),
            warning: connection.warning(),
            received_since: connection.received_since(),
            served: connection.served().cloned(),
            longest_record: connection.handshake_kept().offer.longest_record,
        }))
    }

    /// Returns every byte that was taken.
    pub(crate) fn into_received(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Hello(hello) => hello.into_received(),
            Self::Agreed(_) => Vec::new(),
        }
    }
}
