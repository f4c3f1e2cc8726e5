//! What a server does with a client without a fault: whether it asks it for a certificate, and serves it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lastword_alert::AlertDescription;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConnection, ProtocolVersion, SignatureScheme};

use super::{Session, server_name};
use crate::catalogue::Target;
use crate::line::Line;
use crate::pki::{ClientProfile, Identity};

/// What a client without a fault observed.
#[derive(Debug)]
pub(crate) struct Greeted {
    /// Whether the server asked for a certificate.
    pub(crate) is_asked: bool,
    /// Whether the server was content with the client's side of the handshake.
    pub(crate) is_served: bool,
    /// Whether the server chose TLS 1.2.
    pub(crate) is_tls12: bool,
    /// The alerts that the client got, if it is not served.
    pub(crate) received: Vec<AlertDescription>,
}

impl Greeted {
    /// Connects, with a certificate or without one, and with application protocols or without any.
    pub(crate) fn by(target: &Target<'_>, certificate: bool, alpn: bool) -> io::Result<Self> {
        let identity = match certificate {
            true => Identity::Known,
            false => Identity::None,
        };
        let config = target.pki.client_config(&ClientProfile {
            trusts_any: true,
            identity,
            alpn: if alpn { &["h2", "http/1.1"] } else { &[] },
            ..ClientProfile::DEFAULT
        });
        let mut config = rustls::ClientConfig::clone(&config);
        let asked = Arc::new(Asked {
            resolver: config.client_auth_cert_resolver,
            is_asked: AtomicBool::new(false),
        });
        config.client_auth_cert_resolver = Arc::<Asked>::clone(&asked);
        let name = server_name(target.name())?;
        let tls = ClientConnection::new(config.into(), name).map_err(io::Error::other)?;
        let mut session = Session::new(tls, Line::connect(target, false)?);
        while !session.is_served() && session.step()? {}
        let is_done = session.failed.is_none() && !session.tls.is_handshaking();
        let is_open = session.line.end() == crate::end::End::StillOpen;
        let is_served = session.is_served() || (is_done && is_open);
        let is_tls12 = session.is_tls12();
        let received = match is_served {
            true => Vec::new(),
            false => session.observed()?.alerts,
        };
        Ok(Self {
            is_asked: asked.is_asked.load(Ordering::Relaxed),
            is_served,
            is_tls12,
            received: received.into_iter().map(|it| it.description).collect(),
        })
    }
}

impl Session {
    /// Whether the server has shown that it is content with the client's last flight.
    fn is_served(&self) -> bool {
        let has_answer = self.tls.tls13_tickets_received() > 0 || !self.reply.is_empty();
        self.failed.is_none() && !self.tls.is_handshaking() && (self.is_tls12() || has_answer)
    }

    fn is_tls12(&self) -> bool {
        self.tls.protocol_version() == Some(ProtocolVersion::TLSv1_2)
    }
}

/// A resolver that keeps in mind whether it was asked.
#[derive(Debug)]
struct Asked {
    resolver: Arc<dyn ResolvesClientCert>,
    is_asked: AtomicBool,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.is_asked.store(true, Ordering::Relaxed);
        self.resolver.resolve(hints, schemes)
    }

    fn has_certs(&self) -> bool {
        self.resolver.has_certs()
    }
}
