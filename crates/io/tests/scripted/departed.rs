//! A client that closes right after its Finished, with records on the way that nobody expects.

use std::io::Read;

use lastword_io::{TlsAcceptor, TlsStream};
use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::{Client, ScriptedStream};

use crate::{ACCEPTOR, CONFIG, PKI, Scripted};

fn stream() -> Scripted {
    let config = PKI.client_config(&ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    });
    Scripted::new(ScriptedStream::new(&[]).with_client(Client::departing(&config)))
}

/// rustls 0.23.46 panics if it is to process nothing more of such a client.
#[test]
fn a_client_that_closes_after_an_empty_handshake_record_ends_its_stream() {
    let choosing = TlsAcceptor::choosing(|_| Ok(CONFIG.clone()));
    let chosen = choosing.accept(stream()).unwrap();
    let direct = ACCEPTOR.accept(stream()).unwrap();
    let read_all = |mut stream: TlsStream<Scripted>| {
        let mut plaintext = Vec::new();
        let read = stream.read_to_end(&mut plaintext).unwrap();
        assert_eq!(read, 0);
    };
    read_all(chosen);
    read_all(direct);
}
