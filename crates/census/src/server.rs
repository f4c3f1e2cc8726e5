//! Makes the rustls configuration of a server from a profile.
//!
//! Only this file names the version of rustls that is tested. The clients may have another.

use std::sync::Arc;

use lastword_acceptor::encrypted_alerts;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{
    ClientHello, ResolvesServerCert, ServerSessionMemoryCache, WebPkiClientVerifier,
};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection,
    SignatureAlgorithm, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName};

use crate::catalogue::{Case, ClientAuth, Met, Provider, ServerProfile};
use crate::pki::Pki;
use crate::pki::config::{Error, protocol_versions, protocols, provider, roots};

/// The minor version of the rustls that is tested.
pub const MINOR: u8 = 23;

/// Whether rustls answers a KeyUpdate at once, and not with the next record.
pub const ANSWERS_KEY_UPDATES_AT_ONCE: bool = MINOR == 23;

/// The error of a client without a common group.
pub const NO_GROUP: rustls::Error =
    rustls::Error::PeerIncompatible(rustls::PeerIncompatible::NoKxGroupsInCommon);

/// The error of a record that does not decrypt.
pub const DECRYPT_ERROR: rustls::Error = rustls::Error::DecryptError;

/// Its words.
pub const DECRYPT_ERROR_WORDS: &str =
    "client sent a record that does not decrypt, or a Finished that does not verify";

/// Returns whether a client of this case gets the required result from a server with rustls's own
/// provider.
pub(crate) const fn met(case: &Case) -> Met {
    case.met
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
    /// Returns a server's configuration, with the provider, versions, ALPN protocols and client
    /// authentication of `profile`. The rest of a profile is for the accept path, not for rustls.
    ///
    /// All configurations of one value resume each other's sessions.
    ///
    /// # Panics
    ///
    /// If rustls does not accept the certificates, or as in [`new`](Self::new).
    #[must_use]
    #[allow(clippy::expect_used)] // no peer has a part in it
    pub fn server_config(&self, profile: &ServerProfile) -> Arc<ServerConfig> {
        server(self, profile).expect("rustls does not take the certificates")
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
    /// If rustls does not accept the certificates, or as in [`new`](Self::new).
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

fn server(pki: &Pki, profile: &ServerProfile) -> Result<Arc<ServerConfig>, Error> {
    let provider = match profile.provider {
        Provider::EncryptedAlerts => encrypted_alerts(ring::default_provider()),
        Provider::Rustls => ring::default_provider(),
    };
    server_with(pki, profile, provider)
}

fn server_with(
    pki: &Pki,
    profile: &ServerProfile,
    own: CryptoProvider,
) -> Result<Arc<ServerConfig>, Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(own))
        .with_protocol_versions(protocol_versions(profile.versions))?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots(pki.authority())?), provider());
    let builder = match profile.client_auth {
        ClientAuth::No => builder.with_no_client_auth(),
        ClientAuth::Optional => {
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        }
        ClientAuth::Required => builder.with_client_cert_verifier(verifier.build()?),
    };
    let mut config = builder.with_single_cert(pki.server_chain(), pki.server_key())?;
    if !profile.signs {
        cannot_sign(&mut config, pki, || "the key is gone".to_owned());
    }
    config.alpn_protocols = protocols(profile.alpn);
    config.session_storage = pki.sessions().0.clone();
    Ok(Arc::new(config))
}

/// Has the client and a server in memory do a handshake, so that the client has a ticket.
pub(crate) fn rehearse(
    pki: &Pki,
    config: &Arc<ClientConfig>,
    name: &ServerName<'static>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut server = ServerConnection::new(pki.server_config(&ServerProfile::DEFAULT))?;
    let mut client = ClientConnection::new(config.clone(), name.clone())?;
    while client.wants_write() || server.wants_write() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes)?;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest)?;
            server.process_new_packets()?;
        }
        bytes.clear();
        while server.wants_write() {
            server.write_tls(&mut bytes)?;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest)?;
            client.process_new_packets()?;
        }
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
    inner: Arc<dyn ResolvesServerCert>,
    call: fn(Option<&str>),
}

impl ResolvesServerCert for Calling {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        (self.call)(hello.server_name());
        self.inner.resolve(hello)
    }
}

/// Sets how many tickets a server of TLS 1.3 sends.
pub fn send_tickets(config: &mut ServerConfig, count: usize) {
    config.send_tls13_tickets = count;
}

/// Gives a configuration a key that cannot sign: the error has this text.
pub fn cannot_sign(config: &mut ServerConfig, pki: &Pki, text: fn() -> String) {
    let key = CertifiedKey::new(pki.server_chain(), Arc::new(Broken(text)));
    config.cert_resolver = Arc::new(SingleCertAndKey::from(key));
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
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .with_crls(lists)
        .allow_unknown_revocation_status()
        .build();
    let own = match profile.provider {
        Provider::EncryptedAlerts => encrypted_alerts(ring::default_provider()),
        Provider::Rustls => ring::default_provider(),
    };
    ServerConfig::builder_with_provider(Arc::new(own))
        .with_protocol_versions(protocol_versions(profile.versions))
        .expect("versions")
        .with_client_cert_verifier(verifier.expect("a verifier"))
        .with_single_cert(pki.server_chain(), pki.server_key())
        .expect("a certificate")
}

/// Returns all that a connection of rustls has to write.
#[must_use]
pub fn into_output(mut connection: ServerConnection) -> Vec<u8> {
    let mut output = Vec::new();
    // a vector takes all
    while connection.wants_write() && connection.write_tls(&mut output).is_ok() {}
    output
}

/// The error of a server with this text.
#[must_use]
pub fn general(text: &str) -> rustls::Error {
    rustls::Error::General(text.to_owned())
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

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Broken {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Err(rustls::Error::General((self.0)()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}
