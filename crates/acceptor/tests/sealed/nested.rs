//! Code of the application that drives other handshakes while rustls calls it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lastword_acceptor::{AlertDescription, Config, Rejection, encrypted_alerts};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{
    ClientHello, ProducesTickets, ResolvesServerCert, ServerSessionMemoryCache,
    StoresServerSessions, WebPkiClientVerifier,
};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, KeyLog, ServerConfig, ServerConnection,
    SignatureScheme,
};

use crate::sealed::audit;
use crate::sealed::handshakes::encrypted;
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{PKI, Scenario, roots, written};

/// Something of the application, and how often it was called.
#[derive(Clone)]
struct Nesting<T: ?Sized> {
    calls: Arc<AtomicUsize>,
    inner: Arc<T>,
}

impl<T: ?Sized> Nesting<T> {
    /// Drives other handshakes, then calls the real thing.
    fn call<R>(&self, action: impl FnOnce(&T) -> R) -> R {
        self.calls.fetch_add(1, Ordering::Relaxed);
        for scenario in [Scenario::TLS13, Scenario::TLS12] {
            with_rustls(&scenario);
            with_this_crate(&scenario);
            start(&scenario);
            with_rustls(&scenario);
        }
        action(&self.inner)
    }
}

impl<T: ?Sized> fmt::Debug for Nesting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nesting")
    }
}

fn with_this_crate(scenario: &Scenario) {
    let (config, mut client) = scenario.pair();
    let mut server = Server::authorizing();
    let before = audit::records();
    let mut tls = server.converse(&mut client, &config);
    server.decide(None);
    tls.extend(server.converse(&mut client, &config));
    let connection = server.complete();
    assert!(!client.is_handshaking() && !connection.wants_write());
    let count = audit::records() - before;
    assert_eq!(count, encrypted(&tls, scenario.tls12));
}

fn with_rustls(scenario: &Scenario) {
    let (config, mut client) = scenario.pair_with(|config| config);
    let mut server = ServerConnection::new(config.into()).unwrap();
    let before = audit::records();
    let mut tls = Vec::new();
    while client.is_handshaking() || client.wants_write() || server.wants_write() {
        let said = written(&mut client);
        let mut said = &said[..];
        while !said.is_empty() {
            server.read_tls(&mut said).unwrap();
            server.process_new_packets().unwrap();
        }
        let answer = written(&mut server);
        hear(&mut client, &answer);
        tls.extend(answer);
    }
    let count = audit::records() - before;
    assert_eq!(count, encrypted(&tls, scenario.tls12));
}

/// Answers a ClientHello with rustls and with this crate, and drops the connections.
fn start(scenario: &Scenario) {
    let (config, mut client) = scenario.pair_with(|config| config);
    let hello = written(&mut client);
    let mut server = Server::new();
    server.receive(&Config::new(config.clone()).unwrap(), &hello);
    let mut rustls = ServerConnection::new(config.into()).unwrap();
    rustls.read_tls(&mut &hello[..]).unwrap();
    rustls.process_new_packets().unwrap();
}

impl ResolvesServerCert for Nesting<dyn ResolvesServerCert> {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.call(|it| it.resolve(hello))
    }
}

impl KeyLog for Nesting<dyn KeyLog> {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.call(|it| it.log(label, client_random, secret));
    }

    fn will_log(&self, label: &str) -> bool {
        self.call(|it| it.will_log(label))
    }
}

impl ProducesTickets for Nesting<dyn ProducesTickets> {
    fn enabled(&self) -> bool {
        self.call(ProducesTickets::enabled)
    }

    fn lifetime(&self) -> u32 {
        self.call(ProducesTickets::lifetime)
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.call(|it| it.encrypt(plain))
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.call(|it| it.decrypt(cipher))
    }
}

impl StoresServerSessions for Nesting<dyn StoresServerSessions> {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.call(|it| it.put(key, value))
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.call(|it| it.get(key))
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.call(|it| it.take(key))
    }

    fn can_cache(&self) -> bool {
        self.call(StoresServerSessions::can_cache)
    }
}

impl ClientCertVerifier for Nesting<dyn ClientCertVerifier> {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.call(|it| it.verify_client_cert(end_entity, intermediates, now))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.call(|it| it.verify_tls12_signature(message, certificate, signature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.call(|it| it.verify_tls13_signature(message, certificate, signature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Logs nothing, but wants to.
struct Log;

impl KeyLog for Log {
    fn log(&self, _: &str, _: &[u8], _: &[u8]) {}
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// Which part of the application drives other handshakes.
#[derive(Clone, Copy, Debug)]
enum Part {
    Resolver,
    KeyLog,
    Ticketer,
    SessionStore,
    Verifier,
}

fn change(mut config: ServerConfig, part: Part, calls: &Arc<AtomicUsize>) -> ServerConfig {
    fn nesting<T: ?Sized>(calls: &Arc<AtomicUsize>, inner: Arc<T>) -> Nesting<T> {
        let calls = Arc::clone(calls);
        Nesting { calls, inner }
    }
    match part {
        Part::Resolver => {
            let provider = ring::default_provider();
            let key = CertifiedKey::from_der(PKI.server_chain(), PKI.server_key(), &provider);
            let inner = Arc::new(SingleCertAndKey::from(key.unwrap()));
            config.cert_resolver = Arc::new(nesting(calls, inner as Arc<dyn ResolvesServerCert>));
        }
        Part::KeyLog => {
            config.key_log = Arc::new(nesting(calls, Arc::new(Log) as Arc<dyn KeyLog>));
        }
        Part::Ticketer => {
            let inner = ring::Ticketer::new().unwrap();
            config.ticketer = Arc::new(nesting(calls, inner));
        }
        Part::SessionStore => {
            let inner = ServerSessionMemoryCache::new(16) as Arc<dyn StoresServerSessions>;
            config.session_storage = Arc::new(nesting(calls, inner));
        }
        Part::Verifier => {
            let provider = Arc::new(encrypted_alerts(audit::provider()));
            let inner = WebPkiClientVerifier::builder_with_provider(
                Arc::new(roots()),
                Arc::clone(&provider),
            );
            let verifier = nesting(calls, inner.build().unwrap());
            let mut built = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_client_cert_verifier(Arc::new(verifier))
                .with_single_cert(PKI.server_chain(), PKI.server_key())
                .unwrap();
            built.session_storage = ServerSessionMemoryCache::new(16);
            return built;
        }
    }
    config
}

#[test]
fn other_handshakes_within_one_disturb_neither() {
    for part in [
        Part::Resolver,
        Part::KeyLog,
        Part::Ticketer,
        Part::SessionStore,
        Part::Verifier,
    ] {
        for scenario in [
            Scenario::TLS13,
            Scenario {
                resumes: true,
                ..Scenario::TLS13
            },
            Scenario::TLS12,
            Scenario {
                resumes: true,
                ..Scenario::TLS12
            },
        ] {
            for accepts in [true, false] {
                is_undisturbed(part, &scenario, accepts);
            }
        }
    }
}

fn is_undisturbed(part: Part, scenario: &Scenario, accepts: bool) {
    let calls = Arc::new(AtomicUsize::new(0));
    // one configuration for both handshakes of a client that resumes
    let shared = std::cell::OnceCell::new();
    let (config, mut client) = scenario.pair_with(|config| {
        let changed = shared.get_or_init(|| change(config, part, &calls));
        changed.clone()
    });
    let config = Config::new(config).unwrap();
    let mut server = Server::authorizing();
    server.converse(&mut client, &config);
    let denied = Rejection::new(AlertDescription::ACCESS_DENIED, "no");
    server.decide((!accepts).then_some(denied));
    server.converse(&mut client, &config);
    assert!(calls.load(Ordering::Relaxed) > 0, "{part:?}");
    if accepts {
        let mut connection = server.complete();
        assert!(!client.is_handshaking(), "{part:?} {scenario:?}");
        connection.write(b"an answer").unwrap();
        hear(&mut client, &written(&mut connection));
        client.process_new_packets().unwrap();
        connection.into_rustls().unwrap();
    } else {
        // the keys of this connection are shared, whatever was driven within
        let error = client.process_new_packets().unwrap_err();
        let denied = rustls::AlertDescription::AccessDenied;
        assert_eq!(error, Error::AlertReceived(denied), "{part:?} {scenario:?}");
    }
    audit::check();
}
