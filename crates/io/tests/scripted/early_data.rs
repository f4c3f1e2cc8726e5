//! Early data on every path: read by the application, or passed over.

use std::io::Read;
use std::sync::Arc;

use lastword_io::Options;
use lastword_io::acceptor::Config;
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::script::{Client, Outcome, ScriptedStream};
use rustls::ClientConfig;

use crate::Scripted;
use crate::styles::{Established, STYLES, Style};

fn config(pki: &Pki) -> Config {
    let mut config = Arc::unwrap_or_clone(pki.server_config(&ServerProfile::DEFAULT));
    config.max_early_data_size = 1 << 14;
    Config::try_from(config).unwrap()
}

fn accept(style: Style, client: Client, reads: Vec<Outcome>, config: &Config) -> Established {
    let stream = ScriptedStream::new(&[]).with_client(client).reads(reads);
    let scripted = Scripted::new(stream).ticking();
    style
        .accept_any(scripted, &Options::default(), config)
        .map_err(drop)
        .unwrap()
}

/// A client with a ticket of this server's.
fn resuming(style: Style, pki: &Pki, config: &Config) -> Arc<ClientConfig> {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    let mut client = Arc::unwrap_or_clone(pki.client_config(&profile));
    client.enable_early_data = true;
    let client = Arc::new(client);
    let established = accept(style, Client::new(Arc::clone(&client)), Vec::new(), config);
    established.into_parts().1.read(&mut [0]).unwrap_err(); // it hears of its tickets
    client
}

#[test]
fn accepted_early_data_is_the_applications_on_every_path() {
    let pki = Pki::new();
    let config = config(&pki);
    for style in STYLES {
        for reads in [vec![], [Outcome::UpTo(1)].repeat(3000)] {
            let client = resuming(style, &pki, &config);
            let client = Client::new(client)
                .saying_early(b"GET /early", 3)
                .saying(b" and more");
            let (mut early, mut later) = (Vec::new(), [0; 9]);
            match accept(style, client, reads, &config) {
                Established::Blocking(mut stream) => {
                    stream
                        .early_data()
                        .unwrap()
                        .read_to_end(&mut early)
                        .unwrap();
                    stream.read_exact(&mut later).unwrap();
                }
                Established::Nonblocking(mut connection, mut scripted) => {
                    let mut data = connection.early_data().unwrap();
                    data.read_to_end(&mut early).unwrap();
                    while connection.wants_read() {
                        connection.read_tls(&mut scripted).unwrap();
                        connection.process_new_packets().unwrap();
                    }
                    connection.reader().read_exact(&mut later).unwrap();
                }
            }
            assert_eq!(early, b"GET /early", "{style:?}");
            assert_eq!(&later, b" and more", "{style:?}");
        }
    }
}

#[test]
fn rejected_early_data_is_passed_over_on_every_path() {
    let (pki, other) = (Pki::new(), Pki::new());
    let first = config(&pki);
    // the same certificates, and no session of the first
    let mut second = Arc::unwrap_or_clone(Arc::clone(first.rustls()));
    second.session_storage = other
        .server_config(&ServerProfile::DEFAULT)
        .session_storage
        .clone();
    let second = Config::try_from(second).unwrap();
    for style in STYLES {
        for reads in [vec![], [Outcome::UpTo(1)].repeat(9000)] {
            let client = resuming(style, &pki, &first);
            let client = Client::new(client)
                .saying_early(&[b'x'; 5000], 100)
                .saying(b"a request");
            let (mut connection, mut scripted) = accept(style, client, reads, &second).into_parts();
            assert!(connection.early_data().is_none());
            while connection.wants_read() {
                connection.read_tls(&mut scripted).unwrap();
                connection.process_new_packets().unwrap();
            }
            let mut request = [0; 9];
            connection.reader().read_exact(&mut request).unwrap();
            assert_eq!(&request, b"a request", "{style:?}");
        }
    }
}
