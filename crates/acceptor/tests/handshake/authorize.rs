//! The application's verdict on a client that is authenticated.

mod setup;

use std::io::{Read, Write};

use crate::handshake::clients::{PROVIDERS, client, flight, written};
use lastword_acceptor::{
    AlertDescription, Authenticated, Config, End, ErrorAndAlert, ErrorKind, Handshake,
    HandshakeKind, Panic, Phase, Progress, Rejection, Silence,
};
use lastword_testkit::catalogue::{Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::sans_io::receive;
use rustls::{ClientConnection, Error};

use setup::{KINDS, Kind, Setup, hear, written_by};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

const EARLY_DATA: &[u8] = b"GET /early HTTP/1.1\r\n\r\n";

const ENDS: [End; 5] = [
    End::Closed,
    End::Reset,
    End::StreamFailed,
    End::TimedOut,
    End::Aborted,
];

fn read(reader: &mut dyn Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    drop(reader.read_to_end(&mut bytes));
    bytes
}

#[test]
fn an_accepted_client_is_connected_and_none_of_its_data_is_lost() {
    for (_, profile) in PROVIDERS {
        for (versions, kind) in KINDS {
            for most in [1, 7, 100, usize::MAX] {
                let setup = Setup::new(&profile, versions, kind);
                is_connected(&setup, most);
            }
        }
    }
}

fn is_connected(setup: &Setup, most: usize) {
    let (mut client, authenticated, rest) = setup.waiting(most, REQUEST);
    let certificates = authenticated.connection().peer_certificates().unwrap();
    assert_eq!(certificates.len(), 1);
    let resumed = authenticated.connection().handshake_kind() == Some(HandshakeKind::Resumed);
    assert_eq!(resumed, setup.kind != Kind::Full);

    let mut left = &rest[..];
    let mut connection = authenticated.accept(&mut left).unwrap();
    assert_eq!(left, b"");
    if let Some(mut early_data) = connection.early_data() {
        assert_eq!(read(&mut early_data), EARLY_DATA);
    } else {
        assert_ne!(setup.kind, Kind::EarlyData);
    }
    let (mut connection, bytes) = written_by(connection);
    hear(&mut client, &bytes);
    assert!(!client.is_handshaking());
    assert!(setup.has_new_session(&client) || setup.versions == Versions::Tls12);

    // a client of TLS 1.2 that is not resumed sends its request later
    if client.writer().write(b"").is_ok() && connection.plaintext().is_err() {
        if most == usize::MAX && setup.versions == Versions::Tls12 && setup.kind == Kind::Full {
            client.writer().write_all(REQUEST).unwrap();
        }
        let said = written(&mut client);
        let mut said = &said[..];
        while !said.is_empty() {
            connection.read_tls(&mut said).unwrap();
            connection.process().unwrap();
        }
    }
    let request = connection.plaintext().unwrap_or_default().to_vec();
    connection.consume(request.len());
    if setup.versions == Versions::Tls13 {
        assert_eq!(request, REQUEST, "{:?}, {most} at a time", setup.kind);
    }
    connection.write(b"an answer").unwrap();
    let (connection, bytes) = written_by(connection);
    hear(&mut client, &bytes);
    connection.into_rustls().unwrap();
    assert_eq!(read(&mut client.reader()), b"an answer");
}

/// What a client reads of a refusal.
fn reads(client: &mut ClientConnection) -> Result<bool, Error> {
    let state = client.process_new_packets()?;
    Ok(state.peer_has_closed())
}

fn received(alert: AlertDescription) -> Error {
    Error::AlertReceived(alert.0.into())
}

/// Returns the lengths and types of the records that are sent with an encrypted alert.
fn records_of_alerts(setup: &Setup, count: usize) -> Vec<(u8, usize)> {
    let record = match (setup.versions, setup.kind) {
        (Versions::Tls13, _) => (23, 2 + 1 + 16),
        (_, Kind::Full) => (21, 2), // the server's change_cipher_spec is not sent
        _ => (21, 8 + 2 + 16),
    };
    vec![record; count]
}

fn records(tls: &[u8]) -> Vec<(u8, usize)> {
    let records = lastword_testkit::wire::records(tls);
    let records = records.iter().map(|record| (record[0], record.len() - 5));
    records.collect()
}

/// Checks what a client is told that waits for the verdict: these alerts alone.
fn is_told(
    setup: &Setup,
    most: usize,
    alerts: &[AlertDescription],
    refuse: impl FnOnce(Authenticated) -> ErrorAndAlert,
) -> ErrorAndAlert {
    let (mut client, authenticated, _) = setup.waiting(most, REQUEST);
    let error = refuse(authenticated);
    assert_eq!(error.alert(), alerts.first().copied());
    assert_eq!(error.error().phase(), Phase::Authenticated);
    assert_eq!(error.error().required_alert(), None);
    let sent = records(error.tls());
    assert_eq!(sent, records_of_alerts(setup, alerts.len()), "{error}");
    hear(&mut client, error.tls());
    match alerts {
        [
            AlertDescription::USER_CANCELED,
            AlertDescription::CLOSE_NOTIFY,
        ] => {
            match client.is_handshaking() {
                false => assert_eq!(reads(&mut client), Ok(true)),
                // rustls's client of TLS 1.2 ignores both before the end of its handshake
                true => {
                    let canceled = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];
                    assert_eq!(error.tls(), canceled);
                    assert_eq!(reads(&mut client), Ok(false));
                }
            }
        }
        alerts => assert_eq!(reads(&mut client), Err(received(alerts[0]))),
    }
    assert!(!setup.has_new_session(&client), "{error}");
    error
}

#[test]
fn a_refused_client_gets_the_alert_and_nothing_else() {
    for (versions, kind) in KINDS {
        for alert in [49, 44, 48, 90].map(AlertDescription) {
            for most in [1, 100, usize::MAX] {
                let setup = Setup::new(&ServerProfile::DEFAULT, versions, kind);
                let alerts = match alert {
                    AlertDescription::USER_CANCELED => &[alert, AlertDescription::CLOSE_NOTIFY][..],
                    _ => &[alert],
                };
                let refuse = |it: Authenticated| it.reject(Rejection::new(alert, "not known"));
                let error = is_told(&setup, most, alerts, refuse);
                assert!(matches!(error.error().kind(), ErrorKind::Rejected(_)));
                let words = error.to_string();
                assert!(words.contains("not known"), "{words}");

                // the verdict is asked for again if a session was stored before it
                let (_, authenticated, _) = setup.waiting(most, b"");
                let connection = authenticated.connection();
                assert!(connection.peer_certificates().is_some());
            }
        }
    }
}

#[test]
fn a_verdict_that_panics_is_an_internal_error() {
    for (versions, kind) in KINDS {
        let setup = Setup::new(&ServerProfile::DEFAULT, versions, kind);
        let panicked = |it: Authenticated| {
            let panic = Panic::catch(|| panic!("the list is empty")).unwrap_err();
            it.panicked(panic)
        };
        let alerts = [AlertDescription::INTERNAL_ERROR];
        let error = is_told(&setup, usize::MAX, &alerts, panicked);
        assert!(matches!(error.error().kind(), ErrorKind::Panicked(_)));
        assert!(error.to_string().contains("the list is empty"), "{error}");
    }
}

#[test]
fn a_client_that_waits_for_the_verdict_can_be_ended() {
    let both = [
        AlertDescription::USER_CANCELED,
        AlertDescription::CLOSE_NOTIFY,
    ];
    for (versions, kind) in KINDS {
        for end in ENDS {
            let setup = Setup::new(&ServerProfile::DEFAULT, versions, kind);
            let silence = match end {
                End::Closed | End::Reset => Some(Silence::PeerClosed),
                End::StreamFailed => Some(Silence::StreamFailed),
                End::TimedOut | End::Aborted => None,
            };
            if silence.is_none() {
                let error = is_told(&setup, usize::MAX, &both, |it| it.end(end));
                let words = error.to_string();
                assert!(
                    words.contains("after the client was authenticated"),
                    "{words}"
                );
            } else {
                let (_, authenticated, _) = setup.waiting(usize::MAX, REQUEST);
                let error = authenticated.end(end);
                assert_eq!(error.silence(), silence);
                assert_eq!(error.tls(), b"");
                assert_eq!(error.error().phase(), Phase::Authenticated);
            }
        }
    }
}

/// A way to refuse a client.
type Refuse = fn(Authenticated) -> ErrorAndAlert;

/// rustls sends its tickets, and the alert that is due is reported.
#[test]
fn without_encrypted_alerts_a_refused_client_reads_close_notify() {
    let (provider, profile) = PROVIDERS[1];
    assert_eq!(provider, Provider::Rustls);
    for (versions, kind) in KINDS {
        let refusals: [(Refuse, u8); 3] = [
            (|it| it.reject(Rejection::access_denied("not known")), 49),
            (|it| it.end(End::TimedOut), 90),
            (|it| it.panicked(Panic::catch(|| panic!()).unwrap_err()), 80),
        ];
        for (refuse, required) in refusals {
            let setup = Setup::new(&profile, versions, kind);
            let (mut client, authenticated, _) = setup.waiting(usize::MAX, REQUEST);
            let error = refuse(authenticated);
            assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY));
            let required = Some(AlertDescription(required));
            assert_eq!(error.error().required_alert(), required);
            assert_eq!(error.error().phase(), Phase::Authenticated);
            hear(&mut client, error.tls());
            assert_eq!(reads(&mut client), Ok(true), "{versions:?} {kind:?}");
        }
    }
}

/// A client without a certificate is here too, if the configuration allows it.
#[test]
fn a_handshake_without_a_certificate_has_a_verdict_too() {
    let pki = Pki::new();
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
    let handshake = Handshake::default();
    let hello = written(&mut client);
    let Ok(Progress::Continue(mut handshake)) = receive(handshake, &config, &mut &hello[..]) else {
        panic!("not answered");
    };
    hear(&mut client, &flight(&mut handshake));
    // it can be asked for late
    let finished = written(&mut client);
    let progress = handshake.authorizing().receive(&mut &finished[..]).unwrap();
    let Progress::Authenticated(authenticated) = progress else {
        panic!("{progress:?}");
    };
    assert!(authenticated.connection().peer_certificates().is_none());
    let error = authenticated.reject(Rejection::access_denied("no certificate"));
    hear(&mut client, error.tls());
    let denied = received(AlertDescription::ACCESS_DENIED);
    assert_eq!(reads(&mut client), Err(denied));
}

/// A record after the Finished is not read before the verdict, even if it is bad.
#[test]
fn a_bad_record_after_the_finished_is_found_after_the_verdict() {
    for accepts in [true, false] {
        let setup = Setup::new(&ServerProfile::DEFAULT, Versions::Tls13, Kind::Full);
        let (mut client, authenticated, mut rest) = setup.waiting(usize::MAX, b"");
        rest.extend([99, 3, 3, 0, 1, 7]);
        let (error, alert, phase) = match accepts {
            true => {
                let error = authenticated.accept(&mut &rest[..]).unwrap_err();
                let alert = AlertDescription::UNEXPECTED_MESSAGE;
                (error, alert, Phase::Established)
            }
            false => {
                let error = authenticated.reject(Rejection::access_denied("not known"));
                let alert = AlertDescription::ACCESS_DENIED;
                (error, alert, Phase::Authenticated)
            }
        };
        assert_eq!(error.error().phase(), phase);
        assert_eq!(error.alert(), Some(alert));
        hear(&mut client, error.tls());
        assert_eq!(reads(&mut client), Err(received(alert)));
    }
}

/// Nothing of the application is seen before the verdict in `Debug` either.
#[test]
fn the_state_shows_no_data_of_the_client() {
    let setup = Setup::new(&ServerProfile::DEFAULT, Versions::Tls13, Kind::EarlyData);
    let (_, authenticated, _) = setup.waiting(usize::MAX, REQUEST);
    let shown = format!("{authenticated:?}");
    assert!(!shown.contains("GET"), "{shown}");
    assert!(!shown.contains("71, 69, 84"), "{shown}");
}
