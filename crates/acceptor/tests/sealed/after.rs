//! Connections that are used further after an error, or before the handshake is written.

use std::io::{Read, Write};

use lastword_acceptor::{AlertDescription, Config, ErrorAndAlert, Handshake, Progress, Rejection};
use lastword_testkit::sans_io::receive;
use lastword_testkit::server::{ANSWERS_KEY_UPDATES_AT_ONCE, send_tickets};
use lastword_testkit::wire::records;
use rustls::{ClientConnection, ContentType};

use crate::sealed::audit;
use crate::sealed::forged::{Forger, last_flight};
use crate::sealed::peer::{Server, hear};
use crate::sealed::scenario::{Scenario, closed_by_rustls, written};

/// Returns a client that has read the server's flight, and the handshake.
pub(crate) fn answered(config: &Config, client: &mut ClientConnection) -> Handshake {
    let progress = receive(Handshake::default(), config, &mut &written(client)[..]);
    let Ok(Progress::Continue(handshake)) = progress else {
        panic!("{progress:?}");
    };
    let mut server = Server::Handshake(handshake);
    hear(client, &written(&mut server));
    match server {
        Server::Handshake(handshake) => handshake,
        other => panic!("{other:?}"),
    }
}

/// Sends `request`, and what `forge` makes, right after the client's Finished.
fn with_finished(
    request: &[u8],
    forge: impl FnOnce(&mut Forger) -> Vec<u8>,
) -> (Result<Progress, ErrorAndAlert>, Forger) {
    with_finished_and(0, request, forge)
}

/// The same with a server that sends so many tickets.
fn with_finished_and(
    tickets: usize,
    request: &[u8],
    forge: impl FnOnce(&mut Forger) -> Vec<u8>,
) -> (Result<Progress, ErrorAndAlert>, Forger) {
    let (config, mut client) = Scenario::TLS13.pair_with(|mut config| {
        send_tickets(&mut config, tickets);
        config
    });
    let handshake = answered(&Config::new(config).unwrap(), &mut client);
    let (mut flight, mut forger) = last_flight(client, request);
    flight.extend(forge(&mut forger));
    (handshake.receive(&mut &flight[..]), forger)
}

const HANDSHAKE: ContentType = ContentType::Handshake;

/// A record's content type and content.
type Content = (ContentType, &'static [u8]);

/// Records for which rustls queues no alert, or another than the required one.
const UNALERTED: [(&[Content], AlertDescription); 4] = [
    (
        &[(ContentType::Unknown(99), b"x")],
        AlertDescription::UNEXPECTED_MESSAGE,
    ),
    (
        &[(ContentType::Unknown(0), &[])],
        AlertDescription::UNEXPECTED_MESSAGE,
    ),
    // data between two parts of a KeyUpdate
    (
        &[
            (HANDSHAKE, &[24, 0, 0, 1]),
            (ContentType::ApplicationData, b"x"),
        ],
        AlertDescription::UNEXPECTED_MESSAGE,
    ),
    (
        &[(HANDSHAKE, &[4, 0xff, 0xff, 0xff])],
        AlertDescription::DECODE_ERROR,
    ),
];

fn forge(forger: &mut Forger, contents: &[Content]) -> Vec<u8> {
    let records = contents
        .iter()
        .flat_map(|(typ, it)| forger.record(*typ, it));
    records.collect()
}

fn fatal(alert: AlertDescription) -> (ContentType, Vec<u8>) {
    (ContentType::Alert, vec![2, alert.0])
}

#[test]
fn a_connection_with_an_error_after_the_handshake_can_be_used_to_its_end() {
    for (contents, alert) in UNALERTED {
        for writes_first in [false, true] {
            let (progress, mut forger) = with_finished(b"a request", |it| forge(it, contents));
            let Ok(Progress::Complete(mut connection)) = progress else {
                panic!("{progress:?}");
            };
            assert_eq!(connection.plaintext().unwrap(), b"a request");
            connection.consume(9);
            assert!(connection.kept_error().is_some());
            let mut tls = Vec::new();
            if writes_first {
                tls = written(&mut connection);
            }
            connection.send_close_notify();
            tls.extend(written(&mut connection));
            assert_eq!(forger.read(&tls), [fatal(alert)], "{contents:?}");

            let late = connection.write(b"late").unwrap_err();
            assert_eq!(late.kind(), std::io::ErrorKind::InvalidData);
            assert_eq!(closed_by_rustls(connection), b"");
            audit::check();
        }
    }
}

#[test]
fn an_error_after_the_handshake_without_plaintext_is_the_handshakes() {
    for (contents, alert) in UNALERTED {
        let (progress, mut forger) = with_finished(b"", |it| forge(it, contents));
        let error = progress.unwrap_err();
        assert_eq!(error.alert(), Some(alert));
        assert_eq!(error.error().required_alert(), None);
        assert_eq!(forger.read(error.tls()), [fatal(alert)]);
        audit::check();
    }
}

#[test]
fn a_connection_with_a_kept_error_ends_with_its_alert() {
    for (contents, alert) in UNALERTED {
        let (progress, mut forger) = with_finished(b"a request", |it| forge(it, contents));
        let Ok(Progress::Complete(connection)) = progress else {
            panic!("{progress:?}");
        };
        let error = connection.end(lastword_acceptor::End::TimedOut);
        assert_eq!(error.alert(), Some(alert));
        assert_eq!(forger.read(error.tls()), [fatal(alert)]);
        audit::check();
    }
}

/// The answer to a KeyUpdate is sent before the alert, which is encrypted with the next keys.
#[test]
fn an_error_after_a_key_update_is_told() {
    let request_update = &[24, 0, 0, 1, 1][..];
    for (contents, alert) in UNALERTED {
        for request in [&b""[..], b"a request"] {
            let (progress, mut forger) = with_finished(request, |it| {
                let update = it.record(HANDSHAKE, request_update);
                it.update_keys();
                [update, forge(it, contents)].concat()
            });
            let tls = match progress {
                Ok(Progress::Complete(mut connection)) => written(&mut connection),
                Ok(progress) => panic!("{progress:?}"),
                Err(error) => error.tls().to_vec(),
            };
            let answer = forger.read(&tls);
            let update = (HANDSHAKE, vec![24, 0, 0, 1, 0]);
            assert_eq!(answer, [update, fatal(alert)]);
            audit::check();
        }
    }
}

#[test]
fn a_connection_that_ends_answers_a_key_update_first() {
    let request_update = &[24, 0, 0, 1, 1][..];
    let update = |it: &mut Forger| it.record(HANDSHAKE, request_update);
    let (progress, mut forger) = with_finished_and(1, b"", update);
    let Ok(Progress::Complete(connection)) = progress else {
        panic!("{progress:?}");
    };
    let error = connection.end(lastword_acceptor::End::Aborted);
    if !ANSWERS_KEY_UPDATES_AT_ONCE {
        // rustls sends its answer only before a KeyUpdate of its own
        let types = records(error.tls()).into_iter().map(<[u8]>::len);
        let lens = Vec::from_iter(types.skip(1));
        assert_eq!(lens, [27, 27, 24, 24]);
        audit::check();
        return;
    }
    let expected = [
        (HANDSHAKE, vec![24, 0, 0, 1, 0]),
        (ContentType::Alert, vec![1, 90]),
        (ContentType::Alert, vec![1, 0]),
    ];
    let read = forger.read(error.tls());
    assert_eq!((read[0].0, read[0].1[0]), (HANDSHAKE, 4)); // the ticket
    assert_eq!(read[1..], expected);
    audit::check();
}

/// Also if the KeyUpdate is processed at once with the Finished, after rejected early data.
#[test]
fn a_client_can_update_keys_right_after_its_finished() {
    for scenario in [
        Scenario::TLS13,
        Scenario {
            early_data: Some(false),
            client_auth: true,
            ..Scenario::TLS13
        },
    ] {
        let (config, mut client) = scenario.pair();
        let handshake = answered(&config, &mut client);
        let mut flight = written(&mut client);
        client.refresh_traffic_keys().unwrap();
        client.writer().write_all(b"a request").unwrap();
        flight.extend(written(&mut client));
        let mut server = Server::Handshake(handshake);
        server.receive(&config, &flight);
        server.wait();
        let mut connection = server.complete();
        assert_eq!(connection.plaintext().unwrap(), b"a request");
        connection.consume(9);
        hear(&mut client, &written(&mut connection));
        connection.write(b"an answer").unwrap();
        hear(&mut client, &written(&mut connection));
        let mut answer = [0; 9];
        client.reader().read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"an answer", "{scenario:?}");
        audit::check();
    }
}

/// Also with the verdict in between.
#[test]
fn a_client_can_update_keys_before_the_verdict() {
    let scenario = Scenario {
        early_data: Some(false),
        client_auth: true,
        ..Scenario::TLS13
    };
    for accepts in [true, false] {
        let (config, mut client) = scenario.pair();
        let handshake = answered(&config, &mut client).authorizing();
        let mut flight = written(&mut client);
        client.refresh_traffic_keys().unwrap();
        client.writer().write_all(b"a request").unwrap();
        flight.extend(written(&mut client));
        let mut server = Server::Handshake(handshake);
        server.receive(&config, &flight);
        server.wait();
        let rejection = Rejection::new(AlertDescription::ACCESS_DENIED, "no");
        server.decide((!accepts).then_some(rejection));
        hear(&mut client, &written(&mut server));
        match server {
            Server::Complete(mut connection) => {
                connection.write(b"an answer").unwrap();
                hear(&mut client, &written(&mut connection));
                let mut answer = [0; 9];
                client.reader().read_exact(&mut answer).unwrap();
                assert_eq!(&answer, b"an answer");
            }
            _ => {
                let error = client.process_new_packets().unwrap_err();
                let denied = rustls::AlertDescription::AccessDenied;
                assert_eq!(error, rustls::Error::AlertReceived(denied));
            }
        }
        audit::check();
    }
}

/// A client whose early data is rejected sends a bad record after its Finished. rustls processes both at
/// once, before the verdict.
#[test]
fn a_bad_record_that_is_processed_with_the_finished_is_found_after_the_verdict() {
    let scenario = Scenario {
        early_data: Some(false),
        client_auth: true,
        ..Scenario::TLS13
    };
    for request in [&b""[..], b"a request"] {
        for accepts in [true, false] {
            for (contents, alert) in UNALERTED {
                let (config, mut client) = scenario.pair_with(|mut config| {
                    send_tickets(&mut config, 0); // nothing is sent before the answer
                    config
                });
                let config = Config::new(config).unwrap();
                let handshake = answered(&config, &mut client).authorizing();
                let (mut flight, mut forger) = last_flight(client, request);
                flight.extend(forge(&mut forger, contents));
                let mut server = Server::Handshake(handshake);
                server.receive(&config, &flight);
                server.wait();
                assert!(matches!(server, Server::Authenticated(_)), "{server:?}");
                let rejection = Rejection::new(AlertDescription::ACCESS_DENIED, "no");
                server.decide((!accepts).then_some(rejection));
                let alert = match accepts {
                    true => alert,
                    false => AlertDescription::ACCESS_DENIED,
                };
                match &server {
                    Server::Failed(error) => assert_eq!(error.alert(), Some(alert)),
                    Server::Complete(_) => assert!(accepts && !request.is_empty()),
                    other => panic!("{other:?}"),
                }
                assert_eq!(forger.read(&written(&mut server)), [fatal(alert)]);
                audit::check();
            }
        }
    }
}
