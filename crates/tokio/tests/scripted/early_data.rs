//! Early data on every path: read by the application, or passed over.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::script::Client;
use lastword_testkit::script::Outcome::UpTo;
use lastword_tokio::TlsStream;
use lastword_tokio::acceptor::Config;
use lastword_tokio::step::Options;
use rustls::ClientConfig;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};

use crate::scripted::stream::Scripted;
use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{soon, with_client};

fn config(pki: &Pki, client_auth: ClientAuth) -> Config {
    let profile = ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    };
    let mut config = Arc::unwrap_or_clone(pki.server_config(&profile));
    config.max_early_data_size = 1 << 14;
    config.into()
}

async fn accept(
    style: Style,
    client: Client,
    most: usize,
    config: &Config,
) -> (TlsStream<Scripted>, Scripted) {
    let stream = Scripted::new(with_client(client).reads([UpTo(most)].repeat(9000)));
    let remote = stream.clone();
    let accepted = style.accept_any(stream, &Options::default(), config).await;
    (accepted.unwrap(), remote)
}

/// A client with a ticket of this server's.
async fn resuming(style: Style, pki: &Pki, config: &Config) -> Arc<ClientConfig> {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    };
    let mut client = Arc::unwrap_or_clone(pki.client_config(&profile));
    client.enable_early_data = true;
    let client = Arc::new(client);
    let (mut stream, _) = accept(style, Client::new(Arc::clone(&client)), 4096, config).await;
    let mut nothing = [0];
    let hears = timeout(Duration::ZERO, stream.read(&mut nothing));
    hears.await.unwrap_err(); // of its tickets
    client
}

#[tokio::test(start_paused = true)]
async fn accepted_early_data_is_the_applications_on_every_path() {
    let pki = Pki::new();
    let config = config(&pki, ClientAuth::No);
    for style in STYLES {
        for most in [1, 4096] {
            let client = resuming(style, &pki, &config).await;
            let client = Client::new(client)
                .saying_early(b"GET /early", 3)
                .saying(b" and more");
            let (mut stream, _) = accept(style, client, most, &config).await;
            let (mut early, mut later) = (Vec::new(), [0; 9]);
            let mut data = stream.early_data().unwrap();
            data.read_to_end(&mut early).unwrap();
            soon(stream.read_exact(&mut later)).await.unwrap();
            assert_eq!(early, b"GET /early", "{style:?}");
            assert_eq!(&later, b" and more", "{style:?}");
        }
    }
}

/// A client certificate and what follows it come in one record: it is processed after a pause.
#[tokio::test(start_paused = true)]
async fn rejected_early_data_is_passed_over_on_every_path() {
    for client_auth in [ClientAuth::No, ClientAuth::Required] {
        let (pki, other) = (Pki::new(), Pki::new());
        let first = config(&pki, ClientAuth::No);
        let mut second = Arc::unwrap_or_clone(Arc::clone(config(&pki, client_auth).rustls()));
        let others = other.server_config(&ServerProfile::DEFAULT);
        second.session_storage = others.session_storage.clone(); // no session of the first
        let second = Config::from(second);
        for style in STYLES {
            for most in [1, 4096] {
                let client = resuming(style, &pki, &first).await;
                let client = Client::new(client)
                    .saying_early(&[b'x'; 5000], 100)
                    .saying(b"a request");
                let began = Instant::now();
                let (mut stream, _) = accept(style, client, most, &second).await;
                assert!(began.elapsed().as_millis() <= 250, "{:?}", began.elapsed());
                assert!(stream.early_data().is_none());
                let mut request = [0; 9];
                soon(stream.read_exact(&mut request)).await.unwrap();
                assert_eq!(&request, b"a request", "{style:?}");
            }
        }
    }
}
