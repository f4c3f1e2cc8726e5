//! The server's certificate, and who verifies clients: a certificate is good by its first byte.

use std::sync::Arc;

use rustls_next::DistinguishedName;
use rustls_next::client::danger::HandshakeSignatureValid;
use rustls_next::crypto::{
    Credentials, Identity, SignatureScheme, Signer, SigningKey, SingleCredential, VerifiedIdentity,
};
use rustls_next::error::{CertificateError, Error};
use rustls_next::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls_next::server::ServerCredentialResolver;
use rustls_next::server::danger::{ClientIdentity, ClientVerifier, SignatureVerificationInput};

use super::Glass;

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// What every signature is.
const SIGNATURE: &[u8] = &[0x51; 8];

pub(crate) fn server_certificate() -> Arc<dyn ServerCredentialResolver> {
    let certificate = CertificateDer::from(vec![0x30, 1, 2, 3]);
    let identity = Identity::from_cert_chain(vec![certificate]).unwrap();
    let own = Credentials::new_unchecked(Arc::new(identity), Box::new(Glass));
    Arc::new(SingleCredential::from(own))
}

impl SigningKey for Glass {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SCHEME)
            .then(|| Box::new(*self) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

impl Signer for Glass {
    fn sign(self: Box<Self>, _: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(SIGNATURE.to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

fn verify(input: &SignatureVerificationInput<'_>) -> Result<HandshakeSignatureValid, Error> {
    match input.signature.signature() == SIGNATURE {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(CertificateError::BadSignature.into()),
    }
}

/// A server that asks clients for a certificate, and what it says of one by the first byte.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) mandatory: bool,
}

impl ClientVerifier for Known {
    fn verify_identity<'a>(
        &self,
        client: &ClientIdentity<'a, '_>,
    ) -> Result<VerifiedIdentity<'a>, Error> {
        let first = match client.identity {
            Identity::X509(certificates) => certificates.end_entity.first(),
            _ => None,
        };
        Err(match first {
            Some(0x30) => return Ok(VerifiedIdentity::assertion(client.identity.clone())),
            Some(0x31) => CertificateError::UnknownIssuer,
            Some(0x32) => CertificateError::Expired,
            Some(0x33) => CertificateError::Revoked,
            Some(0x34) => CertificateError::InvalidPurpose,
            _ => CertificateError::BadEncoding,
        }
        .into())
    }

    fn verify_tls12_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(input)
    }

    fn verify_tls13_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(input)
    }

    fn root_hint_subjects(&self) -> Arc<[DistinguishedName]> {
        Arc::from([])
    }

    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SCHEME]
    }
}
