//! Secrets: the application's key log gets the same as from rustls, and nothing else shows one.

use std::fmt::{self, Debug, Display};
use std::sync::{Arc, Mutex};

use lastword_acceptor::{AlertDescription, Config, Rejection, encrypted_alerts};
use rustls::KeyLog;
use rustls::crypto::CryptoProvider;

use crate::sealed::audit;
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{Scenario, written};

/// A call of a key log: the label, and the client's random and the secret if they are logged.
type Call = (String, Option<(Vec<u8>, Vec<u8>)>);

/// Keeps its calls.
#[derive(Default)]
struct Log(Mutex<Vec<Call>>);

impl KeyLog for Log {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let logged = (client_random.to_vec(), secret.to_vec());
        self.0
            .lock()
            .unwrap()
            .push((label.to_owned(), Some(logged)));
    }

    fn will_log(&self, label: &str) -> bool {
        self.0.lock().unwrap().push((label.to_owned(), None));
        !label.starts_with("CLIENT_HANDSHAKE")
    }
}

impl Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the application's log")
    }
}

/// Returns the calls in a handshake, and all that was shown of the server's states.
fn run(scenario: &Scenario, provider: CryptoProvider, accepts: bool) -> (Vec<Call>, String) {
    let log = Arc::new(Log::default());
    let (config, mut client) = scenario.pair_of(provider, |mut config| {
        config.key_log = Arc::clone(&log) as Arc<dyn KeyLog>;
        config
    });
    log.0.lock().unwrap().clear();
    let config = Config::new(config).unwrap();
    let mut server = Server::authorizing();
    let mut shown = format!("{config:?} {:?}", config.rustls());
    let mut waits = 0;
    while waits < 3 {
        let said = written(&mut client);
        for chunk in said.chunks(100) {
            server.receive(&config, chunk);
            shown += &format!("{server:?}");
        }
        if said.is_empty() {
            server.wait();
            waits += 1;
        }
        if let Server::Authenticated(_) = server {
            shown += &format!("{server:?}");
            let rejection = Rejection::new(AlertDescription::ACCESS_DENIED, "no");
            server.decide((!accepts).then_some(rejection));
        }
        shown += &format!("{server:?}");
        match &server {
            Server::Complete(connection) => {
                shown += &both(connection);
                shown += &format!("{:?}", connection.as_rustls());
            }
            Server::Failed(error) => shown += &(both(error) + &both(error.error())),
            _ => {}
        }
        hear(&mut client, &written(&mut server));
    }
    let calls = log.0.lock().unwrap().clone();
    (calls, shown)
}

fn both(value: &(impl Debug + Display)) -> String {
    format!("{value} {value:?} {value:#?}")
}

#[test]
fn the_application_logs_what_it_logs_with_rustls() {
    for scenario in Scenario::ALL {
        let labels = |provider| {
            let (calls, _) = run(&scenario, provider, true);
            let labels = calls.into_iter().map(|(label, it)| (label, it.is_some()));
            labels.collect::<Vec<_>>()
        };
        let ours = labels(encrypted_alerts(audit::provider()));
        assert_eq!(ours, labels(audit::provider()), "{scenario:?}");
        assert!(!ours.is_empty());
    }
}

#[test]
fn no_state_shows_a_secret() {
    for scenario in Scenario::ALL {
        for accepts in [true, false] {
            let (calls, shown) = run(&scenario, encrypted_alerts(audit::provider()), accepts);
            let shown = shown.to_lowercase();
            for (label, logged) in calls {
                let Some((_, secret)) = logged else {
                    continue;
                };
                let start = &secret[..8];
                let hex = start
                    .iter()
                    .map(|it| format!("{it:02x}"))
                    .collect::<String>();
                let list = start.iter().map(u8::to_string).collect::<Vec<_>>();
                for form in [hex, list.join(", ")] {
                    assert!(!shown.contains(&form), "{label} of {scenario:?}");
                }
            }
        }
    }
}
