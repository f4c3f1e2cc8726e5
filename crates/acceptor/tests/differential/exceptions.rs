//! Where the early decisions may differ from rustls's: each a row of the specification.

use lastword_acceptor::hello::{CipherSuite, ClientHello, Error as HelloError};
use lastword_acceptor::record::{ContentType, Header, LengthLimit, ProtocolVersion, Records};
use lastword_acceptor::{Alert, AlertDescription, AlertLevel, ErrorKind};
use lastword_testkit::wire::{self, ExtensionType, HelloBuilder};

use super::alone::{self, InvalidMessage, PeerMisbehaved};
use super::server::{Server, named};
use super::verdict::{Ours, Rustls, ours, rustls};

/// Whether a client that rustls answers with `answer` may be refused, for this reason.
///
/// - "`TLS_FALLBACK_SCSV` from a client below the server's highest version" (RFC 7507 section 3):
///   rustls knows nothing of the suite.
/// - "ALPN offered, none supported", decided before any key exchange (RFC 7301 section 3.2):
///   where it lacks a key share rustls sends a HelloRetryRequest first, and refuses the second
///   hello after the key exchange.
/// - "`legacy_version` 0x0300, also with `supported_versions`" (RFC 8446 appendix D.5): rustls
///   ignores it beside the extension.
/// - "First record is an alert", "`close_notify` as the first message", "level is ignored" (RFC 8446
///   section 6): rustls goes on after any of level warning.
/// - "Share not in `supported_groups`" (RFC 8446 section 4.2.8): rustls passes over it.
/// - "Record longer than 2^14" (RFC 8446 section 5.1): rustls takes 2^14 + 2048 bytes in plaintext.
pub(crate) fn refused(kind: &ErrorKind, answer: &[u8], bytes: &[u8], server: &Server) -> bool {
    match kind {
        ErrorKind::InappropriateFallback => falls_back(&message(bytes), server),
        ErrorKind::NoVersionInCommon => {
            ClientHello::parse(&message(bytes))
                .unwrap()
                .legacy_version()
                == ProtocolVersion::SSL_3_0
        }
        ErrorKind::NoApplicationProtocol => is_retry_request(answer),
        ErrorKind::KeyShareNotOffered(group) => {
            let message = message(bytes);
            let hello = ClientHello::parse(&message).unwrap();
            let mut shares = hello.key_share_groups().unwrap();
            shares.any(|share| share == *group) && !hello.named_groups().unwrap().contains(*group)
        }
        ErrorKind::Hello(HelloError::PeerAlert(alert)) => has_warning(bytes, *alert),
        ErrorKind::Hello(HelloError::RecordOverflow(_)) => has_overlong_record(bytes),
        _ => false,
    }
}

/// Whether a client of which rustls would wait for more may be refused, for this reason: where the
/// header of a record or of the message shows that whatever comes will not do. rustls looks at
/// them once the record is whole, and at the message once the message is.
pub(crate) fn not_waited_for(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        // "longer than the limit, also when only declared longer"; "not ClientHello"
        ErrorKind::Hello(HelloError::TooLong { .. } | HelloError::UnexpectedHandshake(_))
    )
}

/// Whether a client that rustls refuses for this error may go on.
///
/// - "Legacy version in a record header, whatever its value" (RFC 8446 section 5.1: it must be
///   ignored for all purposes): rustls refuses one whose first byte is not 3.
/// - "Level is ignored" (RFC 8446 section 6): `user_canceled` ends nothing, rustls refuses it
///   unless its level is warning.
/// - The binder of a session that is not resumed (RFC 8446 section 4.2.11.2): rustls resumes every
///   session that it made. A server of this crate that asks for client certificates resumes a session
///   only in its scope.
pub(crate) fn not_refused(error: &alone::Error, bytes: &[u8], server: &Server) -> bool {
    let mut records = Records::new(bytes, LengthLimit(u16::MAX));
    match error {
        alone::Error::InvalidMessage(InvalidMessage::UnknownProtocolVersion) => {
            records.any(|record| record.header.version.0 >> 8 != 3)
        }
        error if alone::is_user_canceled(error) => {
            let ignored = |level: &u8| *level != AlertLevel::WARNING.0;
            records.any(|record| matches!(record.payload, [level, 90] if ignored(level)))
        }
        alone::Error::PeerMisbehaved(PeerMisbehaved::IncorrectBinder) => {
            server.config.authorities().is_some()
        }
        _ => false,
    }
}

/// The handshake message in these records.
fn message(bytes: &[u8]) -> Vec<u8> {
    let records = Records::new(bytes, LengthLimit(u16::MAX));
    let handshake = records.filter(|record| record.header.content_type == ContentType::HANDSHAKE);
    handshake
        .flat_map(|record| record.payload)
        .copied()
        .collect()
}

/// RFC 7507 section 3, read word for word: the suite is there, and "the highest protocol version
/// supported by the server is higher than the version indicated" by the client.
fn falls_back(message: &[u8], server: &Server) -> bool {
    let hello = ClientHello::parse(message).unwrap();
    let indicated = match hello.supported_versions() {
        Some(mut versions) => versions.any(|version| version == ProtocolVersion::TLS_1_3),
        None => hello.legacy_version() >= ProtocolVersion::TLS_1_3,
    };
    let highest = server.config.versions().last().copied();
    hello.cipher_suites().contains(CipherSuite(0x5600))
        && highest == Some(ProtocolVersion::TLS_1_3)
        && !indicated
}

/// Whether the answer begins with a HelloRetryRequest, by its `random` (RFC 8446 section 4.1.3).
fn is_retry_request(answer: &[u8]) -> bool {
    const RANDOM_AT: usize = Header::LEN + 4 + 2;
    const RANDOM: [u8; 8] = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];
    answer
        .get(RANDOM_AT..)
        .is_some_and(|random| random.starts_with(&RANDOM))
}

/// Whether the client sends this alert as a warning, other than `user_canceled`, which ends nothing.
fn has_warning(bytes: &[u8], alert: Alert) -> bool {
    let warning = [AlertLevel::WARNING.0, alert.description.0];
    alert.description != AlertDescription::USER_CANCELED
        && Records::new(bytes, LengthLimit(u16::MAX)).any(|record| record.payload == warning)
}

fn has_overlong_record(bytes: &[u8]) -> bool {
    let mut lengths = Records::new(bytes, LengthLimit(u16::MAX)).map(|record| record.header.length);
    lengths.any(|length| length > LengthLimit::PLAINTEXT.0)
}

/// What is refused, by an alert or silently, though rustls 0.23.46 answers it.
fn refused_by_a_row() -> Vec<(&'static str, Vec<u8>, Option<u8>)> {
    let hello = HelloBuilder::default();
    let ssl3 = HelloBuilder {
        legacy_version: 0x0300,
        ..hello.clone()
    };
    let mut fallback = HelloBuilder::tls12();
    fallback.suites.push(0x5600);
    let retry = hello.clone().key_shares(&[]).alpn(&["spdy/1"]);
    let long = hello.clone().extension(ExtensionType(21), &[0; 17_000]);
    let behind = |alert: Vec<u8>| [alert, hello.record()].concat();
    vec![
        ("both versions", fallback.record(), Some(86)),
        ("both versions", ssl3.record(), Some(70)),
        ("both versions, ALPN", retry.record(), Some(120)),
        ("both versions", long.record(), Some(22)),
        ("both versions", behind(wire::alert(1, 0)), None),
        ("both versions", behind(wire::alert(1, 40)), None),
        ("both versions", behind(wire::alert(1, 200)), None),
    ]
}

#[test]
fn rustls_answers_whom_a_row_refuses() {
    for (name, bytes, alert) in refused_by_a_row() {
        let server = named(name);
        let theirs = rustls(server, &bytes);
        assert!(
            matches!(theirs, Rustls::Answers(_)),
            "rustls now {theirs:?}: the exception for {alert:?} may go"
        );
        match ours(server, &bytes) {
            Ours::Refuses(error) => assert_eq!(error.alert().map(|alert| alert.0), alert),
            other => panic!("{alert:?}: {other:?}"),
        }
    }
}

#[test]
fn rustls_refuses_whom_a_row_lets_go_on() {
    let mut odd_version = HelloBuilder::default().record();
    odd_version[1] = 2;
    let canceled = |level| [wire::alert(level, 90), HelloBuilder::default().record()].concat();
    for bytes in [odd_version, canceled(2), canceled(0)] {
        let server = named("both versions");
        match rustls(server, &bytes) {
            Rustls::Refuses(error) => assert!(not_refused(&error, &bytes, server), "{error:?}"),
            theirs => panic!("rustls now {theirs:?}: the exception may go"),
        }
        assert!(matches!(ours(server, &bytes), Ours::Answers));
    }
}
