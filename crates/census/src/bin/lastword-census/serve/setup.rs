//! The `rustls::ServerConfig` that the options ask for.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use lastword_census::pki::Pki;
use rustls::crypto::ring::Ticketer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{ClientAuth, Options, Versions};
use crate::failure::Failure;

pub(super) fn config(options: &Options, pki: &Pki) -> Result<Arc<ServerConfig>, Failure> {
    let (chain, key) = match (&options.cert, &options.key) {
        (Some(cert), Some(key)) => (certificates(cert)?, private_key(key)?),
        _ => (pki.server_chain(), pki.server_key()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(options.tls))
        .map_err(Failure::config)?
        .with_client_cert_verifier(verifier(options, pki)?)
        .with_single_cert(chain, key)
        .map_err(Failure::config)?;
    // stateless; sessions of TLS 1.2 are stored too, as rustls has it, for clients without tickets
    config.ticketer = Ticketer::new().map_err(Failure::config)?;
    config.alpn_protocols = options
        .alpn
        .iter()
        .map(|name| name.clone().into_bytes())
        .collect();
    Ok(Arc::new(config))
}

fn versions(versions: Versions) -> Vec<&'static SupportedProtocolVersion> {
    match versions {
        Versions::Tls12 => vec![&version::TLS12],
        Versions::Tls13 => vec![&version::TLS13],
        Versions::Both => rustls::ALL_VERSIONS.to_vec(),
    }
}

fn verifier(options: &Options, pki: &Pki) -> Result<Arc<dyn ClientCertVerifier>, Failure> {
    if options.client_ca.is_none() && options.client_auth.is_none() {
        return Ok(WebPkiClientVerifier::no_client_auth());
    }
    let authorities = match &options.client_ca {
        Some(path) => certificates(path)?,
        None => vec![pki.ca_certificate()],
    };
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority).map_err(Failure::config)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match options.client_auth {
        Some(ClientAuth::Optional) => builder.allow_unauthenticated(),
        Some(ClientAuth::Required) | None => builder,
    };
    builder.build().map_err(Failure::config)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(path, error));
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(unusable(path, "no certificate in it")),
        certificates => certificates,
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, source: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::unusable(path, source)
}
