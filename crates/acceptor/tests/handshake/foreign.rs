//! Identities and sessions that belong to another client or configuration.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::handshake::clients::{accepted, answered, client, flight, written};
use crate::handshake::resumption::{
    FULL, Fleet, Kept, RESUMED, WAYS, handshake, handshakes, verifier,
};
use lastword_acceptor::{CertificateDer, Config, encrypted_alerts};
use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring;
use rustls::pki_types::UnixTime;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, KeyLog, ServerConfig,
    ServerConnection, SignatureAlgorithm, SignatureScheme,
};

/// A ticket of TLS 1.2 is in plaintext on the wire, so anyone can send it.
#[test]
fn a_client_that_replays_a_ticket_is_not_called_by_its_owners_name() {
    let fleet = Fleet::new(Kept::InTickets);
    for (versions, content_type) in [(Versions::Tls12, 22), (Versions::Tls13, 23)] {
        let config = Config::new(fleet.knowing()).unwrap();
        let owner = fleet.client(versions);
        assert_eq!(handshake(&config, &owner), FULL);
        let hello = written(&mut client(owner));
        let mut handshake = accepted(&hello).into_handshake(&config).unwrap();
        flight(&mut handshake);
        let junk = [
            &[20, 3, 3, 0, 1, 1, content_type, 3, 3, 0, 40][..],
            &[7; 40],
        ]
        .concat();
        let error = handshake.receive(&mut &junk[..]).unwrap_err();
        assert!(error.error().client_certificates().is_empty(), "{error}");
        assert!(!error.to_string().contains("CN="), "{error}");
    }
}

/// A resolver whose `Debug` shows another configuration.
#[derive(Debug)]
struct Fallback(Arc<ServerConfig>);

impl ResolvesServerCert for Fallback {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.cert_resolver.resolve(hello)
    }
}

#[test]
fn a_configuration_within_the_output_of_a_resolver_does_not_pass_for_the_whole() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let open = Arc::new(fleet.server(None));
        let knowing = |root| {
            let mut config = fleet.server(Some(verifier(&[root], true)));
            config.cert_resolver = Arc::new(Fallback(Arc::clone(&open)));
            Config::new(config).unwrap()
        };
        let (before, after) = (knowing(fleet.pki.ca_certificate()), knowing(other_root()));
        let client = fleet.client(versions);
        assert_eq!(handshakes(&before, &after, &client), None, "{kept:?}");
    }
}

fn other_root() -> CertificateDer<'static> {
    Pki::new().ca_certificate()
}

/// A verifier that asks for certificates once it is told to.
#[derive(Debug)]
struct Later(Arc<dyn ClientCertVerifier>, AtomicBool);

impl ClientCertVerifier for Later {
    fn offer_client_auth(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[test]
fn a_verifier_that_begins_to_ask_later_has_sessions_of_its_own_too() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let later = |root| {
            let verifier = Arc::new(Later(verifier(&[root], true), AtomicBool::new(false)));
            let config = fleet.server(Some(Arc::clone(&verifier) as _));
            let config = Config::new(config).unwrap();
            verifier.1.store(true, Ordering::Relaxed);
            config
        };
        let (before, after) = (later(fleet.pki.ca_certificate()), later(other_root()));
        let client = fleet.client(versions);
        assert_eq!(handshakes(&before, &after, &client), None, "{kept:?}");
        assert_eq!(
            handshakes(&before, &before, &fleet.client(versions)),
            RESUMED
        );
    }
}

/// A key log that answers another client at each secret.
struct Nested(Arc<ServerConfig>, Arc<ClientConfig>);

impl KeyLog for Nested {
    fn log(&self, _: &str, _: &[u8], _: &[u8]) {
        handshake(&Config::from(Arc::clone(&self.0)), &self.1);
    }
}

impl fmt::Debug for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nested")
    }
}

#[test]
fn a_handshake_within_another_does_not_take_its_certificate() {
    for (versions, kept) in WAYS {
        let fleet = Fleet::new(kept);
        let mut server = fleet.knowing();
        server.key_log = Arc::new(Nested(Arc::new(fleet.server(None)), fleet.client(versions)));
        let config = Config::new(server).unwrap();
        let mut client = client(fleet.client(versions));
        let handshake = answered(&mut client, &config);
        let error = handshake
            .receive(&mut &[21, 3, 3, 0, 2, 2, 48][..])
            .unwrap_err();
        let line = error.to_string();
        assert!(
            line.contains("; this server sent \"CN=localhost\", "),
            "{line}"
        );
    }
}

/// A key that has rustls answer another client before it signs.
#[derive(Debug)]
struct Signing<T: ?Sized>(Arc<ServerConfig>, Arc<ClientConfig>, Box<T>);

impl SigningKey for Signing<Arc<dyn SigningKey>> {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let signer = self.2.choose_scheme(offered)?;
        Some(Box::new(Signing(
            Arc::clone(&self.0),
            Arc::clone(&self.1),
            signer,
        )))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.2.algorithm()
    }
}

impl Signer for Signing<dyn Signer> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut server = ServerConnection::new(Arc::clone(&self.0)).unwrap();
        let mut client = client(Arc::clone(&self.1));
        while client.is_handshaking() || client.wants_write() {
            server.read_tls(&mut &written(&mut client)[..]).unwrap();
            server.process_new_packets().unwrap();
            let mut answer = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut answer).unwrap();
            }
            client.read_tls(&mut &answer[..]).unwrap();
            client.process_new_packets().unwrap();
        }
        self.2.sign(message)
    }

    fn scheme(&self) -> SignatureScheme {
        self.2.scheme()
    }
}

#[test]
fn a_client_of_a_handshake_within_another_is_not_named_for_the_others() {
    let fleet = Fleet::new(Kept::InTickets);
    let provider = Arc::new(encrypted_alerts(ring::default_provider()));
    let server = || {
        ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier(&[fleet.pki.ca_certificate()], true))
            .with_single_cert(fleet.pki.server_chain(), fleet.pki.server_key())
            .unwrap()
    };
    let profile = |identity| ClientProfile {
        identity,
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    let inner = Arc::new(server());
    let good = fleet.pki.client_config(&profile(Identity::Known));
    let key = ring::sign::any_supported_type(&fleet.pki.server_key()).unwrap();
    let key = Arc::new(Signing(inner, good, Box::new(key)));
    let mut outer = server();
    let key = CertifiedKey::new(fleet.pki.server_chain(), key);
    outer.cert_resolver = Arc::new(SingleCertAndKey::from(key));
    let config = Config::new(outer).unwrap();
    for (identity, named) in [
        (Identity::None, None),
        (Identity::UnknownCa, Some("CN=a client of a stranger")),
    ] {
        let mut bad = client(fleet.pki.client_config(&profile(identity)));
        let handshake = answered(&mut bad, &config);
        let error = handshake.receive(&mut &written(&mut bad)[..]).unwrap_err();
        let certificate = error.error().client_certificate();
        let subject = certificate.and_then(|certificate| certificate.subject());
        assert_eq!(subject.as_deref(), named, "{error}");
    }
}
