//! The servers of the table.

use std::sync::Arc;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// How a server is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// Both versions, no ALPN, a certificate for all.
    Default,
    /// It knows protocols, those of HTTP.
    Alpn,
    /// It has no certificate for anybody.
    NoCertificate,
}

impl Server {
    pub(crate) fn config(self, pki: &Pki) -> Arc<ServerConfig> {
        let profile = ServerProfile {
            alpn: match self {
                Self::Alpn => &["h2", "http/1.1"],
                _ => &[],
            },
            ..ServerProfile::DEFAULT
        };
        let mut config = Arc::unwrap_or_clone(pki.server_config(&profile));
        if self == Self::NoCertificate {
            config.cert_resolver = Arc::new(NoCertificate);
        }
        Arc::new(config)
    }
}

#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
