//! Makes the rustls configuration of a server or client from a profile.

use std::sync::Arc;

use lastword_acceptor::encrypted_alerts;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SignatureAlgorithm, SignatureScheme,
    SupportedProtocolVersion,
};

use super::{AnyServer, Credentials, Identity, Pki};
use crate::catalogue::{ClientAuth, Provider, ServerProfile, Versions};

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
    /// Whether it accepts any server certificate, and not only those of the authority.
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

pub(super) fn server(pki: &Pki, profile: &ServerProfile) -> Result<Arc<ServerConfig>, Error> {
    let provider = match profile.provider {
        Provider::EncryptedAlerts => encrypted_alerts(ring::default_provider()),
        Provider::Rustls => ring::default_provider(),
    };
    server_with(pki, profile, provider)
}

pub(super) fn server_with(
    pki: &Pki,
    profile: &ServerProfile,
    own: CryptoProvider,
) -> Result<Arc<ServerConfig>, Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(own))
        .with_protocol_versions(protocol_versions(profile.versions))?;
    let verifier = WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots(&pki.ca.credentials)?),
        provider(),
    );
    let builder = match profile.client_auth {
        ClientAuth::No => builder.with_no_client_auth(),
        ClientAuth::Optional => {
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        }
        ClientAuth::Required => builder.with_client_cert_verifier(verifier.build()?),
    };
    let mut config = builder.with_single_cert(pki.server_chain(), pki.server_key())?;
    if !profile.signs {
        let key = CertifiedKey::new(pki.server_chain(), Arc::new(Broken));
        config.cert_resolver = Arc::new(SingleCertAndKey::from(key));
    }
    config.alpn_protocols = protocols(profile.alpn);
    config.session_storage = pki.sessions.clone();
    Ok(Arc::new(config))
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

/// A key that cannot sign, as one of a device that is gone.
#[derive(Debug)]
struct Broken;

impl SigningKey for Broken {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        offered
            .contains(&scheme)
            .then(|| Box::new(Self) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Broken {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Err(rustls::Error::General("the key is gone".to_owned()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}

/// What can go wrong, which is nothing but a mistake in this crate.
type Error = Box<dyn std::error::Error>;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(authority: &Credentials) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate())?;
    Ok(roots)
}

fn protocol_versions(versions: Versions) -> &'static [&'static SupportedProtocolVersion] {
    static TLS12: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS12];
    static TLS13: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];
    match versions {
        Versions::Tls12 => &TLS12,
        Versions::Tls13 => &TLS13,
        Versions::Both => rustls::ALL_VERSIONS,
    }
}

fn protocols(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
}
