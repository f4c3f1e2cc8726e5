//! Clients that fail, or leave, once the server has answered their `ClientHello`.

use std::io;

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, HandshakeType, ProtocolVersion};

use super::alter::Alter;
use super::keyed::{Flight, KeyedClient};
use super::raw::{Action, RawClient};
use super::tls::TlsClient;
use super::{
    Allowed, CLOSED, Case, ILLEGAL_PARAMETER, IMPATIENT, Required, ServerProfile,
    UNEXPECTED_MESSAGE, Versions, because, told,
};
use crate::pki::ClientProfile;
use crate::wire::{self, BASE_POINT_P256, BASE_POINT_X25519, HelloBuilder};

pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "a second hello that differs can avoid the checks of the first",
            retries(),
        ),
        because(
            "the record may have been changed by an attacker, and both sides must notice it",
            records(),
        ),
        because(
            "the fault is on the server, and nobody should look for it on the client",
            signatures(),
        ),
        because(
            "the client has left, and the server must free the connection",
            departures(),
        ),
        because(
            "the client has given up, and an answer to an alert can start a loop of alerts",
            farewells(),
        ),
        because(
            "the client has left, and the server must free the connection",
            cuts(),
        ),
    ]
    .concat()
}

/// The second `ClientHello` is not what the `HelloRetryRequest` asked for.
fn retries() -> Vec<Case> {
    let case = |name, does, script| {
        let client = RawClient::new(script);
        // RFC 8446 4.1.2 forbids it to the client, and does not ask the server to check
        Case::raw(name, does, ILLEGAL_PARAMETER, "RFC 8446 §4.1.2", client)
            .allowing(Allowed::UNCHECKED)
    };
    vec![
        case(
            "retry-with-another-suite",
            "is asked for another key share and changes its suites too",
            || {
                retry(&HelloBuilder {
                    suites: vec![0x1302],
                    ..HelloBuilder::default()
                })
            },
        ),
        case(
            "retry-without-share",
            "is asked for a key share and again sends none",
            || retry(&HelloBuilder::default().key_shares(&[])),
        )
        // a server cannot go on
        .allowing(Allowed::instead_of(ILLEGAL_PARAMETER)),
        case(
            "retry-with-another-name",
            "is asked for a key share and sends another server name with it",
            || retry(&HelloBuilder::default().server_name("example.test")),
        ),
        case(
            "retry-with-a-protocol",
            "is asked for a key share and adds ALPN",
            || retry(&HelloBuilder::default().alpn(&["http/1.1"])),
        ),
        case(
            "retry-with-another-random",
            "is asked for a key share and changes its random",
            || {
                retry(&HelloBuilder {
                    random: vec![0x5b; 32],
                    ..HelloBuilder::default()
                })
            },
        ),
        case(
            "retry-of-tls12",
            "is asked for a key share and offers TLS 1.2 alone",
            || retry(&HelloBuilder::default().supported_versions(&[0x0303])),
        ),
        case(
            "retry-with-two-shares",
            "is asked for a key share and sends two",
            || {
                let shares = [(0x001d, &BASE_POINT_X25519[..]), (0x0017, &BASE_POINT_P256)];
                retry(&HelloBuilder::default().key_shares(&shares))
            },
        ),
    ]
}

/// A record that has no place, or is not what it was when it was sent.
fn records() -> Vec<Case> {
    let altered = |name, does, reference, versions| {
        let told = told(&[AlertDescription::BAD_RECORD_MAC]);
        let client = TlsClient {
            alters: Alter::FirstSealedRecord,
            ..of(versions)
        };
        Case::tls(name, does, told, reference, client)
    };
    vec![
        Case::raw(
            "out-of-order",
            "sends Finished instead of its key exchange, in TLS 1.2",
            UNEXPECTED_MESSAGE,
            "RFC 5246 §7.4",
            RawClient::new(finished_too_soon),
        )
        .in_tls12(),
        altered(
            "altered-record",
            "has one bit of its Finished changed on the way, in TLS 1.3",
            "RFC 8446 §5.2",
            Versions::Tls13,
        ),
        altered(
            "altered-record-tls12",
            "has one bit of its Finished changed on the way, in TLS 1.2",
            "RFC 5246 §7.2.2",
            Versions::Tls12,
        ),
    ]
}

/// The server cannot sign what it says.
fn signatures() -> Vec<Case> {
    let broken = ServerProfile {
        signs: false,
        ..ServerProfile::DEFAULT
    };
    let case = |name, does, reference, versions| {
        let required = told(&[AlertDescription::INTERNAL_ERROR]);
        Case::tls(name, does, required, reference, of(versions)).on(broken)
    };
    vec![
        case(
            "broken-key",
            "meets a server whose key cannot sign, in TLS 1.3",
            "RFC 8446 §6.2",
            Versions::Tls13,
        )
        .unmet(CLOSED, "rustls queues no alert for an error of the key"),
        case(
            "broken-key-tls12",
            "meets a server whose key cannot sign, in TLS 1.2",
            "RFC 5246 §7.2.2",
            Versions::Tls12,
        ),
    ]
}

/// The client ends the handshake itself.
fn departures() -> Vec<Case> {
    let distrusts = |name, does, versions| {
        let mut client = of(versions);
        client.profile.distrusts = true;
        Case::tls(name, does, Required::Silent, "RFC 8446 §6.2", client)
    };
    let leaves = |name, does, script| {
        let client = RawClient::departing(script);
        Case::raw(name, does, Required::Silent, "RFC 8446 §6.1", client)
    };
    vec![
        distrusts(
            "distrusts-the-server",
            "refuses the server's certificate with an alert, in TLS 1.3",
            Versions::Tls13,
        ),
        distrusts(
            "distrusts-the-server-tls12",
            "refuses the server's certificate with an alert, in TLS 1.2",
            Versions::Tls12,
        ),
        leaves(
            "leaves-in-mid-handshake",
            "closes the connection after the ServerHello, in TLS 1.3",
            || then(&HelloBuilder::default(), Action::Finish),
        )
        // the client has closed: nothing forbids an alert
        .allowing(Allowed::ANY_ALERT),
        leaves(
            "leaves-in-mid-handshake-tls12",
            "closes the connection after the ServerHello, in TLS 1.2",
            || then(&HelloBuilder::tls12(), Action::Finish),
        )
        .in_tls12()
        .allowing(Allowed::ANY_ALERT),
        leaves(
            "close-notify-in-mid-handshake",
            "sends close_notify after the ServerHello, in TLS 1.2",
            || then(&HelloBuilder::tls12(), Action::Send(wire::alert(1, 0))),
        )
        .in_tls12(),
    ]
}

/// The client ends the handshake instead of its last flight, with its keys.
fn farewells() -> Vec<Case> {
    let alert = |flight: &mut Flight| {
        let alert = Alert::new(AlertDescription::INTERNAL_ERROR).to_bytes();
        flight.send(ContentType::ALERT, &alert)
    };
    vec![
        silent(
            "fatal-alert",
            "sends an encrypted internal_error, in TLS 1.3",
            "RFC 8446 §6.2",
            KeyedClient::tls13(alert).departing(),
        ),
        silent(
            "fatal-alert-tls12",
            "sends an internal_error, in TLS 1.2",
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(alert).departing(),
        ),
        silent(
            "sealed-close-notify",
            "sends an encrypted close_notify, in TLS 1.3",
            "RFC 8446 §6.1",
            KeyedClient::tls13(|flight| {
                let alert = Alert::new(AlertDescription::CLOSE_NOTIFY).to_bytes();
                flight.send(ContentType::ALERT, &alert)
            })
            .departing(),
        ),
        silent(
            "sealed-close-notify-tls12",
            "sends an encrypted close_notify instead of its Finished, in TLS 1.2",
            "RFC 5246 §7.2.1",
            KeyedClient::tls12(|flight| {
                flight.until(HandshakeType::FINISHED)?;
                let alert = Alert::new(AlertDescription::CLOSE_NOTIFY).to_bytes();
                flight.send(ContentType::ALERT, &alert)
            })
            .departing(),
        )
        .on(IMPATIENT),
        silent(
            "close-notify-and-finished-tls12",
            "sends an encrypted close_notify and then its Finished, in TLS 1.2",
            "RFC 5246 §7.2.1",
            KeyedClient::tls12(|flight| {
                let finished = flight.message(HandshakeType::FINISHED)?;
                flight.until(HandshakeType::FINISHED)?;
                let alert = Alert::new(AlertDescription::CLOSE_NOTIFY).to_bytes();
                flight.send(ContentType::ALERT, &alert)?;
                flight.send(ContentType::HANDSHAKE, &finished)
            })
            .departing(),
        )
        .on(IMPATIENT),
    ]
}

/// The client closes in the middle of a record.
fn cuts() -> Vec<Case> {
    vec![
        silent(
            "leaves-in-mid-record",
            "closes the connection in the middle of its Finished, in TLS 1.3",
            "RFC 8446 §6.1",
            KeyedClient::tls13(half_a_record).finishing(),
        )
        .allowing(Allowed::ANY_ALERT),
        silent(
            "leaves-in-mid-record-tls12",
            "closes the connection in the middle of its Finished, in TLS 1.2",
            "RFC 5246 §7.2.1",
            KeyedClient::tls12(half_a_record).finishing(),
        )
        .allowing(Allowed::ANY_ALERT),
    ]
}

fn silent(
    name: &'static str,
    does: &'static str,
    reference: &'static str,
    client: KeyedClient,
) -> Case {
    Case::keyed(name, does, Required::Silent, reference, client)
}

fn half_a_record(flight: &mut Flight) -> io::Result<()> {
    flight.whole()?;
    flight.cut(8);
    Ok(())
}

fn finished_too_soon() -> Vec<Action> {
    let finished = wire::record(
        ContentType::HANDSHAKE,
        ProtocolVersion::TLS_1_2,
        &wire::handshake(HandshakeType::FINISHED, &[0; 12]),
    );
    then(&HelloBuilder::tls12(), Action::Send(finished))
}

const fn of(versions: Versions) -> TlsClient {
    TlsClient {
        profile: ClientProfile {
            versions,
            ..ClientProfile::DEFAULT
        },
        ..TlsClient::DEFAULT
    }
}

/// A hello with no share at all, which draws a `HelloRetryRequest`, and `second` in answer to it.
fn retry(second: &HelloBuilder) -> Vec<Action> {
    let first = HelloBuilder::default().key_shares(&[]);
    then(&first, Action::Send(second.record()))
}

/// A hello, and once the server has answered it, something else.
fn then(hello: &HelloBuilder, action: Action) -> Vec<Action> {
    vec![
        Action::Send(hello.record()),
        Action::Await(ContentType::HANDSHAKE),
        action,
    ]
}
