//! How a rustls client must be set up for its keys to be known and its records to be sealed anew.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

use super::keys::Learned;
use crate::catalogue::{Target, Versions};
use crate::pki::{AnyServer, Identity};

/// A client of one version whose cipher suites have AES-128-GCM with SHA-256. It tells its secrets.
pub(super) fn client(
    target: &Target<'_>,
    versions: Versions,
    identity: Identity,
    learned: &Arc<Learned>,
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let (cipher_suites, version) = match versions {
        Versions::Tls12 => (
            vec![
                ring::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                ring::cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            ],
            &rustls::version::TLS12,
        ),
        Versions::Tls13 | Versions::Both => (
            vec![ring::cipher_suite::TLS13_AES_128_GCM_SHA256],
            &rustls::version::TLS13,
        ),
    };
    let provider = CryptoProvider {
        cipher_suites,
        ..ring::default_provider()
    };
    let any = AnyServer::new(&provider);
    let mut roots = RootCertStore::empty();
    roots.add(target.pki.ca_certificate())?;
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[version])?;
    let builder = match target.foreign {
        Some(_) => builder.dangerous().with_custom_certificate_verifier(any),
        None => builder.with_root_certificates(roots),
    };
    let mut config = match target.pki.client(identity) {
        None => builder.with_no_client_auth(),
        Some(own) => builder.with_client_auth_cert(vec![own.certificate()], own.key())?,
    };
    config.key_log = Arc::<Learned>::clone(learned);
    Ok(Arc::new(config))
}
