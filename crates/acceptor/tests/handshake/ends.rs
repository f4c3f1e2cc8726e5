//! How a handshake ends from outside, in each of its states.

use crate::handshake::clients::{
    PROVIDERS, accepted, answered, answering, client, reads_close_notify, written,
};
use lastword_acceptor::{
    AlertDescription, Config, Connection, End, ErrorAndAlert, Handshake, Phase, Progress, Reason,
    Silence,
};
use lastword_testkit::catalogue::{Provider, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::server::into_output;
use lastword_testkit::wire::HelloBuilder;
use rustls::ClientConnection;

const ENDS: [End; 5] = [
    End::Closed,
    End::Reset,
    End::StreamFailed,
    End::TimedOut,
    End::Aborted,
];

/// `user_canceled` and `close_notify`, in plaintext.
const CANCELED: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];

fn config(pki: &Pki) -> Config {
    config_of(pki, &ServerProfile::DEFAULT)
}

fn config_of(pki: &Pki, profile: &ServerProfile) -> Config {
    Config::new(pki.server_config(profile)).unwrap()
}

/// The alert after a timeout once the ServerHello is made.
const fn alert_of(provider: Provider) -> AlertDescription {
    match provider {
        Provider::EncryptedAlerts => AlertDescription::USER_CANCELED,
        Provider::Rustls => AlertDescription::CLOSE_NOTIFY,
    }
}

/// Whether the ClientHello was answered, by a HelloRetryRequest if no ServerHello was made.
fn is_answered(error: &ErrorAndAlert) -> bool {
    error.error().config().is_some() && error.error().client_hello().is_none()
}

/// Checks the error of a handshake that ended in this way. A client that is there is sent `tls`, with
/// `alert`, and the log says `more` after the phase.
fn is(end: End, error: &ErrorAndAlert, tls: &[u8], alert: AlertDescription, more: &str) {
    let gone = match end {
        End::Closed | End::Reset => Some(Silence::PeerClosed),
        End::StreamFailed => Some(Silence::StreamFailed),
        End::TimedOut | End::Aborted => None,
    };
    let phase = error.error().phase();
    let phase = match phase {
        Phase::ServerHello if is_answered(error) => "after the HelloRetryRequest".to_owned(),
        phase => phase.to_string(),
    };
    let left = match more {
        ", nothing received" => "before any part of a ClientHello arrived".to_owned(),
        more => format!("{phase}{more}"),
    };
    let (reason, words) = match end {
        End::Closed => (
            Reason::Closed,
            format!("client closed the connection {left}"),
        ),
        End::Reset => (
            Reason::Closed,
            format!("client reset the connection {left}"),
        ),
        End::StreamFailed => (Reason::StreamFailed, format!("stream failed {left}")),
        End::TimedOut => {
            let hint = match more {
                ", nothing received" => {
                    ": the client may wait for this server to speak first, as clients of STARTTLS do"
                }
                _ => "",
            };
            let words = format!("handshake timed out {phase}{more}{hint}");
            (Reason::TimedOut, words)
        }
        End::Aborted => (
            Reason::Aborted,
            format!("server aborted the handshake {phase}{more}"),
        ),
    };
    assert_eq!(error.error().reason(), reason);
    let line = error.to_string();
    // how much came since the answer is another test's matter
    let since = line.strip_suffix(" received since");
    let since = since.and_then(|line| line.rsplit_once(", "));
    assert_eq!(since.map_or(&line[..], |(before, _)| before), words);
    assert_eq!(error.error().peer_alert(), None);
    assert!(error.error().rustls().is_none());

    let silence = gone.or(tls.is_empty().then_some(Silence::NothingReceived));
    assert_eq!(error.silence(), silence, "{words}");
    let alert = silence.is_none().then_some(alert);
    assert_eq!(error.alert(), alert, "{words}");
    let tls = if gone.is_some() { &[][..] } else { tls };
    assert_eq!(error.tls(), tls, "{words}");
}

#[test]
fn before_the_client_hello_a_client_that_has_sent_something_is_told() {
    let hello = HelloBuilder::default().record();
    for (len, tls, more) in [
        (0, &[][..], ", nothing received"),
        (9, &CANCELED, ", 9 bytes received"),
    ] {
        for end in ENDS {
            let progress = Handshake::default().receive(&mut &hello[..len]).unwrap();
            let Progress::Continue(handshake) = progress else {
                panic!("{progress:?}")
            };
            let error = handshake.end(end);
            is(end, &error, tls, AlertDescription::USER_CANCELED, more);
            assert_eq!(error.error().phase(), Phase::ClientHello);
            assert_eq!(error.error().received(), &hello[..len]);
        }
    }
}

#[test]
fn while_a_configuration_is_chosen_the_client_is_told_user_canceled() {
    let hello = HelloBuilder::default().record();
    for end in ENDS {
        let error = accepted(&hello).end(end);
        is(end, &error, &CANCELED, AlertDescription::USER_CANCELED, "");
        assert_eq!(error.error().phase(), Phase::ServerHello);
        assert_eq!(error.error().received(), hello);
    }
}

#[test]
fn after_a_hello_retry_request_the_client_is_told_user_canceled() {
    let config = config(&Pki::new());
    let hello = HelloBuilder::default().key_shares(&[]).record();
    for end in ENDS {
        let handshake = answering(&config, &hello);
        assert_eq!(handshake.phase(), Phase::ServerHello);
        let error = handshake.end(end);
        is(end, &error, &CANCELED, AlertDescription::USER_CANCELED, "");
        assert_eq!(error.error().phase(), Phase::ServerHello);
    }
    let retry = into_output(accepted(&hello).into_connection(&config).unwrap());
    let unwritten = accepted(&hello).into_handshake(&config).unwrap();
    let error = unwritten.end(End::TimedOut);
    assert_eq!(error.tls(), [&retry[..], &CANCELED].concat());
}

#[test]
fn after_the_server_hello_of_tls12_the_client_is_told() {
    for (provider, profile) in PROVIDERS {
        is_told_by_tls12(provider, &profile);
    }
}

fn is_told_by_tls12(provider: Provider, profile: &ServerProfile) {
    let config = config_of(&Pki::new(), profile);
    let hello = HelloBuilder::tls12().record();
    let tls = match provider {
        Provider::EncryptedAlerts => &CANCELED[..],
        Provider::Rustls => &CLOSE_NOTIFY,
    };
    for end in ENDS {
        let handshake = answering(&config, &hello);
        assert_eq!(handshake.phase(), Phase::AfterServerHello);
        let error = handshake.end(end);
        is(end, &error, tls, alert_of(provider), "");
        assert_eq!(error.error().phase(), Phase::AfterServerHello);

        let unwritten = accepted(&hello).into_handshake(&config).unwrap().end(end);
        assert_eq!(unwritten.error().phase(), Phase::AfterServerHello);
        match unwritten.silence() {
            Some(_) => assert_eq!(unwritten.tls(), b""),
            None => {
                assert_eq!(unwritten.tls()[5], 2, "no ServerHello");
                assert!(unwritten.tls().ends_with(tls));
            }
        }
    }
}

/// The client closes by an alert: the same as if it closed the connection.
#[test]
fn a_client_that_sends_close_notify_has_closed() {
    let config = config(&Pki::new());
    let handshake = answering(&config, &HelloBuilder::tls12().record());
    let error = handshake.receive(&mut &CLOSE_NOTIFY[..]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "client closed the connection with close_notify after the ServerHello, 7 bytes received since"
    );
    assert_eq!(error.silence(), Some(Silence::PeerClosed));
    assert_eq!(error.error().phase(), Phase::AfterServerHello);
}

/// Checks the error of a handshake whose client reads what it is told.
fn is_read(provider: Provider, end: End, error: &ErrorAndAlert, client: &mut ClientConnection) {
    is(end, error, error.tls(), alert_of(provider), "");
    assert_eq!(error.error().phase(), Phase::AfterServerHello);
    assert_eq!(error.error().server_name(), Some("localhost"));
    let is_there = matches!(end, End::TimedOut | End::Aborted);
    assert_eq!(is_there && reads_close_notify(client, error), is_there);
}

#[test]
fn after_the_server_hello_of_tls13_the_client_is_told() {
    let pki = Pki::new();
    for (provider, profile) in PROVIDERS {
        let config = config_of(&pki, &profile);
        for end in ENDS {
            let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
            let error = answered(&mut client, &config).end(end);
            is_read(provider, end, &error, &mut client);
            // each alert has a record of its own: 2 bytes, the content type and a tag
            let records = match (error.silence(), provider) {
                (Some(_), _) => 0,
                (None, Provider::EncryptedAlerts) => 2,
                (None, Provider::Rustls) => 1,
            };
            assert_eq!(error.tls().len(), records * (5 + 19));
        }
    }
}

/// A client and its connection, which is complete, with the last flight not yet written.
fn complete(
    pki: &Pki,
    profile: &ServerProfile,
    versions: Versions,
) -> (ClientConnection, Connection) {
    let mut client = client(pki.client_config(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    }));
    let handshake = answered(&mut client, &config_of(pki, profile));
    match handshake.receive(&mut &written(&mut client)[..]) {
        Ok(Progress::Complete(connection)) => (client, connection),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_flight_is_sent_before_the_alert_if_it_is_not_written() {
    let pki = Pki::new();
    for (provider, profile) in PROVIDERS {
        for versions in [Versions::Tls12, Versions::Tls13] {
            for end in ENDS {
                let (mut client, connection) = complete(&pki, &profile, versions);
                assert!(connection.wants_write());
                let error = connection.end(end);
                is_read(provider, end, &error, &mut client);
                if error.silence().is_none() {
                    assert!(!client.is_handshaking(), "{versions:?}");
                }
            }
        }
    }
}

#[test]
fn every_phase_has_a_name() {
    let phases = [
        Phase::ClientHello,
        Phase::ServerHello,
        Phase::AfterServerHello,
        Phase::Authenticated,
        Phase::Established,
    ];
    assert_eq!(
        phases.map(Phase::name),
        [
            "client_hello",
            "server_hello",
            "after_server_hello",
            "authenticated",
            "established"
        ]
    );
}
