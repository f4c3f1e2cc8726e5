//! Which versions a configuration has, learned by asking rustls with a hello for each.
//!
//! rustls 0.23 keeps them private. It decides on the version before it asks for a certificate, so
//! a hello that offers one version alone fails with a word on versions if that one is not enabled,
//! and for want of a certificate if it is.

use std::sync::Arc;

use lastword_record::ProtocolVersion;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, PeerIncompatible, ServerConfig, ServerConnection};

use crate::driver::{self, Failure};

/// The versions that `config` accepts, oldest first.
pub(crate) fn versions(config: &ServerConfig) -> Vec<ProtocolVersion> {
    let mut config = config.clone();
    config.cert_resolver = Arc::new(NoCertificate); // the application's own is not to be asked
    config.max_fragment_size = None; // a bad one is told to the client, not here
    let config = Arc::new(config);

    let mut versions = vec![ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3];
    versions.retain(|version| accepts(Arc::clone(&config), *version));
    versions
}

fn accepts(config: Arc<ServerConfig>, version: ProtocolVersion) -> bool {
    let Ok(mut connection) = ServerConnection::new(config) else {
        return true;
    };
    // how rustls 0.23.46 refuses a supported_versions extension without a version of its own
    let refused = Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled);
    match driver::feed_hello(&mut connection, &hello(version)) {
        Err(Failure::Rustls(error)) => error != refused,
        _ => true,
    }
}

/// A ClientHello that offers one version and as little else as rustls will parse.
#[rustfmt::skip]
fn hello(version: ProtocolVersion) -> Vec<u8> {
    let [major, minor] = version.0.to_be_bytes();
    let mut hello = vec![1, 0, 0, 58, 3, 3];
    hello.extend([0; 32]);
    hello.extend([
        0,                                     // session_id: none
        0, 2, 0x13, 0x01,                      // cipher_suites: TLS_AES_128_GCM_SHA256
        1, 0,                                  // compression_methods: null
        0, 15,
        0, 43, 0, 3, 2, major, minor,          // supported_versions
        0, 13, 0, 4, 0, 2, 0x04, 0x03,         // signature_algorithms: ecdsa_secp256r1_sha256
    ]);
    hello
}

#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
