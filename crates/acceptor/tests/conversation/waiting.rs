//! Records that wait after rejected early data, when the client sends no more.

use std::error::Error as _;

use lastword_acceptor::{
    AlertDescription, Config, Connection, ErrorAndAlert, Handshake, Phase, Progress, Reason,
    Silence,
};
use lastword_testkit::pki::Pki;
use lastword_testkit::sans_io::receive;
use lastword_testkit::server::{DECRYPT_ERROR, DECRYPT_ERROR_WORDS};
use lastword_testkit::wire::records;

use crate::conversation::client::{Client, Conversation};

/// A client whose early data the server rejects. Its certificate, its Finished and what it says come in
/// one read, so that all of them wait.
const REJECTED: Conversation = Conversation {
    resumes: Some(false),
    early_data: Some((10_000, 1000)),
    client_auth: true,
    says: b"a request",
    ..Conversation::PLAIN
};

/// A client that has read the answer to its early data, and the server's handshake.
fn answered(config: &Config, mut client: Client) -> (Client, Handshake) {
    let hello = client.says();
    let progress = receive(Handshake::default(), config, &mut &hello[..]).unwrap();
    let Progress::Continue(mut handshake) = progress else {
        panic!("it is complete");
    };
    let mut answer = Vec::new();
    while handshake.wants_write() {
        handshake.write_tls(&mut answer).unwrap();
    }
    client.hears(&answer);
    (client, handshake)
}

/// The handshake that has all that the client sends then, which waits for more.
fn waiting(conversation: Conversation, behind: &[u8]) -> Handshake {
    let (server, client) = conversation.between(&Pki::new());
    let (mut client, handshake) = answered(&Config::new(server).unwrap(), client);
    waits(handshake, &[&client.says()[..], behind].concat())
}

fn waits(handshake: Handshake, mut bytes: &[u8]) -> Handshake {
    let Progress::Continue(handshake) = handshake.receive(&mut bytes).unwrap() else {
        panic!("it is complete");
    };
    assert!(handshake.has_waiting_records());
    handshake
}

fn complete(progress: Result<Progress, ErrorAndAlert>) -> Connection {
    match progress {
        Ok(Progress::Complete(connection)) => connection,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_that_closes_after_its_flight_is_served() {
    let mut connection = complete(waiting(REJECTED, &[]).process_all());
    assert_eq!(connection.plaintext().unwrap(), b"a request");
}

/// The server has a certificate of another CA than the client trusts.
#[test]
fn a_client_that_closes_after_its_alert_is_reported_with_it() {
    let (_, client) = REJECTED.between(&Pki::new());
    let (server, _) = Conversation::PLAIN.between(&Pki::new());
    let (mut client, handshake) = answered(&Config::new(server).unwrap(), client);
    let error = waits(handshake, &client.says()).process_all().unwrap_err();
    assert_eq!(error.silence(), Some(Silence::PeerAlert));
    assert_eq!(error.error().phase(), Phase::AfterServerHello);
    let words = "client sent the alert decrypt_error (51)";
    assert!(error.to_string().starts_with(words), "{error}");
}

#[test]
fn a_flight_is_the_handshakes_and_a_bad_record_behind_it_the_connections() {
    let bad = [&[23, 3, 3, 0, 30][..], &[7; 30]].concat();
    let mut connection = complete(waiting(REJECTED, &bad).process_all());
    assert_eq!(connection.plaintext().unwrap(), b"a request");
    let kept = connection.kept_error().unwrap();
    assert_eq!(kept.error().summary().to_string(), DECRYPT_ERROR_WORDS);
    assert_eq!(kept.rustls().unwrap().as_rustls(), &DECRYPT_ERROR);
    let source = kept.source().and_then(|it| it.downcast_ref());
    assert_eq!(source, Some(&DECRYPT_ERROR));
}

/// A record that is refused does not take the place of the waiting ones.
#[test]
fn a_flight_is_the_handshakes_and_a_refused_record_behind_it_the_connections() {
    let (server, client) = REJECTED.between(&Pki::new());
    let (mut client, handshake) = answered(&Config::new(server).unwrap(), client);
    let bytes = [&client.says()[..], &[99, 3, 3, 0, 1, 7]].concat();
    let mut connection = complete(handshake.receive(&mut &bytes[..]));
    assert_eq!(connection.plaintext().unwrap(), b"a request");
    let error = connection.kept_error().unwrap();
    assert_eq!(error.error().summary().to_string(), REFUSED);
    assert_eq!(error.reason(), Reason::UnexpectedMessage);
    // the alert is provoked by another record, which is none of the client's
    assert!(error.rustls().is_none());
    let again = connection.process().unwrap_err();
    assert_eq!(again.error().summary().to_string(), REFUSED);
}

const REFUSED: &str = "client sent an unexpected content type 99 record after the ClientHello";

#[test]
fn a_bad_record_behind_a_flight_is_an_error_after_the_handshake() {
    let bad = [&[23, 3, 3, 0, 30][..], &[7; 30]].concat();
    let conversation = Conversation {
        says: b"",
        ..REJECTED
    };
    let error = waiting(conversation, &bad).process_all().unwrap_err();
    assert_eq!(error.error().phase(), Phase::Established);
    assert!(
        error
            .to_string()
            .starts_with("client sent a record that does not decrypt"),
        "{error}"
    );
}

/// The first bytes of a header are what the connection goes on with.
#[test]
fn a_record_that_is_cut_after_the_flight_is_the_connections() {
    for cut in 0..6 {
        let (server, client) = REJECTED.between(&Pki::new());
        let (mut client, handshake) = answered(&Config::new(server).unwrap(), client);
        let bytes = client.says();
        let at = bytes.len() - records(&bytes).last().unwrap().len() + cut;
        let (first, mut rest) = bytes.split_at(at);
        let mut connection = complete(waits(handshake, first).process_all());
        while !rest.is_empty() {
            connection.read_tls(&mut rest).unwrap();
            connection.process().unwrap();
        }
        assert_eq!(
            connection.plaintext().unwrap(),
            b"a request",
            "cut at {cut}"
        );
    }
}

#[test]
fn a_refused_record_that_is_cut_after_the_flight_is_the_connections() {
    for (cut, says) in (0..6).flat_map(|cut| [(cut, ""), (cut, "a request")]) {
        let conversation = Conversation {
            says: says.as_bytes(),
            ..REJECTED
        };
        let (server, client) = conversation.between(&Pki::new());
        let (mut client, handshake) = answered(&Config::new(server).unwrap(), client);
        let bytes = [&client.says()[..], &[99, 3, 3, 0, 1, 7]].concat();
        let (first, mut rest) = bytes.split_at(bytes.len() - 6 + cut);
        let progress = match handshake.receive(&mut &first[..]) {
            Ok(Progress::Continue(handshake)) => handshake.receive(&mut rest),
            progress => progress,
        };
        match progress {
            Ok(Progress::Complete(mut connection)) => {
                assert_eq!(says, "a request");
                let error = connection.kept_error().unwrap();
                assert_eq!(error.error().summary().to_string(), REFUSED);
            }
            Ok(progress) => panic!("{progress:?}"),
            Err(error) => {
                assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
                assert!(error.to_string().starts_with(REFUSED), "{error}");
            }
        }
    }
}
