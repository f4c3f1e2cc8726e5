//! What making a `Config` calls of the application: nothing that has an effect.

use std::sync::{Arc, Mutex};

use lastword_acceptor::Config;
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use rustls::server::{ClientHello, ProducesTickets, ResolvesServerCert, StoresServerSessions};
use rustls::sign::CertifiedKey;
use rustls::{KeyLog, ServerConfig};

/// The names of the methods that were called.
#[derive(Debug, Default)]
struct Called(Mutex<Vec<&'static str>>);

impl Called {
    fn note(&self, name: &'static str) {
        self.0.lock().unwrap().push(name);
    }
}

impl ResolvesServerCert for Called {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.note("resolver");
        None
    }
}

impl StoresServerSessions for Called {
    fn put(&self, _: Vec<u8>, _: Vec<u8>) -> bool {
        self.note("put");
        false
    }

    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        self.note("get");
        None
    }

    fn take(&self, _: &[u8]) -> Option<Vec<u8>> {
        self.note("take");
        None
    }

    fn can_cache(&self) -> bool {
        true
    }
}

impl ProducesTickets for Called {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        60
    }

    fn encrypt(&self, _: &[u8]) -> Option<Vec<u8>> {
        self.note("encrypt");
        None
    }

    fn decrypt(&self, _: &[u8]) -> Option<Vec<u8>> {
        self.note("decrypt");
        None
    }
}

impl KeyLog for Called {
    fn log(&self, _: &str, _: &[u8], _: &[u8]) {
        self.note("key log");
    }
}

#[test]
fn nothing_of_the_application_is_called_to_make_a_config() {
    let called = Arc::new(Called::default());
    let config = Pki::new().server_config(&ServerProfile::DEFAULT);
    let mut config = ServerConfig::clone(&config);
    config.cert_resolver = called.clone();
    config.session_storage = called.clone();
    config.ticketer = called.clone();
    config.key_log = called.clone();
    let config = Config::new(Arc::new(config)).unwrap();
    assert_eq!(config.versions().len(), 2);
    assert_eq!(*called.0.lock().unwrap(), [""; 0]);
}
