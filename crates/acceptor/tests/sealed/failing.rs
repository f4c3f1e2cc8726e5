//! A crypto provider that cannot encrypt.

use std::io;

use lastword_acceptor::{End, Rejection, Silence};

use crate::sealed::audit;
use crate::sealed::peer::{Peer as _, Server, hear};
use crate::sealed::scenario::{Scenario, written};

/// Shakes hands with a server whose encrypters fail after so many records. Returns the error of its
/// write, or `None` if the handshake completes.
fn shake_hands(scenario: &Scenario, records: usize, panics: bool) -> Option<io::Error> {
    audit::fail_after(usize::MAX, false);
    let (config, mut client) = scenario.pair();
    audit::fail_after(records, panics);
    let mut server = Server::new();
    for _ in 0..6 {
        server.receive(&config, &written(&mut client));
        server.wait();
        let mut answer = Vec::new();
        while server.wants_write() {
            match server.write_tls(&mut answer) {
                Ok(n) => assert_ne!(n, 0),
                Err(error) => {
                    ends_in_silence(server);
                    return Some(error);
                }
            }
        }
        hear(&mut client, &answer);
    }
    assert!(!client.is_handshaking(), "{scenario:?}, {records}");
    None
}

/// No alert can be sent then, and none is reported.
fn ends_in_silence(server: Server) {
    let error = match server {
        Server::Handshake(handshake) => handshake.end(End::TimedOut),
        Server::Complete(mut connection) => {
            connection.write(b"an answer").unwrap();
            connection.end(End::TimedOut)
        }
        Server::Failed(error) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!((error.alert(), error.tls()), (None, &[][..]));
    assert_eq!(error.silence(), Some(Silence::StreamFailed));
}

#[test]
fn a_record_that_cannot_be_encrypted_is_an_error_of_the_next_write() {
    for scenario in Scenario::ALL {
        for panics in [false, true] {
            let mut records = 0;
            while let Some(error) = shake_hands(&scenario, records, panics) {
                assert_eq!(error.kind(), io::ErrorKind::InvalidData);
                records += 1;
            }
            assert_ne!(records, 0, "{scenario:?}");
        }
    }
}

#[test]
fn an_alert_that_cannot_be_encrypted_is_not_reported() {
    for scenario in Scenario::ALL {
        audit::fail_after(usize::MAX, false);
        let (config, mut client) = scenario.pair();
        let mut server = Server::authorizing();
        server.converse(&mut client, &config);
        audit::fail_after(0, false);
        server.decide(Some(Rejection::access_denied("not on the list")));
        match scenario.tls12 && !scenario.resumes {
            true => assert_eq!(written(&mut server), [21, 3, 3, 0, 2, 2, 49]), // in plaintext
            false => ends_in_silence(server),
        }
    }
}
