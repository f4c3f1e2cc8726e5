//! The certificates of tests: an authority, and the certificates that it issues, made at run time.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};

use crate::server::Sessions;

mod any_server;
pub(crate) mod config;

pub(crate) use any_server::AnyServer;

pub use config::ClientProfile;

/// The names in the server's certificate.
pub const SERVER_NAMES: [&str; 5] = [
    "localhost",
    "example.test",
    "*.example.test",
    "127.0.0.1",
    "::1",
];

/// The name of the authority that the server trusts.
const CA_NAME: &str = "lastword test CA";

/// A certificate authority, a server, and clients with valid and invalid certificates.
///
/// Each call of [`new`](Self::new) makes new ECDSA keys on P-256. No key is written to a file.
#[derive(Debug)]
pub struct Pki {
    ca: Authority,
    stranger: Authority,
    server: Credentials,
    client: Credentials,
    client_of_stranger: Credentials,
    client_expired: Credentials,
    sessions: Sessions,
}

/// The certificate that a client sends if the server requests one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Identity {
    /// None: it sends an empty certificate list.
    #[default]
    None,
    /// A certificate of the authority that the server trusts.
    Known,
    /// A certificate of an authority that the server does not know.
    UnknownCa,
    /// A certificate of the authority that the server trusts. It expired in 2001.
    Expired,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Credentials {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

#[derive(Debug)]
struct Authority {
    credentials: Credentials,
    params: CertificateParams,
}

impl Pki {
    /// Makes all keys and certificates, which takes a few milliseconds.
    ///
    /// # Panics
    ///
    /// If the system cannot make keys.
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn new() -> Self {
        Self::try_new().expect("keys and certificates cannot be made")
    }

    /// Makes all of it but the authority's key, which is in PEM.
    pub(crate) fn of_authority(key_pem: &str) -> Result<Self, rcgen::Error> {
        Self::of(Authority::with_key(CA_NAME, KeyPair::from_pem(key_pem)?)?)
    }

    fn try_new() -> Result<Self, rcgen::Error> {
        Self::of(Authority::new(CA_NAME)?)
    }

    fn of(ca: Authority) -> Result<Self, rcgen::Error> {
        let stranger = Authority::new("a CA that nobody knows")?;
        let mut expired = client_params("a client of long ago")?;
        expired.not_before = date_time_ymd(2000, 1, 1);
        expired.not_after = date_time_ymd(2001, 1, 1);
        Ok(Self {
            server: ca.issue(&server_params()?)?,
            client: ca.issue(&client_params("a client")?)?,
            client_of_stranger: stranger.issue(&client_params("a client of a stranger")?)?,
            client_expired: ca.issue(&expired)?,
            ca,
            stranger,
            sessions: Sessions::new(),
        })
    }

    /// Returns the authority's certificate in PEM, for a client to trust.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.ca.credentials.certificate_pem()
    }

    /// Returns the certificate, in PEM, of the authority that issued only the one of
    /// [`Identity::UnknownCa`]. A client that trusts only this authority refuses the server.
    #[must_use]
    pub fn unknown_ca_pem(&self) -> String {
        self.stranger.credentials.certificate_pem()
    }

    /// Returns the authority's certificate.
    #[must_use]
    pub fn ca_certificate(&self) -> CertificateDer<'static> {
        self.ca.credentials.certificate()
    }

    /// Returns the server's certificate chain without the authority: one certificate with the
    /// [`SERVER_NAMES`].
    #[must_use]
    pub fn server_chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.server.certificate()]
    }

    /// Returns the key of the server's certificate.
    #[must_use]
    pub fn server_key(&self) -> PrivateKeyDer<'static> {
        self.server.key()
    }

    /// Returns the server's certificate and key.
    #[must_use]
    pub const fn server(&self) -> &Credentials {
        &self.server
    }

    /// Returns the certificate and key of this identity; `None` for [`Identity::None`].
    #[must_use]
    pub const fn client(&self, identity: Identity) -> Option<&Credentials> {
        match identity {
            Identity::None => None,
            Identity::Known => Some(&self.client),
            Identity::UnknownCa => Some(&self.client_of_stranger),
            Identity::Expired => Some(&self.client_expired),
        }
    }

    /// Returns a client's configuration.
    ///
    /// # Panics
    ///
    /// If rustls does not accept the certificates, or as in [`new`](Self::new).
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn client_config(&self, profile: &ClientProfile) -> Arc<rustls::ClientConfig> {
        config::client(self, profile).expect("rustls does not take the certificates")
    }

    /// Returns a client certificate of the authority that the server trusts. It allows only `count`
    /// unknown key usages.
    ///
    /// # Panics
    ///
    /// As in [`new`](Self::new).
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn client_of_unknown_usages(&self, count: usize) -> Credentials {
        let mut params = client_params("a client of many uses").expect("a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 2]); count];
        self.ca.issue(&params).expect("a certificate")
    }

    /// Returns a certificate of the authority with this name, for servers and clients. It expires
    /// at the beginning of the year `until`.
    ///
    /// # Panics
    ///
    /// As in [`new`](Self::new).
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn issue(&self, name: &str, until: i32) -> Credentials {
        let mut params = named(vec![name.replace(' ', "-")], name).expect("a name");
        params.not_after = date_time_ymd(until, 1, 1);
        self.ca.issue(&params).expect("a certificate")
    }

    /// Returns a revocation list of the authority that has the certificate of this identity.
    ///
    /// # Panics
    ///
    /// As in [`new`](Self::new), and if the identity has no certificate.
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn revocation_list(&self, identity: Identity) -> CertificateRevocationListDer<'static> {
        let revoked = self.client(identity).expect("a certificate");
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2100, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: revoked.certificate_serial(),
                revocation_time: date_time_ymd(2024, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let issuer = Issuer::from_params(&self.ca.params, &self.ca.credentials.key);
        list.signed_by(&issuer).expect("a revocation list").into()
    }

    /// The sessions of all servers.
    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The authority that the server trusts.
    pub(crate) const fn authority(&self) -> &Credentials {
        &self.ca.credentials
    }

    const fn stranger(&self) -> &Credentials {
        &self.stranger.credentials
    }
}

impl Default for Pki {
    fn default() -> Self {
        Self::new()
    }
}

impl Credentials {
    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }

    /// The serial number, as it stands in the certificate.
    #[allow(clippy::expect_used)] // no peer has a part in it
    fn certificate_serial(&self) -> SerialNumber {
        let der = self.certificate();
        let serial = lastword_acceptor::Certificate::new(&der).serial();
        let digits = serial
            .expect("a certificate with a serial number")
            .into_bytes();
        let bytes = digits.chunks(2).map(|two| {
            let two = std::str::from_utf8(two).expect("digits");
            u8::from_str_radix(two, 16).expect("digits")
        });
        SerialNumber::from(bytes.collect::<Vec<_>>())
    }

    /// The certificate in PEM, for openssl and curl.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// The key in PEM, PKCS #8, for openssl and curl.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

impl Authority {
    fn new(name: &str) -> Result<Self, rcgen::Error> {
        Self::with_key(name, KeyPair::generate()?)
    }

    fn with_key(name: &str, key: KeyPair) -> Result<Self, rcgen::Error> {
        let mut params = named(Vec::new(), name)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            credentials: Credentials { certificate, key },
            params,
        })
    }

    fn issue(&self, params: &CertificateParams) -> Result<Credentials, rcgen::Error> {
        let issuer = Issuer::from_params(&self.params, &self.credentials.key);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &issuer)?;
        Ok(Credentials { certificate, key })
    }
}

fn named(names: Vec<String>, name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn end_entity(mut params: CertificateParams, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    params
}

fn server_params() -> Result<CertificateParams, rcgen::Error> {
    let params = named(SERVER_NAMES.map(String::from).to_vec(), "localhost")?;
    Ok(end_entity(params, ExtendedKeyUsagePurpose::ServerAuth))
}

fn client_params(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let params = named(vec!["client.example.test".to_owned()], name)?;
    Ok(end_entity(params, ExtendedKeyUsagePurpose::ClientAuth))
}
