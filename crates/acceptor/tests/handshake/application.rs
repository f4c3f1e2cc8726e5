//! What fails on the application's own part: a key that cannot sign, a verifier that cannot verify.

use std::sync::Arc;

use crate::clients::{client, read_by, shake_hands};
use lastword_acceptor::{AlertDescription, Config, ErrorAndAlert, ErrorKind, Reason};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    AlertDescription as Told, ClientConnection, DigitallySignedStruct, DistinguishedName, Error,
    RootCertStore, ServerConfig, SignatureAlgorithm, SignatureScheme,
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

/// Of another's signatures.
#[derive(Debug)]
struct Verifier(Arc<dyn ClientCertVerifier>);

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
        out_of_reach()
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
    assert_eq!(error.to_string(), "unexpected error: out of reach");
    (client, error)
}

/// rustls 0.23.46 queues no alert for it.
#[test]
fn a_key_that_cannot_sign_is_an_internal_error_in_plaintext_alone() {
    let pki = Pki::new();
    let of = |versions| {
        let mut config = Arc::unwrap_or_clone(pki.server_config(&ServerProfile::DEFAULT));
        let key = CertifiedKey::new(pki.server_chain(), Arc::new(Key));
        config.cert_resolver = Arc::new(SingleCertAndKey::from(key));
        refused(&pki, config, versions)
    };
    let (mut client, error) = of(Versions::Tls12);
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 80]);
    assert_eq!(read_by(&mut client, &error), Told::InternalError);

    let (_, error) = of(Versions::Tls13);
    assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY));
}

#[test]
fn a_verifier_that_cannot_verify_is_an_internal_error_in_plaintext_alone() {
    let pki = Pki::new();
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(Arc::new(Verifier(verifier)))
        .with_single_cert(pki.server_chain(), pki.server_key())
        .unwrap();
    let (mut client, error) = refused(&pki, config.clone(), Versions::Tls12);
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 80]);
    assert_eq!(read_by(&mut client, &error), Told::InternalError);

    // rustls 0.23.46 encrypts another
    let (mut client, error) = refused(&pki, config, Versions::Tls13);
    assert_eq!(error.alert(), Some(AlertDescription::HANDSHAKE_FAILURE));
    assert_eq!(read_by(&mut client, &error), Told::HandshakeFailure);
}
