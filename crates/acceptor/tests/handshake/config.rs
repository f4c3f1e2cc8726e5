//! Configurations that are refused when they are made, each with its reason.

use std::fmt;
use std::sync::Arc;

use lastword_acceptor::{Config, ConfigError};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::Pki;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring::{Ticketer, default_provider};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme, version,
};

/// A server's configuration with some of it changed.
fn changed(change: impl FnOnce(&mut ServerConfig)) -> Result<Config, ConfigError> {
    let config = Pki::new().server_config(&ServerProfile::DEFAULT);
    let mut config = ServerConfig::clone(&config);
    change(&mut config);
    Config::new(Arc::new(config))
}

/// The error, and that it has these words.
fn refused(config: Result<Config, ConfigError>, error: &ConfigError, words: &str) {
    assert_eq!(&config.unwrap_err(), error);
    assert_eq!(error.to_string(), words);
}

#[test]
fn an_application_protocol_has_a_name_of_1_to_255_bytes() {
    let with = |names: Vec<Vec<u8>>| changed(|config| config.alpn_protocols = names);
    refused(
        with(vec![b"h2".to_vec(), Vec::new()]),
        &ConfigError::EmptyProtocolName,
        "an application protocol (ALPN) has an empty name",
    );
    refused(
        with(vec![vec![b'a'; 256]]),
        &ConfigError::ProtocolNameTooLong { len: 256 },
        "an application protocol (ALPN) has a name of 256 bytes, and 255 is the most",
    );
    assert!(with(vec![vec![b'a'; 255]]).is_ok());
}

#[test]
fn the_application_protocols_take_65535_bytes_at_most() {
    let with = |names: Vec<Vec<u8>>| changed(|config| config.alpn_protocols = names);
    // 256 bytes each, and 255 of the last
    let mut names = vec![vec![b'a'; 255]; 255];
    names.push(vec![b'a'; 254]);
    assert!(with(names.clone()).is_ok());
    names.push(vec![b'a']);
    refused(
        with(names),
        &ConfigError::ProtocolsTooLong { len: 65_537 },
        "the application protocols (ALPN) take 65537 bytes, and 65535 is the most",
    );
}

#[test]
fn the_maximum_fragment_size_is_one_that_rustls_takes() {
    for size in [0, 31, 16_390, usize::MAX] {
        let words =
            format!("the maximum fragment size is {size} bytes, and must be from 32 to 16389");
        let with = changed(|config| config.max_fragment_size = Some(size));
        refused(with, &ConfigError::FragmentSize { size }, &words);
    }
    for size in [31, 32, 16_389, 16_390] {
        // the same as rustls says
        let with = changed(|config| config.max_fragment_size = Some(size));
        let mut config = ServerConfig::clone(&Pki::new().server_config(&ServerProfile::DEFAULT));
        config.max_fragment_size = Some(size);
        let rustls = rustls::ServerConnection::new(Arc::new(config));
        assert_eq!(with.is_ok(), rustls.is_ok(), "{size}");
    }
}

#[test]
fn early_data_is_enabled_where_it_can_be_accepted() {
    let early = |change: fn(&mut ServerConfig)| {
        changed(|config| {
            config.max_early_data_size = 1024;
            change(config);
        })
    };
    assert!(early(|_| {}).is_ok());
    let tls12 = ServerProfile {
        versions: Versions::Tls12,
        ..ServerProfile::DEFAULT
    };
    let mut config = ServerConfig::clone(&Pki::new().server_config(&tls12));
    config.max_early_data_size = 1;
    refused(
        Config::new(Arc::new(config)),
        &ConfigError::EarlyDataWithoutTls13,
        "early data is enabled and TLS 1.3 is not: early data is never accepted",
    );
    let stored_nowhere = |config: &mut ServerConfig| {
        config.session_storage = Arc::new(NoServerSessionStorage {});
    };
    refused(
        early(stored_nowhere),
        &ConfigError::EarlyDataWithoutResumption,
        "early data is enabled, and sessions are neither stored nor put into tickets: early data \
         is never accepted",
    );
    let put_into_tickets = early(|config| {
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new().unwrap();
    });
    assert!(put_into_tickets.is_ok());
    assert!(changed(stored_nowhere).is_ok());
}

/// The length of a name that makes the verifier panic.
const PANIC: usize = 31;

/// The length of a name that makes the verifier's `Debug` show none.
const HIDDEN: usize = 32;

/// A verifier that asks for certificates of authorities with these names.
struct Verifier {
    names: Vec<DistinguishedName>,
    schemes: Vec<SignatureScheme>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hides = self.names.iter().any(|name| name.as_ref().len() == HIDDEN);
        let names = if hides { &[][..] } else { &self.names };
        f.debug_list().entries(names).finish()
    }
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        let panics = self.names.iter().any(|name| name.as_ref().len() == PANIC);
        assert!(!panics, "the application's own");
        &self.names
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Err(Error::General("not called".into()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("not called".into()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("not called".into()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

/// A server that asks for client certificates of authorities with names of these lengths.
fn asking(
    versions: &[&'static rustls::SupportedProtocolVersion],
    names: &[usize],
    schemes: &[SignatureScheme],
) -> Result<Config, ConfigError> {
    let names = names.iter().map(|len| vec![0; *len].into());
    let pki = Pki::new();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(Arc::new(Verifier {
            names: names.collect(),
            schemes: schemes.to_vec(),
        }))
        .with_single_cert(pki.server_chain(), pki.server_key())
        .unwrap();
    Config::try_from(config)
}

const ECDSA: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// Names of 96 bytes, and one of a length such that all take so many bytes with their own lengths.
fn names_of(len: usize) -> Vec<usize> {
    let mut names = vec![96; len / 98 - 1];
    names.push(len - 98 * names.len() - 2);
    names
}

#[test]
fn the_names_of_authorities_fit_into_a_certificate_request_of_tls_1_2() {
    assert!(asking(&[&version::TLS12], &names_of(65_535), &[ECDSA]).is_ok());
    for names in [names_of(65_536), names_of(75_629), names_of(140_000)] {
        for versions in [&[&version::TLS12][..], rustls::ALL_VERSIONS] {
            let (count, len) = (names.len(), names.iter().map(|name| name + 2).sum());
            let limit = 65_535;
            let words = format!(
                "the names of the {count} client certificate authorities take {len} bytes, and a \
                 CertificateRequest holds 65535: leave out names, which are only a hint to clients"
            );
            refused(
                asking(versions, &names, &[ECDSA]),
                &ConfigError::AuthorityNamesTooLong { count, len, limit },
                &words,
            );
        }
    }
}

/// With debug assertions rustls panics over the names, and the process ends over those of TLS 1.3.
#[test]
fn the_names_of_authorities_are_too_long_for_tls_1_3_alone() {
    let names = names_of(75_629);
    let error = asking(&[&version::TLS13], &names, &[ECDSA]).unwrap_err();
    let (count, len) = (names.len(), 75_629);
    let limit = if cfg!(debug_assertions) {
        65_535
    } else {
        65_521
    };
    let expected = ConfigError::AuthorityNamesTooLong { count, len, limit };
    assert_eq!(error, expected);
}

#[test]
#[cfg(debug_assertions)] // without them rustls tells
fn names_of_authorities_that_are_not_shown_are_too_long_all_the_same() {
    let names = [&[HIDDEN][..], &names_of(75_629)].concat();
    refused(
        asking(rustls::ALL_VERSIONS, &names, &[ECDSA]),
        &ConfigError::AuthorityNamesTooLongToCount,
        "the names of the client certificate authorities take more than the 65535 bytes that a \
         CertificateRequest holds: leave out names, which are only a hint to clients",
    );
}

#[test]
fn the_names_of_authorities_fit_beside_the_other_extensions_of_tls_1_3() {
    // signature_algorithms of one scheme takes 8 bytes, and 6 are before the names
    let most = 65_535 - 8 - 6;
    assert!(asking(&[&version::TLS13], &names_of(most), &[ECDSA]).is_ok());
    assert!(asking(rustls::ALL_VERSIONS, &names_of(most), &[ECDSA]).is_ok());
    for versions in [&[&version::TLS13][..], rustls::ALL_VERSIONS] {
        let names = names_of(most + 1);
        let error = asking(versions, &names, &[ECDSA]).unwrap_err();
        let (count, len, limit) = (names.len(), most + 1, most);
        if cfg!(debug_assertions) {
            assert_eq!(error, ConfigError::AuthorityNamesTooLongToCount);
        } else {
            let expected = ConfigError::AuthorityNamesTooLong { count, len, limit };
            assert_eq!(error, expected);
        }
    }
}

#[test]
fn a_verifier_supports_a_signature_scheme() {
    for versions in [&[&version::TLS12][..], &[&version::TLS13]] {
        assert!(asking(versions, &[30], &[ECDSA]).is_ok());
        assert!(asking(versions, &[], &[ECDSA]).is_ok());
        refused(
            asking(versions, &[30], &[]),
            &ConfigError::NoSignatureScheme,
            "client certificates are asked for, and the verifier supports no signature scheme",
        );
    }
}

#[test]
#[should_panic(expected = "the application's own")]
fn a_panic_of_the_verifier_is_not_taken_for_another() {
    drop(asking(rustls::ALL_VERSIONS, &[PANIC], &[ECDSA]));
}
