//! A client that closes right after its Finished, with records on the way that nobody expects.

use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Client;
use lastword_tokio::acceptor::Config;
use lastword_tokio::step::Options;
use tokio::io::AsyncReadExt;

use crate::scripted::styles::STYLES;
use crate::scripted::{PKI, Scripted, soon, with_client};

/// rustls 0.23.46 panics if it is to process nothing more of such a client.
#[tokio::test(start_paused = true)]
async fn a_client_that_closes_after_an_empty_handshake_record_ends_its_stream() {
    let config = PKI.client_config(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    });
    let server = Config::from(PKI.server_config(&ServerProfile::DEFAULT.with_rustls_provider()));
    for style in STYLES {
        let stream = Scripted::new(with_client(Client::departing(&config)));
        let accepted = style.accept_any(stream, &Options::default(), &server).await;
        let mut stream = accepted.unwrap();
        let mut plaintext = Vec::new();
        let read = soon(stream.read_to_end(&mut plaintext)).await.unwrap();
        assert_eq!(read, 0, "{style:?}");
    }
}
