//! Errors that name the client's certificate.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::handshake::clients::{PROVIDERS, answered, client, shake_hands, written};
use lastword_acceptor::CertificateDer;
use lastword_acceptor::{Certificate, Config, Error, ErrorKind, Progress, Rejection};
use lastword_testkit::catalogue::{ClientAuth, Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::server;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SerialNumber, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

/// A certificate with its key, which may issue others.
pub(crate) struct Made {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
}

/// Issues a certificate; its own issuer issues it if there is no other.
pub(crate) fn made(
    name: &str,
    issuer: Option<&Made>,
    change: impl FnOnce(&mut CertificateParams),
) -> Made {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Example, Inc");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 2);
    params.not_after = date_time_ymd(2120, 3, 4);
    params.serial_number = Some(SerialNumber::from(vec![0x0a, 0xf1]));
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        None => params.self_signed(&key),
        Some(made) => params.signed_by(&key, &Issuer::from_params(&made.params, &made.key)),
    };
    let der = certificate.unwrap().der().clone();
    Made { der, params, key }
}

pub(crate) fn authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn expired(params: &mut CertificateParams) {
    authority(params);
    params.not_after = date_time_ymd(2021, 1, 1);
}

pub(crate) const TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
pub(crate) const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// Returns the error of a client with this chain. The server knows the roots.
pub(crate) fn failure(
    provider: Provider,
    versions: &'static [&'static SupportedProtocolVersion],
    roots: &[&Made],
    chain: &[&Made],
) -> Error {
    failure_with(Vec::new(), provider, versions, roots, chain)
}

/// The same with these revocation lists.
fn failure_with(
    lists: Vec<CertificateRevocationListDer<'static>>,
    provider: Provider,
    versions: &'static [&'static SupportedProtocolVersion],
    roots: &[&Made],
    chain: &[&Made],
) -> Error {
    let pki = Pki::new();
    let profile = ServerProfile {
        provider,
        versions: match versions == TLS12 {
            true => Versions::Tls12,
            false => Versions::Tls13,
        },
        ..ServerProfile::DEFAULT
    };
    let roots = roots.iter().map(|root| root.der.clone()).collect();
    let server = server::verifying(&pki, &profile, roots, lists);
    let ring = Arc::new(ring::default_provider());
    let mut trusted = RootCertStore::empty();
    trusted.add(pki.ca_certificate()).unwrap();
    let client_config = ClientConfig::builder_with_provider(ring)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(trusted);
    let mut client_config = match chain {
        [] => client_config.with_no_client_auth(),
        [own, ..] => {
            let key = own.key.serialize_der().try_into().unwrap();
            let key = ring::sign::any_supported_type(&key).unwrap();
            let chain = chain.iter().map(|made| made.der.clone()).collect();
            // it does not check that the key is the certificate's
            let own = SingleCertAndKey::from(CertifiedKey::new(chain, key));
            client_config.with_client_cert_resolver(Arc::new(own))
        }
    };
    client_config.max_fragment_size = Some(100); // no record has two messages
    let config = Config::new(server).unwrap();
    let mut client = client(Arc::new(client_config));
    let mut handshake = answered(&mut client, &config);
    let flight = written(&mut client);
    // in pieces, to see that the certificates are joined
    for mut piece in flight.chunks(100) {
        match handshake.receive(&mut piece) {
            Ok(Progress::Continue(next)) => handshake = next,
            Ok(progress) => panic!("{progress:?}"),
            Err(error) => return error.into_parts().0,
        }
    }
    panic!("the client is served")
}

/// Fails with each version, and each provider that shows the certificates.
pub(crate) fn failures(roots: &[&Made], chain: &[&Made]) -> [Error; 3] {
    failures_with(&[], roots, chain)
}

/// The same with these revocation lists.
pub(crate) fn failures_with(
    lists: &[CertificateRevocationListDer<'static>],
    roots: &[&Made],
    chain: &[&Made],
) -> [Error; 3] {
    [
        (Provider::EncryptedAlerts, TLS13),
        (Provider::EncryptedAlerts, TLS12),
        (Provider::Rustls, TLS12),
    ]
    .map(|(provider, versions)| failure_with(lists.to_vec(), provider, versions, roots, chain))
}

fn sha256(made: &Made) -> String {
    let hash = Certificate::new(&made.der).sha256();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn names_the_certificate_of_an_unknown_issuer_and_the_authorities() {
    let known = made("known", None, authority);
    let other = made("other", None, authority);
    let alice = made("alice", Some(&other), |_| {});
    for error in failures(&[&known], &[&alice]) {
        let words = format!(
            "client certificate not accepted: its issuer is not known to this server; this server \
            asks for certificates of 1 authority: \"CN=known,O=Example\\\\, Inc\"; client \
            certificate \"CN=alice,O=Example\\\\, Inc\", issued by \"CN=other,O=Example\\\\, Inc\", \
            serial 0af1, SHA-256 {}, ECDSA P-256, valid 2020-01-02 to 2120-03-04",
            sha256(&alice)
        );
        assert_eq!(error.to_string(), words);
        let certificate = error.client_certificate().unwrap();
        assert_eq!(certificate.der(), &*alice.der);
        assert_eq!(certificate.subject().unwrap(), r"CN=alice,O=Example\, Inc");
        assert_eq!(certificate.issuer().unwrap(), r"CN=other,O=Example\, Inc");
        assert_eq!(certificate.serial().unwrap(), "0af1");
        assert_eq!(certificate.key().unwrap(), "ECDSA P-256");
        let days = |days: u64| UNIX_EPOCH + Duration::from_secs(days * 86_400);
        assert_eq!(certificate.not_before(), Some(days(18_263)));
        assert_eq!(certificate.not_after(), Some(days(54_849)));
        assert_eq!(
            error.client_certificates(),
            std::slice::from_ref(&alice.der)
        );
        assert_eq!(error.config().unwrap().authorities().unwrap().len(), 1);
    }
}

#[test]
fn names_the_certificate_of_the_chain_whose_issuer_is_unknown() {
    let roots = ["one", "two", "three", "four", "five"].map(|name| made(name, None, authority));
    let roots: Vec<_> = roots.iter().collect();
    let other = made("other", None, authority);
    let above = made("above", Some(&other), authority);
    let between = made("between", Some(&above), authority);
    let alice = made("alice", Some(&between), |_| {});
    // in any order after the first
    for chain in [[&alice, &between, &above], [&alice, &above, &between]] {
        for error in failures(&roots, &chain) {
            assert_eq!(error.client_certificate().unwrap().der(), &*above.der);
            let position = 1 + chain.iter().position(|it| it.der == above.der).unwrap();
            let words = format!(
                "client certificate not accepted because of certificate {position} of 3 in its \
                chain: its issuer is not known to this server; this server asks for certificates \
                of 5 authorities: \"CN=one,O=Example\\\\, Inc\", \"CN=two,O=Example\\\\, Inc\", \
                \"CN=three,O=Example\\\\, Inc\" and 2 more; client certificate \
                \"CN=above,O=Example\\\\, Inc\", issued by \"CN=other,"
            );
            assert!(error.to_string().starts_with(&words), "{error}");
        }
    }
    for error in failures(&roots, &[&alice, &between, &above, &other]) {
        assert_eq!(error.client_certificate().unwrap().der(), &*other.der);
        assert!(
            error
                .to_string()
                .contains("\"CN=other,O=Example\\\\, Inc\", self-issued, serial")
        );
    }
}

#[test]
fn names_the_certificate_of_the_chain_that_is_expired_or_not_yet_valid() {
    let root = made("root", None, authority);
    let old = made("old", Some(&root), expired);
    let alice = made("alice", Some(&old), |_| {});
    for error in failures(&[&root], &[&alice, &old]) {
        assert_eq!(error.client_certificate().unwrap().der(), &*old.der);
        let words = "client certificate not accepted because of certificate 2 of 2 in its chain: it \
            expired 2021-01-01 00:00:00 UTC, ";
        assert!(error.to_string().starts_with(words), "{error}");
    }
    let early = made("early", Some(&root), |params| {
        params.not_before = date_time_ymd(2110, 1, 1);
    });
    for error in failures(&[&root], &[&early]) {
        assert_eq!(error.client_certificate().unwrap().der(), &*early.der);
        let words =
            "client certificate not accepted: it is not valid before 2110-01-01 00:00:00 UTC";
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

#[test]
fn escapes_and_cuts_a_name() {
    let root = made("root", None, authority);
    let other = made("other", None, authority);
    let name = format!("\n; sent none {}", "x".repeat(3_000));
    let forged = made(&name, Some(&other), |_| {});
    for error in failures(&[&root], &[&forged]) {
        let words = error.to_string();
        assert!(
            words.contains("; client certificate \"CN=\\\\0a\\\\; sent none xxx"),
            "{words}"
        );
        assert!(
            words.contains("xxx\".. (2877 bytes left out), issued by"),
            "{words}"
        );
        assert!(words.contains(&sha256(&forged)), "{words}");
    }
}

#[test]
fn a_client_without_a_certificate_is_told_of_with_the_authorities() {
    let known = made("known", None, authority);
    for (provider, _) in PROVIDERS {
        for versions in [TLS12, TLS13] {
            let error = failure(provider, versions, &[&known], &[]);
            assert_eq!(
                error.to_string(),
                "client sent no certificate, and this server requires one; this server asks for \
                certificates of 1 authority: \"CN=known,O=Example\\\\, Inc\""
            );
            assert!(error.client_certificates().is_empty());
        }
    }
}

/// In TLS 1.3 only the provider of encrypted alerts shows certificates that are not verified.
#[test]
fn without_encrypted_alerts_no_certificate_of_tls13_is_named() {
    let known = made("known", None, authority);
    let other = made("other", None, authority);
    let alice = made("alice", Some(&other), |_| {});
    let error = failure(Provider::Rustls, TLS13, &[&known], &[&alice]);
    assert!(matches!(error.kind(), ErrorKind::BadClientCertificate));
    assert!(error.client_certificate().is_none());
    assert_eq!(
        error.to_string(),
        "client certificate or its chain not accepted: its issuer is not known to this server; this \
        server asks for certificates of 1 authority: \"CN=known,O=Example\\\\, Inc\""
    );
}

#[test]
fn an_application_that_refuses_a_client_sees_its_certificate_in_the_line() {
    let pki = Pki::new();
    let profile = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(pki.server_config(&profile)).unwrap();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let mut client = client(pki.client_config(&ClientProfile {
            identity: Identity::Known,
            versions,
            ..ClientProfile::DEFAULT
        }));
        let handshake = answered(&mut client, &config).authorizing();
        let flight = written(&mut client);
        let Ok(Progress::Authenticated(state)) = handshake.receive(&mut &flight[..]) else {
            panic!("it is not authenticated");
        };
        let error = state.reject(Rejection::access_denied("not on the list"));
        let words = "this server refused the client: not on the list: client asks for localhost; client certificate \"CN=a client\", \
            issued by \"CN=lastword test CA\", serial ";
        assert!(error.to_string().starts_with(words), "{error}");
    }
    let mut good = client(pki.client_config(&ClientProfile {
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    }));
    shake_hands(&mut good, &config, |_| {}).unwrap();
}
