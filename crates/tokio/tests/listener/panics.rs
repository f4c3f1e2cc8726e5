//! Code that rustls calls and that panics, in a listener: its client is reported, the next is served.

use std::sync::Arc;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::server::before_resolving;
use lastword_testkit::untimed;
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::{Config, Reason};
use lastword_tokio::{Listener, TlsAcceptor};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::listener::{
    INTERNAL_ERROR, PKI, connect, options, patient, received, serves_a_good_client,
};

/// A configuration whose certificate resolver panics for every name but one.
fn config() -> Config {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    before_resolving(&mut config, |name| {
        if name != Some("localhost") {
            panic!("a planted panic");
        }
    });
    config.into()
}

#[tokio::test]
async fn a_resolver_that_panics_harms_its_own_client_alone() {
    for acceptor in [
        TlsAcceptor::new(config()),
        TlsAcceptor::choosing(|_| Ok(config())),
        TlsAcceptor::choosing(async |_| Ok(config())),
    ] {
        let (send, mut failures) = mpsc::unbounded_channel();
        let options = options().with_handshakes(1).on_failure(move |_, error| {
            drop(send.send((untimed(error), error.reason())));
        });
        let listener = Listener::bind("127.0.0.1:0", patient(acceptor), options).await;
        let mut listener = listener.unwrap();
        let mut client = connect(&listener).await;
        let hello = HelloBuilder::default().server_name("other.test");
        client.write_all(&hello.record()).await.unwrap();
        assert_eq!(received(&mut client).await, INTERNAL_ERROR);
        drop(client);
        let words = "this server's own code panicked: a planted panic; \
                     alert internal_error (80) sent, delivered; name other.test";
        let failure = (words.to_owned(), Reason::Internal);
        assert_eq!(failures.recv().await.unwrap(), failure);
        serves_a_good_client(&mut listener).await;
    }
}
