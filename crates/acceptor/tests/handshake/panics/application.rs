//! An application that panics in one of the calls that rustls makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use lastword_testkit::pki::Pki;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::ring::{Ticketer, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{
    ClientHello, ProducesTickets, ResolvesServerCert, ServerSessionMemoryCache,
    StoresServerSessions, WebPkiClientVerifier,
};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, NamedGroup, RootCertStore, SignatureAlgorithm,
    SignatureScheme,
};

/// A call of rustls's to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Resolve,
    ChooseScheme,
    Sign,
    RootHints,
    Schemes,
    VerifyCertificate,
    VerifySignature,
    Encrypt,
    Decrypt,
    Get,
    Take,
    Put,
}

/// All that rustls calls of an application. One of the calls panics.
#[derive(Debug)]
pub(super) struct Application {
    panics_at: Call,
    /// How many of these calls are let through first.
    after: AtomicUsize,
    /// None panics while the configuration is made, and a first session.
    pub(super) is_armed: AtomicBool,
    /// How often the resolver was asked since: once for each ClientHello.
    pub(super) resolved: AtomicUsize,
    chain: Vec<CertificateDer<'static>>,
    key: Arc<dyn SigningKey>,
    verifier: Arc<dyn ClientCertVerifier>,
    store: Arc<dyn StoresServerSessions>,
    ticketer: Arc<dyn ProducesTickets>,
}

impl Application {
    fn reach(&self, call: Call) {
        if !self.is_armed.load(Ordering::SeqCst) {
            return;
        }
        if call == Call::Resolve {
            self.resolved.fetch_add(1, Ordering::SeqCst);
        }
        if call != self.panics_at {
            return;
        }
        let left = self.after.load(Ordering::SeqCst);
        if left == 0 {
            panic!("a planted panic");
        }
        self.after.store(left - 1, Ordering::SeqCst);
    }
}

/// A part of the application that rustls is given.
#[derive(Clone, Debug)]
pub(super) struct Part(pub(super) Arc<Application>);

impl ResolvesServerCert for Part {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.reach(Call::Resolve);
        let key = CertifiedKey::new(self.0.chain.clone(), Arc::new(self.clone()));
        Some(Arc::new(key))
    }
}

impl SigningKey for Part {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        self.0.reach(Call::ChooseScheme);
        let signer = self.0.key.choose_scheme(offered)?;
        let part = self.clone();
        Some(Box::new(Signs { part, signer }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.key.algorithm()
    }
}

#[derive(Debug)]
struct Signs {
    part: Part,
    signer: Box<dyn Signer>,
}

impl Signer for Signs {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.part.0.reach(Call::Sign);
        self.signer.sign(message)
    }

    fn scheme(&self) -> SignatureScheme {
        self.signer.scheme()
    }
}

impl ClientCertVerifier for Part {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.reach(Call::RootHints);
        self.0.verifier.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.reach(Call::VerifyCertificate);
        let verifier = &self.0.verifier;
        verifier.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.reach(Call::VerifySignature);
        let verifier = &self.0.verifier;
        verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.reach(Call::VerifySignature);
        let verifier = &self.0.verifier;
        verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.reach(Call::Schemes);
        self.0.verifier.supported_verify_schemes()
    }
}

impl StoresServerSessions for Part {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.0.reach(Call::Put);
        self.0.store.put(key, value)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.reach(Call::Get);
        self.0.store.get(key)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.reach(Call::Take);
        self.0.store.take(key)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

impl ProducesTickets for Part {
    fn enabled(&self) -> bool {
        matches!(self.0.panics_at, Call::Encrypt | Call::Decrypt)
    }

    fn lifetime(&self) -> u32 {
        self.0.ticketer.lifetime()
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.0.reach(Call::Encrypt);
        self.0.ticketer.encrypt(plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.0.reach(Call::Decrypt);
        self.0.ticketer.decrypt(cipher)
    }
}

pub(super) fn application(pki: &Pki, panics_at: Call, after: usize) -> Part {
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    Part(Arc::new(Application {
        panics_at,
        after: AtomicUsize::new(after),
        is_armed: AtomicBool::new(false),
        resolved: AtomicUsize::new(0),
        chain: pki.server_chain(),
        key: any_supported_type(&pki.server_key()).unwrap(),
        verifier: WebPkiClientVerifier::builder(Arc::new(roots))
            .build()
            .unwrap(),
        store: ServerSessionMemoryCache::new(8),
        ticketer: Ticketer::new().unwrap(),
    }))
}

/// A client's sessions, without the group that its server chose last.
#[derive(Debug)]
pub(super) struct NoGroups(pub(super) ClientSessionMemoryCache);

impl ClientSessionStore for NoGroups {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(name, value);
    }

    fn tls12_session(&self, name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(name)
    }

    fn remove_tls12_session(&self, name: &ServerName<'static>) {
        self.0.remove_tls12_session(name);
    }

    fn insert_tls13_ticket(&self, name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(name, value);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(name)
    }
}
