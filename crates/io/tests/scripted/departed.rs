//! A client that closes right after its Finished, with records on the way that nobody expects.

use std::io::Read;

use lastword_io::TlsAcceptor;
use lastword_io::acceptor::{AlertDescription, Config, Phase};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::{Client, ScriptedStream};

use crate::scripted::{ACCEPTOR, PKI, Scripted};

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
    let config = Config::from(PKI.server_config(&ServerProfile::DEFAULT.with_rustls_provider()));
    let chosen = config.clone();
    for acceptor in [
        TlsAcceptor::choosing(move |_| Ok(chosen.clone())),
        TlsAcceptor::new(config),
    ] {
        let mut stream = acceptor.accept(stream()).unwrap();
        let mut plaintext = Vec::new();
        let read = stream.read_to_end(&mut plaintext).unwrap();
        assert_eq!(read, 0);
    }
}

#[test]
fn an_empty_handshake_record_fails_a_handshake_with_encrypted_alerts() {
    let error = ACCEPTOR.accept(stream()).unwrap_err();
    assert_eq!(error.phase(), Phase::Established);
    assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
}
