//! Configurations that are refused when they are made, each with its reason.

use std::sync::Arc;

use lastword_acceptor::{Config, ConfigError};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::Pki;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring::{Ticketer, default_provider};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
    version,
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
        "an application protocol (ALPN) has a name of 256 bytes, and at most 255 are allowed",
    );
    assert!(with(vec![vec![b'a'; 255]]).is_ok());
}

#[test]
fn the_maximum_fragment_size_is_one_that_rustls_takes() {
    for size in [0, 31, 16_390, usize::MAX] {
        let words =
            format!("the maximum fragment size is {size} bytes, but it must be from 32 to 16389");
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
        "early data is enabled, but TLS 1.3 is not enabled: early data is never accepted",
    );
    let stored_nowhere = |config: &mut ServerConfig| {
        config.session_storage = Arc::new(NoServerSessionStorage {});
    };
    refused(
        early(stored_nowhere),
        &ConfigError::EarlyDataWithoutResumption,
        "early data is enabled, but sessions are not stored and there are no tickets: early \
         data is never accepted",
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

/// A verifier of the application's own, of authorities with these names.
#[derive(Debug)]
struct Verifier {
    names: Vec<DistinguishedName>,
    schemes: Vec<SignatureScheme>,
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

fn names(lens: &[usize]) -> Vec<DistinguishedName> {
    lens.iter().map(|len| vec![0; *len].into()).collect()
}

/// A server that asks for client certificates of authorities with names of these lengths, by a
/// verifier of the application's own.
fn asking_itself(
    versions: &[&'static rustls::SupportedProtocolVersion],
    lens: &[usize],
    schemes: &[SignatureScheme],
) -> Result<Config, ConfigError> {
    let verifier = Verifier {
        names: names(lens),
        schemes: schemes.to_vec(),
    };
    with_verifier(versions, Arc::new(verifier))
}

/// The same by rustls's verifier.
fn asking(
    versions: &[&'static rustls::SupportedProtocolVersion],
    lens: &[usize],
) -> Result<Config, ConfigError> {
    let mut roots = RootCertStore::empty();
    roots.add(Pki::new().ca_certificate()).unwrap();
    let provider = Arc::new(default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = builder.clear_root_hint_subjects();
    let builder = builder.add_root_hint_subjects(names(lens));
    with_verifier(versions, builder.build().unwrap())
}

fn with_verifier(
    versions: &[&'static rustls::SupportedProtocolVersion],
    verifier: Arc<dyn ClientCertVerifier>,
) -> Result<Config, ConfigError> {
    let pki = Pki::new();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(pki.server_chain(), pki.server_key())
        .unwrap();
    Config::new(config)
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
    assert!(asking(&[&version::TLS12], &names_of(65_535)).is_ok());
    for names in [names_of(65_536), names_of(75_629), names_of(140_000)] {
        for versions in [&[&version::TLS12][..], rustls::ALL_VERSIONS] {
            let (count, len) = (names.len(), names.iter().map(|name| name + 2).sum());
            let limit = 65_535;
            let words = format!(
                "the names of the {count} client certificate authorities take {len} bytes, and a \
                 CertificateRequest holds 65535: leave out names, which are only a hint to clients"
            );
            let error = ConfigError::AuthorityNamesTooLong { count, len, limit };
            refused(asking(versions, &names), &error, &words);
        }
    }
}

#[test]
fn the_names_of_authorities_fit_beside_the_other_extensions_of_tls_1_3() {
    let algorithms = default_provider().signature_verification_algorithms;
    // signature_algorithms takes 6 bytes and 2 for each scheme, and 6 are before the names
    let most = 65_535 - 6 - 2 * algorithms.supported_schemes().len() - 6;
    assert!(asking(&[&version::TLS13], &names_of(most)).is_ok());
    assert!(asking(rustls::ALL_VERSIONS, &names_of(most)).is_ok());
    let names = names_of(75_629);
    for versions in [&[&version::TLS13][..], rustls::ALL_VERSIONS] {
        let error = asking(versions, &names).unwrap_err();
        assert!(
            matches!(
                error,
                ConfigError::AuthorityNamesTooLong { len: 75_629, .. }
            ),
            "{error}"
        );
    }
}

/// With debug assertions rustls panics over the names, and the process ends over those of TLS 1.3:
/// they are not counted then.
#[test]
fn the_names_of_a_verifier_of_the_applications_own_are_too_long_too() {
    let error = asking_itself(rustls::ALL_VERSIONS, &names_of(75_629), &[ECDSA]).unwrap_err();
    match cfg!(debug_assertions) {
        true => assert_eq!(error, ConfigError::AuthorityNamesTooLongToCount),
        false => assert!(
            matches!(error, ConfigError::AuthorityNamesTooLong { .. }),
            "{error}"
        ),
    }
    assert!(asking_itself(rustls::ALL_VERSIONS, &names_of(40_000), &[ECDSA]).is_ok());
    if cfg!(debug_assertions) {
        assert!(asking_itself(&[&version::TLS13], &names_of(75_629), &[ECDSA]).is_ok());
    }
}

#[test]
fn a_verifier_supports_a_signature_scheme() {
    for versions in [&[&version::TLS12][..], rustls::ALL_VERSIONS] {
        assert!(asking_itself(versions, &[30], &[ECDSA]).is_ok());
        assert!(asking_itself(versions, &[], &[ECDSA]).is_ok());
        refused(
            asking_itself(versions, &[30], &[]),
            &ConfigError::NoSignatureScheme,
            "client certificates are requested, but the verifier supports no signature scheme",
        );
    }
}

#[test]
#[should_panic(expected = "the application's own")]
fn a_panic_of_the_verifier_is_not_taken_for_another() {
    drop(asking_itself(rustls::ALL_VERSIONS, &[PANIC], &[ECDSA]));
}
