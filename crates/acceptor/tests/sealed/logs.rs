//! A key log of the application that panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lastword_acceptor::{AlertDescription, Config, ErrorAndAlert, ErrorKind, encrypted_alerts};
use rustls::{ClientConnection, Error, KeyLog};

use crate::sealed::audit;
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{Scenario, written};

/// A key log that panics once so many of its calls are over.
#[derive(Debug)]
struct Panicking {
    left: AtomicUsize,
    /// Whether only [`KeyLog::log`] counts.
    in_log: bool,
}

impl Panicking {
    fn call(&self) {
        let left = self.left.load(Ordering::SeqCst);
        assert_ne!(left, 0, "a planted panic");
        self.left.store(left - 1, Ordering::SeqCst);
    }
}

impl KeyLog for Panicking {
    fn log(&self, _: &str, _: &[u8], _: &[u8]) {
        self.call();
    }

    fn will_log(&self, _: &str) -> bool {
        if !self.in_log {
            self.call();
        }
        true
    }
}

/// Shakes hands with a server whose key log panics after so many calls. Returns the client and the
/// error, or `None` if there are not so many calls.
fn shake_hands(
    scenario: &Scenario,
    in_log: bool,
    left: usize,
) -> Option<(ClientConnection, ErrorAndAlert)> {
    let log = Arc::new(Panicking {
        left: AtomicUsize::new(usize::MAX),
        in_log,
    });
    let provider = encrypted_alerts(audit::provider());
    let (config, mut client) = scenario.pair_of(provider, |mut config| {
        config.key_log = Arc::clone(&log) as Arc<dyn KeyLog>;
        config
    });
    let config = Config::new(config).unwrap();
    log.left.store(left, Ordering::SeqCst);
    let mut server = Server::new();
    loop {
        let said = written(&mut client);
        server.receive(&config, &said);
        server.wait();
        match server {
            Server::Failed(error) => return Some((client, error)),
            Server::Complete(_) => return None,
            _ => hear(&mut client, &written(&mut server)),
        }
    }
}

/// Whatever rustls had queued before the panic, the client can read the alert.
#[test]
fn a_key_log_that_panics_is_an_internal_error() {
    for scenario in Scenario::ALL {
        for in_log in [true, false] {
            let mut left = 0;
            while let Some((mut client, error)) = shake_hands(&scenario, in_log, left) {
                assert!(matches!(error.error().kind(), ErrorKind::Panicked(_)));
                assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
                assert_eq!(error.error().required_alert(), None);
                hear(&mut client, error.tls());
                let internal = Error::AlertReceived(rustls::AlertDescription::InternalError);
                let read = client.process_new_packets();
                assert_eq!(read, Err(internal), "{scenario:?}, after {left} calls");
                left += 1;
            }
            assert!(left > 0);
        }
    }
}
