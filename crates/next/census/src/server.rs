//! How a server over rustls 0.24 must be set up to have a profile.

use std::borrow::Cow;
use std::sync::Arc;

use lastword_acceptor::{RustlsConnection, encrypted_alerts};
use lastword_alert::AlertDescription;
use rustls::{ClientConfig, ClientConnection};
use rustls_next::crypto::{
    Credentials, CryptoProvider, Identity, SelectedCredential, SignatureScheme, Signer, SigningKey,
    SingleCredential,
};
use rustls_next::server::{
    ClientHello, ServerCredentialResolver, ServerSessionMemoryCache, Tls13Tickets,
    WebPkiClientVerifier,
};
use rustls_next::{Connection, RootCertStore, ServerConfig, ServerSide, VecInput};
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, ServerName, SubjectPublicKeyInfoDer,
};

use crate::catalogue::{Case, ClientAuth, Met, Provider, Required, ServerProfile, Versions};
use crate::pki::Pki;
use crate::pki::config::Error;

/// The minor version of the rustls that is tested.
pub const MINOR: u8 = 24;

/// Whether rustls answers a KeyUpdate at once, and not with the next record.
pub const ANSWERS_KEY_UPDATES_AT_ONCE: bool = MINOR == 23;

/// The error of a client without a common group.
pub const NO_GROUP: rustls_next::Error =
    rustls_next::Error::PeerIncompatible(rustls_next::error::PeerIncompatible::NoKxGroupsInCommon);

/// The error of a record that does not decrypt.
pub const DECRYPT_ERROR: rustls_next::Error = rustls_next::Error::DecryptError;

/// Its words.
pub const DECRYPT_ERROR_WORDS: &str = "client sent a record that does not decrypt";

/// Returns whether a client of this case gets the required result from a server with rustls's own
/// provider.
///
/// These are the cases for which rustls 0.24 differs from rustls 0.23.
pub(crate) fn met(case: &Case) -> Met {
    let wrong = |today, why| {
        let today = Required::Alerts(today);
        Met::No { today, why }
    };
    match case.name {
        "endless-certificate" | "empty-sealed-alert" => Met::Yes,
        "data-within-finished"
        | "alert-within-finished"
        | "no-sealed-type"
        | "late-warning-flood"
        | "certificate-with-unasked-status" => wrong(
            &[AlertDescription::ILLEGAL_PARAMETER],
            "rustls has no arm for it in its map from errors to alerts",
        ),
        "broken-key" => wrong(
            &[AlertDescription(117)],
            "rustls sends general_error for an error of the key",
        ),
        _ => case.met,
    }
}

/// The sessions of all servers of an authority.
#[derive(Debug)]
pub(crate) struct Sessions(Arc<ServerSessionMemoryCache>);

impl Sessions {
    pub(crate) fn new() -> Self {
        Self(ServerSessionMemoryCache::new(256))
    }
}

impl Pki {
    /// A server's configuration: its provider, versions, ALPN protocols and client authentication are those
    /// of `profile`. The rest of a profile is for the accept path, not for rustls.
    ///
    /// All of them resume each other's sessions.
    ///
    /// # Panics
    ///
    /// If rustls does not take the certificates.
    #[must_use]
    pub fn server_config(&self, profile: &ServerProfile) -> Arc<ServerConfig> {
        let provider = match profile.provider {
            Provider::EncryptedAlerts => encrypted_alerts(rustls_ring::DEFAULT_PROVIDER),
            Provider::Rustls => rustls_ring::DEFAULT_PROVIDER,
        };
        self.server_config_with(profile, provider)
    }

    /// Returns the same configuration with sessions of its own.
    ///
    /// # Panics
    ///
    /// As [`server_config`](Self::server_config).
    #[must_use]
    pub fn server_config_alone(&self, profile: &ServerProfile) -> ServerConfig {
        let mut config = Arc::unwrap_or_clone(self.server_config(profile));
        config.session_storage = ServerSessionMemoryCache::new(16);
        config
    }

    /// Returns the same configuration with this provider instead of the profile's.
    ///
    /// # Panics
    ///
    /// If rustls does not take the certificates.
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn server_config_with(
        &self,
        profile: &ServerProfile,
        provider: CryptoProvider,
    ) -> Arc<ServerConfig> {
        server_with(self, profile, provider).expect("rustls does not take the certificates")
    }
}

fn server_with(
    pki: &Pki,
    profile: &ServerProfile,
    mut own: CryptoProvider,
) -> Result<Arc<ServerConfig>, Error> {
    restrict(&mut own, profile.versions);
    let builder = ServerConfig::builder(Arc::new(own));
    let mut roots = RootCertStore::empty();
    roots.add(pki.authority().certificate())?;
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots), &rustls_ring::DEFAULT_PROVIDER);
    let builder = match profile.client_auth {
        ClientAuth::No => builder.with_no_client_auth(),
        ClientAuth::Optional => {
            builder.with_client_cert_verifier(Arc::new(verifier.allow_unauthenticated().build()?))
        }
        ClientAuth::Required => builder.with_client_cert_verifier(Arc::new(verifier.build()?)),
    };
    let identity = Arc::new(Identity::from_cert_chain(pki.server_chain())?);
    let mut config = builder.with_single_cert(identity, pki.server_key())?;
    if !profile.signs {
        cannot_sign(&mut config, pki, || "the key is gone".to_owned());
    }
    let protocols = profile.alpn.iter();
    config.alpn_protocols = protocols.map(|name| name.as_bytes().into()).collect();
    config.session_storage = pki.sessions().0.clone();
    Ok(Arc::new(config))
}

/// Has the client and a server in memory do a handshake, so that the client has a ticket.
pub(crate) fn rehearse(
    pki: &Pki,
    config: &Arc<ClientConfig>,
    name: &ServerName<'static>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let config_of_server = pki.server_config(&ServerProfile::DEFAULT);
    let mut server = Connection::<ServerSide, _>::new(config_of_server)?;
    let (mut input, mut output) = (VecInput::default(), Vec::new());
    let mut client = ClientConnection::new(config.clone(), name.clone())?;
    while client.wants_write() || !output.is_empty() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes)?;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            input.read(&mut rest)?;
            server
                .read_tls(&mut input, &mut output)
                .handle_all(&mut Vec::new())?;
        }
        let mut rest = &output[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest)?;
            client.process_new_packets()?;
        }
        output.clear();
    }
    Ok(())
}

/// Calls `call` with the server name before the certificate resolver of a configuration.
pub fn before_resolving(config: &mut ServerConfig, call: fn(Option<&str>)) {
    let inner = Arc::clone(&config.cert_resolver);
    config.cert_resolver = Arc::new(Calling { inner, call });
}

#[derive(Debug)]
struct Calling {
    inner: Arc<dyn ServerCredentialResolver>,
    call: fn(Option<&str>),
}

impl ServerCredentialResolver for Calling {
    fn resolve(&self, hello: &ClientHello<'_>) -> Result<SelectedCredential, rustls_next::Error> {
        (self.call)(hello.server_name().map(AsRef::as_ref));
        self.inner.resolve(hello)
    }
}

/// Sets how many tickets a server of TLS 1.3 sends.
pub fn send_tickets(config: &mut ServerConfig, count: usize) {
    config.send_tls13_tickets = Tls13Tickets {
        default: count,
        max: count,
    };
}

/// Gives a configuration a key that cannot sign: the error has this text.
///
/// # Panics
///
/// If there is no certificate.
#[allow(clippy::expect_used)] // no peer has a part in it
pub fn cannot_sign(config: &mut ServerConfig, pki: &Pki, text: fn() -> String) {
    let identity = Identity::from_cert_chain(pki.server_chain()).expect("a certificate");
    let own = Credentials::new_unchecked(Arc::new(identity), Box::new(Broken(text)));
    config.cert_resolver = Arc::new(SingleCredential::from(own));
}

/// Returns a configuration that requires a client certificate of these authorities, and knows these
/// revocation lists.
///
/// # Panics
///
/// If rustls does not take the certificates.
#[must_use]
#[allow(clippy::expect_used)] // no peer has a part in it
pub fn verifying(
    pki: &Pki,
    profile: &ServerProfile,
    authorities: Vec<CertificateDer<'static>>,
    lists: Vec<CertificateRevocationListDer<'static>>,
) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority).expect("an authority");
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots), &rustls_ring::DEFAULT_PROVIDER)
        .with_crls(lists)
        .allow_unknown_revocation_status()
        .build();
    let mut own = match profile.provider {
        Provider::EncryptedAlerts => encrypted_alerts(rustls_ring::DEFAULT_PROVIDER),
        Provider::Rustls => rustls_ring::DEFAULT_PROVIDER,
    };
    restrict(&mut own, profile.versions);
    let identity = Identity::from_cert_chain(pki.server_chain()).expect("a certificate");
    ServerConfig::builder(Arc::new(own))
        .with_client_cert_verifier(Arc::new(verifier.expect("a verifier")))
        .with_single_cert(Arc::new(identity), pki.server_key())
        .expect("a certificate")
}

/// Removes the suites of other versions.
fn restrict(provider: &mut CryptoProvider, versions: Versions) {
    match versions {
        Versions::Tls12 => provider.tls13_cipher_suites = Cow::default(),
        Versions::Tls13 => provider.tls12_cipher_suites = Cow::default(),
        Versions::Both => {}
    }
}

/// Returns all that a connection of rustls has to write.
#[must_use]
pub fn into_output(connection: RustlsConnection) -> Vec<u8> {
    connection.output
}

/// The error of a server with this text.
#[must_use]
pub fn general(text: &str) -> rustls_next::Error {
    rustls_next::Error::General(text.to_owned())
}

/// A key that cannot sign, as one of a device that is gone.
#[derive(Debug)]
struct Broken(fn() -> String);

impl SigningKey for Broken {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        offered
            .contains(&scheme)
            .then(|| Box::new(Self(self.0)) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

impl Signer for Broken {
    fn sign(self: Box<Self>, _: &[u8]) -> Result<Vec<u8>, rustls_next::Error> {
        Err(rustls_next::Error::General((self.0)()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}
