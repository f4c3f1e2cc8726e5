//! What fails on the application's own part: a key that cannot sign, a verifier that cannot verify.

use std::sync::Arc;

use crate::handshake::clients::{PROVIDERS, client, read_by, shake_hands};
use lastword_acceptor::{
    AlertDescription, Config, ErrorAndAlert, ErrorKind, Reason, encrypted_alerts,
};
use lastword_testkit::catalogue::{Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    AlertDescription as Told, CertificateError, ClientConnection, DigitallySignedStruct,
    DistinguishedName, Error, RootCertStore, ServerConfig, SignatureAlgorithm, SignatureScheme,
};

fn out_of_reach<T>() -> Result<T, Error> {
    Err(Error::General("out of reach".to_owned()))
}

#[derive(Debug)]
struct Key;

impl SigningKey for Key {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Key {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        out_of_reach()
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}

/// It fails with this error, and verifies signatures as another does.
#[derive(Debug)]
struct Verifier(Arc<dyn ClientCertVerifier>, Error);

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Err(self.1.clone())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// A client of these versions with a good certificate, and what becomes of it.
fn refused(
    pki: &Pki,
    config: ServerConfig,
    versions: Versions,
) -> (ClientConnection, ErrorAndAlert) {
    let mut client = client(pki.client_config(&ClientProfile {
        versions,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    }));
    let error = shake_hands(&mut client, &Config::new(config).unwrap(), |_| {}).unwrap_err();
    assert!(matches!(error.error().kind(), ErrorKind::Internal));
    assert_eq!(error.error().reason(), Reason::Internal);
    let summary = error.error().summary().to_string();
    assert_eq!(summary, "this server failed: out of reach");
    (client, error)
}

/// rustls 0.23.46 queues no alert for it.
#[test]
fn a_key_that_cannot_sign_is_an_internal_error() {
    let pki = Pki::new();
    let of = |versions, profile: &ServerProfile| {
        let mut config = Arc::unwrap_or_clone(pki.server_config(profile));
        let key = CertifiedKey::new(pki.server_chain(), Arc::new(Key));
        config.cert_resolver = Arc::new(SingleCertAndKey::from(key));
        refused(&pki, config, versions)
    };
    for (provider, profile) in PROVIDERS {
        let (mut client, error) = of(Versions::Tls12, &profile);
        assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 80]);
        assert_eq!(read_by(&mut client, &error), Told::InternalError);

        let (mut client, error) = of(Versions::Tls13, &profile);
        match provider {
            Provider::EncryptedAlerts => is_internal_error(&error, &mut client),
            Provider::Rustls => {
                assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY));
                let required = Some(AlertDescription::INTERNAL_ERROR);
                assert_eq!(error.error().required_alert(), required);
                assert_eq!(read_by(&mut client, &error), Told::CloseNotify);
            }
        }
    }
}

fn is_internal_error(error: &ErrorAndAlert, client: &mut ClientConnection) {
    assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
    assert_eq!(error.error().required_alert(), None);
    assert_eq!(read_by(client, error), Told::InternalError);
}

/// Returns a server whose verifier fails with this error.
fn verifying(pki: &Pki, provider: CryptoProvider, error: Error) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(Arc::new(Verifier(verifier, error)))
        .with_single_cert(pki.server_chain(), pki.server_key())
        .unwrap()
}

/// RFC 8446 4.4.2.4: a signature with a weak algorithm -> bad_certificate
#[test]
fn a_client_certificate_signed_with_a_weak_algorithm_is_a_bad_certificate() {
    let pki = Pki::new();
    let weak = CertificateError::UnsupportedSignatureAlgorithmContext {
        signature_algorithm_id: vec![],
        supported_algorithms: vec![],
    };
    let bad = AlertDescription::BAD_CERTIFICATE;
    for (provider, versions, alert, required) in [
        (Provider::EncryptedAlerts, Versions::Tls13, bad, None),
        (Provider::EncryptedAlerts, Versions::Tls12, bad, None),
        (Provider::Rustls, Versions::Tls12, bad, None),
        // rustls encrypts another
        (
            Provider::Rustls,
            Versions::Tls13,
            AlertDescription::DECRYPT_ERROR,
            Some(bad),
        ),
    ] {
        let own = match provider {
            Provider::EncryptedAlerts => encrypted_alerts(ring::default_provider()),
            Provider::Rustls => ring::default_provider(),
        };
        let config = Config::new(verifying(&pki, own, weak.clone().into())).unwrap();
        let mut client = client(pki.client_config(&ClientProfile {
            versions,
            identity: Identity::Known,
            ..ClientProfile::DEFAULT
        }));
        let error = shake_hands(&mut client, &config, |_| {}).unwrap_err();
        assert_eq!(error.alert(), Some(alert));
        assert_eq!(error.error().required_alert(), required);
        assert_eq!(u8::from(read_by(&mut client, &error)), alert.0);
    }
}

#[test]
fn a_verifier_that_cannot_verify_is_an_internal_error() {
    let pki = Pki::new();
    let build = |provider| {
        let error = out_of_reach::<()>().unwrap_err();
        verifying(&pki, provider, error)
    };
    let sealing = build(encrypted_alerts(ring::default_provider()));
    let (mut client, error) = refused(&pki, sealing, Versions::Tls13);
    is_internal_error(&error, &mut client);

    let config = build(ring::default_provider());
    let (mut client, error) = refused(&pki, config.clone(), Versions::Tls12);
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 80]);
    assert_eq!(read_by(&mut client, &error), Told::InternalError);

    // rustls 0.23.46 encrypts another
    let (mut client, error) = refused(&pki, config, Versions::Tls13);
    assert_eq!(error.alert(), Some(AlertDescription::HANDSHAKE_FAILURE));
    let required = Some(AlertDescription::INTERNAL_ERROR);
    assert_eq!(error.error().required_alert(), required);
    assert_eq!(read_by(&mut client, &error), Told::HandshakeFailure);
}
