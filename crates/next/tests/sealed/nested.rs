//! Code of the application that drives other handshakes while rustls calls it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lastword_acceptor::{AlertDescription, Config, Rejection, encrypted_alerts};
use rustls_next::client::danger::HandshakeSignatureValid;
use rustls_next::crypto::VerifiedIdentity;
use rustls_next::crypto::{Identity, SelectedCredential, SignatureScheme, TicketProducer};
use rustls_next::server::danger::{ClientIdentity, ClientVerifier, SignatureVerificationInput};
use rustls_next::server::{
    ClientHello, ServerCredentialResolver, ServerSessionKey, ServerSessionMemoryCache,
    StoresServerSessions, WebPkiClientVerifier,
};
use rustls_next::{
    Connection, DistinguishedName, Error, KeyLog, RootCertStore, ServerConfig, ServerSide, Tcp,
    VecInput,
};
use rustls_ring::DEFAULT_PROVIDER;

use crate::sealed::audit;
use crate::sealed::handshakes::encrypted;
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{PKI, Scenario, written};

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

/// A connection of rustls, and its buffers.
struct Raw {
    connection: Connection<ServerSide, Tcp>,
    input: VecInput,
    output: Vec<u8>,
}

impl Raw {
    fn new(config: ServerConfig) -> Self {
        Self {
            connection: Connection::new(config.into()).unwrap(),
            input: VecInput::default(),
            output: Vec::new(),
        }
    }

    fn receive(&mut self, mut said: &[u8]) {
        while !said.is_empty() {
            self.input.read(&mut said).unwrap();
            let records = self.connection.read_tls(&mut self.input, &mut self.output);
            records.handle_all(&mut Vec::new()).unwrap();
        }
    }
}

fn with_rustls(scenario: &Scenario) {
    let (config, mut client) = scenario.pair_with(|config| config);
    let mut server = Raw::new(config);
    let before = audit::records();
    let mut tls = Vec::new();
    while client.is_handshaking() || client.wants_write() || !server.output.is_empty() {
        server.receive(&written(&mut client));
        let answer = std::mem::take(&mut server.output);
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
    Raw::new(config).receive(&hello);
}

impl ServerCredentialResolver for Nesting<dyn ServerCredentialResolver> {
    fn resolve(&self, hello: &ClientHello<'_>) -> Result<SelectedCredential, Error> {
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

impl TicketProducer for Nesting<dyn TicketProducer> {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.call(|it| it.encrypt(plain))
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.call(|it| it.decrypt(cipher))
    }

    fn lifetime(&self) -> Duration {
        self.call(TicketProducer::lifetime)
    }
}

impl StoresServerSessions for Nesting<dyn StoresServerSessions> {
    fn put(&self, key: ServerSessionKey<'_>, value: Vec<u8>) -> bool {
        self.call(|it| it.put(key, value))
    }

    fn get(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        self.call(|it| it.get(key))
    }

    fn take(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        self.call(|it| it.take(key))
    }

    fn can_cache(&self) -> bool {
        self.call(StoresServerSessions::can_cache)
    }
}

impl ClientVerifier for Nesting<dyn ClientVerifier> {
    fn verify_identity<'a>(
        &self,
        identity: &ClientIdentity<'a, '_>,
    ) -> Result<VerifiedIdentity<'a>, Error> {
        self.call(|it| it.verify_identity(identity))
    }

    fn verify_tls12_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.call(|it| it.verify_tls12_signature(input))
    }

    fn verify_tls13_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.call(|it| it.verify_tls13_signature(input))
    }

    fn root_hint_subjects(&self) -> Arc<[DistinguishedName]> {
        self.inner.root_hint_subjects()
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
            let inner = Arc::clone(&config.cert_resolver);
            config.cert_resolver = Arc::new(nesting(calls, inner));
        }
        Part::KeyLog => {
            config.key_log = Arc::new(nesting(calls, Arc::new(Log) as Arc<dyn KeyLog>));
        }
        Part::Ticketer => {
            let inner = DEFAULT_PROVIDER.ticketer_factory.ticketer().unwrap();
            config.ticketer = Some(Arc::new(nesting(calls, inner)));
        }
        Part::SessionStore => {
            let inner = ServerSessionMemoryCache::new(16) as Arc<dyn StoresServerSessions>;
            config.session_storage = Arc::new(nesting(calls, inner));
        }
        Part::Verifier => {
            let provider = encrypted_alerts(audit::provider());
            let mut roots = RootCertStore::empty();
            roots.add(PKI.ca_certificate()).unwrap();
            let inner = WebPkiClientVerifier::builder(Arc::new(roots), &provider);
            let inner = Arc::new(inner.build().unwrap()) as Arc<dyn ClientVerifier>;
            let verifier = nesting(calls, inner);
            let identity = Identity::from_cert_chain(PKI.server_chain()).unwrap();
            let mut built = ServerConfig::builder(Arc::new(provider))
                .with_client_cert_verifier(Arc::new(verifier))
                .with_single_cert(Arc::new(identity), PKI.server_key())
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
        assert_eq!(
            error,
            rustls::Error::AlertReceived(denied),
            "{part:?} {scenario:?}"
        );
    }
    audit::check();
}
