//! Finds the protocol versions of a configuration, by giving rustls a ClientHello for each.
//!
//! rustls 0.23 keeps them private. It decides on the version before it asks for a certificate. So a
//! ClientHello with only one version fails because of the version, or, if the version is enabled,
//! because of the missing certificate.

use std::sync::Arc;

use lastword_record::ProtocolVersion;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, PeerIncompatible, ServerConfig};

use super::connection::Connection;
use super::drive::Failure;

/// Returns the versions that `config` accepts, oldest first.
pub(crate) fn versions(config: &ServerConfig) -> Vec<ProtocolVersion> {
    let mut config = config.clone();
    config.cert_resolver = Arc::new(NoCertificate); // do not call the application's resolver
    config.max_fragment_size = None; // `config_error` checks it
    let config = Arc::new(config);

    let mut versions = vec![ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3];
    versions.retain(|version| accepts(&config, *version));
    versions
}

fn accepts(config: &Arc<ServerConfig>, version: ProtocolVersion) -> bool {
    let Ok(mut connection) = Connection::new(config) else {
        return true;
    };
    // TLS_AES_128_GCM_SHA256: any suite would do
    let hello = hello(version.0, &[0x1301], &[]);
    // the error of rustls 0.23.46 if it supports no version in supported_versions
    let refused = Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled);
    match connection.feed_hello(&hello) {
        Err(Failure::Rustls(error)) => *error.as_rustls() != refused,
        _ => true,
    }
}

/// Returns a ClientHello with one version, these cipher suites and these additional extensions.
pub(crate) fn hello(version: u16, suites: &[u16], extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    #[rustfmt::skip]
    let mut block = vec![
        0, 43, 0, 3, 2, major, minor,          // supported_versions
        0, 13, 0, 10, 0, 8,                    // signature_algorithms:
        0x04, 0x03, 0x05, 0x03,                // ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384
        0x08, 0x04, 0x04, 0x01,                // rsa_pss_rsae_sha256, rsa_pkcs1_sha256
    ];
    for (extension_type, data) in extensions {
        block.extend(extension_type.to_be_bytes());
        block.extend((data.len() as u16).to_be_bytes());
        block.extend(data);
    }
    hello_with(suites, &block)
}

/// Returns a ClientHello with these cipher suites and this block of extensions.
#[rustfmt::skip]
pub(crate) fn hello_with(suites: &[u16], block: &[u8]) -> Vec<u8> {
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let body = [
        &[3, 3][..], &[0; 32],
        &[0],                                  // session_id: none
        &(suites.len() as u16).to_be_bytes(), &suites,
        &[1, 0],                               // compression_methods: null
        &(block.len() as u16).to_be_bytes(), block,
    ]
    .concat();
    let [_, length @ ..] = (body.len() as u32).to_be_bytes();
    [&[1][..], &length, &body].concat()
}

#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
