//! What panics in the application's code that rustls calls: its client is told, and the panic is kept.

mod application;

use std::cell::Cell;
use std::panic;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Once};

use crate::handshake::clients::{PROVIDERS, client, read_by, reads_close_notify, shake_hands};
use lastword_acceptor::{
    AlertDescription, Config, ErrorAndAlert, ErrorKind, Phase, Reason, encrypted_alerts,
};
use lastword_testkit::catalogue::Provider;
use lastword_testkit::pki::{Identity, Pki};
use lastword_testkit::wire::records;
use rustls::client::{ClientSessionMemoryCache, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::crypto::ring::kx_group::{SECP256R1, X25519};
use rustls::{
    AlertDescription as Told, ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion,
};

use application::{Call, NoGroups, Part, application};

type Version = &'static SupportedProtocolVersion;
const TLS12: Version = &rustls::version::TLS12;
const TLS13: Version = &rustls::version::TLS13;

/// A server of this version that asks for a certificate and has one group.
fn server(part: &Part, version: Version, provider: Provider) -> Config {
    let provider = CryptoProvider {
        kx_groups: vec![X25519],
        ..match provider {
            Provider::EncryptedAlerts => encrypted_alerts(default_provider()),
            Provider::Rustls => default_provider(),
        }
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(Arc::new(part.clone()))
        .with_cert_resolver(Arc::new(part.clone()));
    config.session_storage = Arc::new(part.clone());
    config.ticketer = Arc::new(part.clone());
    Config::new(config).unwrap()
}

/// A client with a certificate, which resumes. One that retries sends a share of another group first.
fn client_config(pki: &Pki, version: Version, retries: bool) -> Arc<ClientConfig> {
    let provider = CryptoProvider {
        kx_groups: match retries {
            true => vec![SECP256R1, X25519],
            false => vec![X25519],
        },
        ..default_provider()
    };
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let own = pki.client(Identity::Known).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own.certificate()], own.key())
        .unwrap();
    let sessions = NoGroups(ClientSessionMemoryCache::new(8));
    config.resumption = Resumption::store(Arc::new(sessions));
    Arc::new(config)
}

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// How many panics there were in this thread.
fn panics() -> usize {
    static COUNTED: Once = Once::new();
    COUNTED.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            report(panic);
        }));
    });
    PANICS.get()
}

/// What a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    /// internal_error, in plaintext.
    InternalError,
    /// internal_error, encrypted; close_notify without encrypted alerts.
    Encrypted,
}

/// A client that the application panics at, and where: what it reads, and what is said of it.
struct Panics {
    call: Call,
    after: usize,
    version: Version,
    retries: bool,
    /// Whether the client has a session to resume.
    resumes: bool,
    phase: Phase,
}

impl Panics {
    fn new(call: Call, version: Version, phase: Phase) -> Self {
        Self {
            call,
            after: 0,
            version,
            retries: false,
            resumes: matches!(call, Call::Decrypt | Call::Get | Call::Take),
            phase,
        }
    }

    fn check(self, reads: Reads) {
        for (provider, _) in PROVIDERS {
            self.check_with(provider, reads);
        }
    }

    fn check_with(&self, provider: Provider, reads: Reads) {
        let how = format!("{:?}, {:?}, {}", self.call, self.version, self.retries);
        let pki = Pki::new();
        let part = application(&pki, self.call, self.after);
        let config = server(&part, self.version, provider);
        let client_config = client_config(&pki, self.version, self.retries);
        if self.resumes {
            let mut client = client(Arc::clone(&client_config));
            shake_hands(&mut client, &config, |_| {}).unwrap();
        }
        part.0.is_armed.store(true, Ordering::SeqCst);
        let mut client = client(client_config);
        let before = panics();
        let error = shake_hands(&mut client, &config, |_| {}).expect_err(&how);
        assert_eq!(panics(), before + 1, "{how}");
        let hellos = part.0.resolved.load(Ordering::SeqCst);
        assert_eq!(hellos, 1 + usize::from(self.retries), "{how}");

        match reads {
            Reads::InternalError => {
                let records = records(error.tls());
                // in a resumption of TLS 1.2 the ServerHello is queued before the ticket is made
                let is_answered = self.resumes && self.call == Call::Encrypt;
                assert_eq!(records.len(), 1 + usize::from(is_answered), "{how}");
                assert_eq!(records.last().unwrap()[..], [21, 3, 3, 0, 2, 2, 80]);
                assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
                assert_eq!(read_by(&mut client, &error), Told::InternalError, "{how}");
            }
            Reads::Encrypted if provider == Provider::EncryptedAlerts => {
                assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
                assert_eq!(error.error().required_alert(), None);
                assert_eq!(read_by(&mut client, &error), Told::InternalError, "{how}");
                assert_eq!(client.tls13_tickets_received(), 0);
            }
            Reads::Encrypted => {
                assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY), "{how}");
                let required = Some(AlertDescription::INTERNAL_ERROR);
                assert_eq!(error.error().required_alert(), required);
                match self.phase {
                    Phase::AfterServerHello => {
                        assert!(reads_close_notify(&mut client, &error), "{how}");
                    }
                    // to a rustls client it is an error before the server's Finished
                    _ => assert_eq!(read_by(&mut client, &error), Told::CloseNotify, "{how}"),
                }
            }
        }
        assert_eq!(error.error().phase(), self.phase, "{how}");
        said(&error, &how);
    }
}

/// What is said and kept of any panic.
fn said(error: &ErrorAndAlert, how: &str) {
    let words = error.to_string();
    let begin = "this server's own code panicked: a planted panic";
    assert!(words.starts_with(begin), "{how}: {words}");
    assert_eq!(error.error().reason(), Reason::Internal, "{how}");
    let ErrorKind::Panicked(panic) = error.error().kind() else {
        panic!("{how}: {error:?}")
    };
    let payload = panic.take_payload().expect(how);
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"), "{how}");
    assert!(panic.take_payload().is_none(), "{how}");
}

#[test]
fn what_panics_before_the_server_hello_is_told_as_internal_error() {
    for (call, version) in [
        (Call::Resolve, TLS12),
        (Call::Resolve, TLS13),
        (Call::ChooseScheme, TLS12),
        (Call::Sign, TLS12),
        (Call::RootHints, TLS12),
        (Call::Schemes, TLS12),
        (Call::Decrypt, TLS12),
        (Call::Decrypt, TLS13),
        (Call::Get, TLS12),
        (Call::Take, TLS13),
    ] {
        Panics::new(call, version, Phase::ServerHello).check(Reads::InternalError);
    }
}

#[test]
fn what_panics_in_tls12_before_the_keys_change_is_told_as_internal_error() {
    for call in [
        Call::VerifyCertificate,
        Call::VerifySignature,
        Call::Put,
        Call::Encrypt,
    ] {
        Panics::new(call, TLS12, Phase::AfterServerHello).check(Reads::InternalError);
    }
}

/// The ticket comes before the server's change_cipher_spec.
#[test]
fn what_panics_in_a_resumption_of_tls12_is_told_as_internal_error() {
    let panics = Panics::new(Call::Encrypt, TLS12, Phase::ServerHello);
    let resumes = true;
    Panics { resumes, ..panics }.check(Reads::InternalError);
}

#[test]
fn what_panics_after_the_server_hello_of_tls13_is_told_as_internal_error() {
    for retries in [false, true] {
        for (call, phase) in [
            (Call::ChooseScheme, Phase::ServerHello),
            (Call::Sign, Phase::ServerHello),
            (Call::RootHints, Phase::ServerHello),
            (Call::Schemes, Phase::ServerHello),
            (Call::VerifyCertificate, Phase::AfterServerHello),
            (Call::VerifySignature, Phase::AfterServerHello),
            (Call::Put, Phase::AfterServerHello),
            (Call::Encrypt, Phase::AfterServerHello),
        ] {
            let panics = Panics::new(call, TLS13, phase);
            Panics { retries, ..panics }.check(Reads::Encrypted);
        }
    }
}

#[test]
fn what_panics_at_the_second_hello_is_told_as_internal_error() {
    for call in [Call::Resolve, Call::Decrypt, Call::Take] {
        let panics = Panics::new(call, TLS13, Phase::ServerHello);
        let retries = true;
        // the resolver is asked at each ClientHello
        let after = usize::from(call == Call::Resolve);
        Panics {
            retries,
            after,
            ..panics
        }
        .check(Reads::InternalError);
    }
}
