//! Finds the protocol versions of a configuration, and makes ClientHellos that ask it for more.

use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

/// Returns the versions that `config` accepts, oldest first.
pub(crate) fn versions(config: &ServerConfig) -> Vec<ProtocolVersion> {
    let provider = config.provider();
    let tls12 = (!provider.tls12_cipher_suites.is_empty()).then_some(ProtocolVersion::TLS_1_2);
    let tls13 = (!provider.tls13_cipher_suites.is_empty()).then_some(ProtocolVersion::TLS_1_3);
    tls12.into_iter().chain(tls13).collect()
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
