//! The rustls configuration of the servers.

use std::sync::Arc;

use rustls::crypto::ring::{Ticketer, default_provider, sign::any_supported_type};
use rustls::server::{ResolvesServerCertUsingSni, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{Files, NAME};
use crate::failure::Failure;

/// Makes the configuration of the files. It has no certificate for names other than [`NAME`].
pub(super) fn server(files: &Files) -> Result<Arc<ServerConfig>, Failure> {
    let certificates = |name| {
        let all = CertificateDer::pem_file_iter(files.path(name)).and_then(Iterator::collect);
        all.map_err(Failure::config)
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates("ca.pem")?);
    let key = PrivateKeyDer::from_pem_file(files.path("key.pem")).map_err(Failure::config)?;
    let key = any_supported_type(&key).map_err(Failure::config)?;
    let mut names = ResolvesServerCertUsingSni::new();
    names
        .add(NAME, CertifiedKey::new(certificates("chain.pem")?, key))
        .map_err(Failure::config)?;
    let provider = Arc::new(default_provider());
    let roots = Arc::new(roots);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(Failure::config)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Failure::config)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(names));
    config.ticketer = Ticketer::new().map_err(Failure::config)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
