//! What an error knows of its client and shows of itself, at each stage.

use std::error::Error as StdError;
use std::io;

use crate::handshake::clients::{accepted, answering};
use lastword_acceptor::{
    AlertDescription, Config, End, Handshake, Limits, Phase, Progress, Reason, Rejection,
};
use lastword_record::ProtocolVersion;
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::Pki;
use lastword_testkit::server;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

const H2: ServerProfile = ServerProfile {
    alpn: &["h2"],
    ..ServerProfile::DEFAULT
};

fn hello() -> Vec<u8> {
    HelloBuilder::default()
        .alpn(&["h2", "spdy/3"])
        .supported_versions(&[0x0a0a, 0x0304, 0x0303])
        .record()
}

#[test]
fn knows_the_bytes_alone_of_what_is_no_hello() {
    let error = Handshake::default()
        .receive(&mut &b"GET / HTTP/1.1\r\n\r\n"[..])
        .unwrap_err();
    assert_eq!(error.error().received(), &b"GET /"[..]);
    assert_eq!(error.error().received_len(), 5);
    assert_eq!(error.error().alpn().count(), 0);
    assert_eq!(error.error().versions(), []);
    assert_eq!(error.error().server_name(), None);
    assert!(error.error().client_hello().is_none());
    assert!(error.error().rustls().is_none());
    assert_eq!(error.into_parts().0.into_received(), b"GET /");
}

#[test]
fn knows_the_hello_until_it_is_answered() {
    let record = hello();
    let error = accepted(&record).reject(Rejection::unrecognized_name());
    assert_eq!(error.error().received(), record);
    assert!(error.error().alpn().eq([&b"h2"[..], b"spdy/3"]));
    assert_eq!(
        error.error().versions(),
        [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
    );
    assert_eq!(error.error().server_name(), Some("localhost"));
    assert!(error.error().client_hello().is_some());
    assert!(error.error().config().is_none());
    assert_eq!(error.into_parts().0.into_received(), record);
}

#[test]
fn knows_what_was_agreed_on_once_it_is_answered() {
    let config = Config::new(Pki::new().server_config(&H2)).unwrap();
    let error = answering(&config, &hello()).end(End::Closed);
    assert_eq!(error.error().received_len(), 0);
    assert!(error.error().alpn().eq([b"h2"]));
    assert_eq!(error.error().versions(), [ProtocolVersion::TLS_1_3]);
    assert_eq!(error.error().server_name(), Some("localhost"));
    assert!(error.error().client_hello().is_none());
    assert_eq!(error.into_parts().0.into_received(), b"");
}

#[test]
fn hands_out_what_rustls_said() {
    let groups = HelloBuilder::default().groups(&[0x0100]).key_shares(&[]);
    let config = Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap();
    let error = accepted(&groups.record())
        .into_connection(&config)
        .unwrap_err();
    let found = error.error().rustls().unwrap();
    assert_eq!(found.as_rustls(), &server::NO_GROUP);
    assert_eq!(error.error().config().unwrap().versions().len(), 2);
}

#[test]
fn counts_what_it_has_received() {
    let record = hello();
    let mut handshake = Handshake::default();
    for (received, byte) in record[..40].iter().enumerate() {
        assert_eq!(handshake.received(), received);
        handshake = match handshake.receive(&mut &[*byte][..]).unwrap() {
            Progress::Continue(next) => next,
            progress => panic!("{progress:?}"),
        };
    }
}

#[test]
fn a_handshake_has_nothing_to_write_before_the_hello_and_knows_its_phase() {
    let config = Config::new(Pki::new().server_config(&H2)).unwrap();
    let mut handshake = Handshake::default();
    assert_eq!(handshake.phase(), Phase::ClientHello);
    assert!(!handshake.wants_write());
    let mut written = Vec::new();
    assert_eq!(handshake.write_tls(&mut written).unwrap(), 0);
    assert_eq!(written, b"");
    assert_eq!(
        answering(&config, &hello()).phase(),
        Phase::AfterServerHello
    );
}

#[test]
fn is_shown_without_what_the_client_sent() {
    let error = accepted(&hello()).reject(Rejection::unrecognized_name());
    let received = hello().len();
    let shown = format!(
        "Error {{ kind: Rejected(Rejection {{ alert: unrecognized_name(112), \
        reason: \"no server by this name\", source: None }}), phase: ServerHello, \
        server_name: Some(\"localhost\"), received: {received}, .. }}"
    );
    assert_eq!(format!("{:?}", error.error()), shown);
    assert_eq!(
        format!("{error:?}"),
        format!(
            "ErrorAndAlert {{ error: {shown}, alert: Some(unrecognized_name(112)), \
            silence: None, unwritten: 7 }}"
        )
    );
}

#[test]
fn a_configuration_is_shown_by_its_versions() {
    let tls13 = ServerProfile {
        versions: Versions::Tls13,
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(Pki::new().server_config(&tls13)).unwrap();
    assert_eq!(
        format!("{config:?}"),
        "Config { versions: [TLS 1.3(0x0304)], .. }"
    );
}

/// The words of an error, and those of what is below it.
fn chain(error: &dyn StdError) -> Vec<String> {
    let below = error.source().map(chain).unwrap_or_default();
    [vec![error.to_string()], below].concat()
}

#[test]
fn says_each_thing_once_down_to_its_source() {
    #[derive(Debug, thiserror::Error)]
    #[error("no configuration")]
    struct NoConfiguration(#[source] io::Error);

    let missing = io::Error::new(io::ErrorKind::NotFound, "no such file");
    let rejection = Rejection::internal_error(NoConfiguration(missing));
    assert_eq!(rejection.reason().to_string(), "no configuration");
    let error = accepted(&hello()).reject(rejection);
    let words = [
        "this server failed: no configuration: client asks for localhost",
        "no such file",
    ];
    assert_eq!(chain(error.error()), words);
    assert_eq!(chain(&error), words);

    let nameless = HelloBuilder::default().without(ExtensionType::SERVER_NAME);
    let error = accepted(&nameless.record()).reject(Rejection::access_denied("not today"));
    assert_eq!(chain(&error), ["this server refused the client: not today"]);

    let garbage = Handshake::default().receive(&mut &[0; 5][..]).unwrap_err();
    assert!(garbage.source().is_none());
}

#[test]
fn a_general_error_is_told_as_one() {
    let error = accepted(&hello()).reject(Rejection::general_error("no room"));
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 117]);
    assert_eq!(error.alert(), Some(AlertDescription::GENERAL_ERROR));
    assert_eq!(
        error.to_string(),
        "this server refused the client: no room: client asks for localhost"
    );
}

#[test]
fn limits_are_changed_one_at_a_time() {
    let defaults = Limits::default();
    let changed = defaults
        .with_hello_len(1)
        .with_warning_alerts(2)
        .with_handshake_len(3);
    let of = |limits: Limits| {
        (
            limits.hello_len,
            limits.warning_alerts,
            limits.handshake_len,
        )
    };
    assert_eq!(of(defaults), (65_536, 4, 262_144));
    assert_eq!(of(changed), (1, 2, 3));
    let record = hello();
    let error = Handshake::new(changed)
        .receive(&mut &record[..])
        .unwrap_err();
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 50]);
    assert_eq!(error.error().reason(), Reason::TooLong);
}

#[test]
fn every_reason_is_shown_by_its_name() {
    let names = [
        (Reason::NotTls, "not_tls"),
        (Reason::UnexpectedMessage, "unexpected_message"),
        (Reason::TooLong, "too_long"),
        (Reason::Malformed, "malformed"),
        (Reason::Version, "version"),
        (Reason::MissingExtension, "missing_extension"),
        (Reason::Name, "name"),
        (Reason::CipherSuite, "cipher_suite"),
        (Reason::Group, "group"),
        (Reason::SignatureScheme, "signature_scheme"),
        (Reason::ApplicationProtocol, "application_protocol"),
        (Reason::Incompatible, "incompatible"),
        (Reason::Misbehaved, "misbehaved"),
        (Reason::Decrypt, "decrypt"),
        (Reason::ClientCertificate, "client_certificate"),
        (Reason::Rejected, "rejected"),
        (Reason::PeerAlert, "peer_alert"),
        (Reason::Closed, "closed"),
        (Reason::StreamFailed, "stream_failed"),
        (Reason::TimedOut, "timed_out"),
        (Reason::Aborted, "aborted"),
        (Reason::Internal, "internal"),
    ];
    for (reason, name) in names {
        assert_eq!(reason.to_string(), name);
    }
}
