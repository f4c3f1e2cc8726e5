//! Makes the rustls configuration of a client from a profile.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use super::{AnyServer, Credentials, Identity, Pki};
use crate::catalogue::Versions;

/// The configuration of a rustls client. Begin with [`DEFAULT`](Self::DEFAULT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientProfile {
    /// The versions it offers.
    pub versions: Versions,
    /// The application protocols it offers. If empty, it sends no ALPN.
    pub alpn: &'static [&'static str],
    /// The certificate it sends if the server requests one.
    pub identity: Identity,
    /// Whether it sends no server name.
    pub nameless: bool,
    /// Whether it trusts only an authority that did not issue the server's certificate.
    pub distrusts: bool,
    /// Whether it accepts every server certificate. If not, only certificates of the authority.
    pub trusts_any: bool,
}

impl ClientProfile {
    /// Both versions, no ALPN, a server name, trust in the authority, and no client certificate.
    pub const DEFAULT: Self = Self {
        versions: Versions::Both,
        alpn: &[],
        identity: Identity::None,
        nameless: false,
        distrusts: false,
        trusts_any: false,
    };
}

impl Default for ClientProfile {
    fn default() -> Self {
        Self::DEFAULT
    }
}

pub(super) fn client(pki: &Pki, profile: &ClientProfile) -> Result<Arc<ClientConfig>, Error> {
    let trusted = if profile.distrusts {
        pki.stranger()
    } else {
        &pki.ca.credentials
    };
    let provider = provider();
    let any = AnyServer::new(&provider);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(protocol_versions(profile.versions))?;
    let builder = match profile.trusts_any && !profile.distrusts {
        true => builder.dangerous().with_custom_certificate_verifier(any),
        false => builder.with_root_certificates(roots(trusted)?),
    };
    let mut config = match pki.client(profile.identity) {
        None => builder.with_no_client_auth(),
        Some(own) => builder.with_client_auth_cert(vec![own.certificate()], own.key())?,
    };
    config.alpn_protocols = protocols(profile.alpn);
    config.enable_sni = !profile.nameless;
    Ok(Arc::new(config))
}

/// What can go wrong, which is nothing but a mistake in this crate.
pub(crate) type Error = Box<dyn std::error::Error>;

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

pub(crate) fn roots(authority: &Credentials) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate())?;
    Ok(roots)
}

pub(crate) fn protocol_versions(
    versions: Versions,
) -> &'static [&'static SupportedProtocolVersion] {
    static TLS12: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS12];
    static TLS13: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];
    match versions {
        Versions::Tls12 => &TLS12,
        Versions::Tls13 => &TLS13,
        Versions::Both => rustls::ALL_VERSIONS,
    }
}

pub(crate) fn protocols(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
}
