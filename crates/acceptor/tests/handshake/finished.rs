//! What a client sends behind its Finished, and amid it.

use std::sync::Arc;

use crate::clients::{answered, client, read_by, written};
use lastword_acceptor::{AlertDescription, Config, Handshake, Limits, Progress};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use rustls::{ClientConfig, ClientConnection};

/// A client of these versions.
fn config(pki: &Pki, versions: Versions) -> Arc<ClientConfig> {
    pki.client_config(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// A client that has had the server's flight, and the server's handshake.
fn before_finished(pki: &Pki, config: Arc<ClientConfig>) -> (ClientConnection, Handshake) {
    let mut client = client(config);
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    let handshake = answered(&mut client, Handshake::new(&config, Limits::default()));
    (client, handshake)
}

/// How many of the bytes, in chunks of this length, are left when the handshake is complete.
fn left_of(mut handshake: Handshake, bytes: &[u8], most: usize) -> usize {
    let mut left = bytes.len();
    for mut chunk in bytes.chunks(most) {
        left -= chunk.len();
        match handshake.receive(&mut chunk) {
            Ok(Progress::Continue(next)) => handshake = next,
            Ok(Progress::Complete(_)) => return left + chunk.len(),
            Err(error) => panic!("{most} bytes at a time: {error}"),
        }
    }
    panic!("{most} bytes at a time: it is not complete")
}

#[test]
fn a_record_behind_the_finished_is_left_to_the_connection() {
    let pki = Pki::new();
    for versions in [Versions::Tls12, Versions::Tls13] {
        for behind in [
            &[99, 3, 3, 0, 1, 7][..],
            &[20, 3, 3, 0, 1, 1],
            &[21, 3, 3, 0, 2, 2, 40],
            &[23, 3, 3, 0, 20, 7],
        ] {
            for most in [1, 7, usize::MAX] {
                let (mut client, handshake) = before_finished(&pki, config(&pki, versions));
                let bytes = [&written(&mut client)[..], behind].concat();
                let left = left_of(handshake, &bytes, most);
                assert_eq!(left, behind.len(), "{versions:?}, {most} at a time");
            }
        }
    }
}

/// rustls takes any record there for one that is encrypted.
#[test]
fn says_of_an_unknown_record_amid_a_finished_what_it_tells() {
    let pki = Pki::new();
    let mut config = Arc::unwrap_or_clone(config(&pki, Versions::Tls13));
    config.max_fragment_size = Some(32); // its Finished is longer
    let (mut client, handshake) = before_finished(&pki, config.into());
    let own = written(&mut client);
    let (change_cipher_spec, finished) = own.split_at(6);
    let first = &finished[..5 + usize::from(finished[4])];
    let bytes = [change_cipher_spec, first, &[99, 3, 3, 0, 1, 7]].concat();

    let error = handshake.receive(&mut &bytes[..]).unwrap_err();
    let told = read_by(&mut client, &error);
    assert_eq!(told, rustls::AlertDescription::BadRecordMac);
    assert_eq!(error.alert(), Some(AlertDescription::BAD_RECORD_MAC));
}
