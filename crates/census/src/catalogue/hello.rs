//! Clients whose `ClientHello` is whole and malformed, or contradicts itself.

use lastword_record::{ContentType, HandshakeType, ProtocolVersion};

use super::raw::{Action, RawClient};
use super::{Allowed, Case, DECODE_ERROR, ILLEGAL_PARAMETER, Required, because};
use crate::wire::{self, ExtensionType, HelloBuilder, prefixed_u8, prefixed_u16};

pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "this alert shows that a hello was damaged on its way",
            undecodable(),
        ),
        because(
            "this alert helps the author of a TLS client to find a wrong field",
            undecodable_fields(),
        ),
        because(
            "a proxy and the server can understand a hello with a contradiction differently",
            illegal(),
        ),
        because(
            "a value that is not checked here fails later, and nobody finds the cause",
            illegal_fields(),
        ),
    ]
    .concat()
}

/// The message's own length does not fit.
fn undecodable() -> Vec<Case> {
    let case = |name, does, script| case(name, does, DECODE_ERROR, "RFC 8446 §6.2", script);
    vec![
        case("empty-hello", "sends a hello without content", || {
            send_body(&[])
        }),
        case(
            "trailing-bytes",
            "puts bytes after its hello's extensions",
            || {
                send(&HelloBuilder {
                    trailing: vec![0; 3],
                    ..HelloBuilder::default()
                })
            },
        ),
        case(
            "truncated-extensions",
            "ends its hello before its extensions end",
            || {
                let body = HelloBuilder::default().body();
                let (body, _) = body.split_at(body.len() - 5);
                send_body(body)
            },
        ),
    ]
}

/// The length of a field does not fit.
fn undecodable_fields() -> Vec<Case> {
    let case = |name, does, script| case(name, does, DECODE_ERROR, "RFC 8446 §6.2", script);
    vec![
        case(
            "truncated-list",
            "has a list that is longer than its extension",
            || {
                let groups = [0, 8, 0, 0x1d, 0, 0x17];
                send(&HelloBuilder::default().extension(ExtensionType::SUPPORTED_GROUPS, &groups))
            },
        ),
        case(
            "overlong-session-id",
            "has a session ID of 33 bytes",
            || {
                send(&HelloBuilder {
                    session_id: vec![0xa5; 33],
                    ..HelloBuilder::default()
                })
            },
        ),
        case(
            "empty-server-name-list",
            "sends a server_name extension without a name",
            || send(&HelloBuilder::default().server_names(&[])),
        ),
    ]
}

/// Every length fits and an extension stands where it must not.
fn illegal() -> Vec<Case> {
    let case =
        |name, does, reference, script| case(name, does, ILLEGAL_PARAMETER, reference, script);
    vec![
        case(
            "duplicate-extension",
            "sends signature_algorithms twice",
            "RFC 8446 §4.2",
            || {
                let again = prefixed_u16(&[4, 3]);
                send(&HelloBuilder::default().another(ExtensionType::SIGNATURE_ALGORITHMS, &again))
            },
        ),
        case(
            "psk-not-last",
            "puts key_share after pre_shared_key",
            "RFC 8446 §4.2.11",
            || {
                send(
                    &HelloBuilder::default()
                        .without(ExtensionType::KEY_SHARE)
                        .extension(ExtensionType::PSK_KEY_EXCHANGE_MODES, &prefixed_u8(&[1]))
                        .extension(ExtensionType::PRE_SHARED_KEY, &pre_shared_key())
                        .key_shares(&[(0x001d, &wire::BASE_POINT_X25519)]),
                )
            },
        ),
    ]
}

/// Every length fits and a field is wrong all the same.
fn illegal_fields() -> Vec<Case> {
    let case =
        |name, does, reference, script| case(name, does, ILLEGAL_PARAMETER, reference, script);
    vec![
        case(
            "compression",
            "offers compression in TLS 1.3",
            "RFC 8446 §4.1.2",
            || {
                send(&HelloBuilder {
                    compression: vec![1, 0],
                    ..HelloBuilder::default()
                })
            },
        ),
        case(
            "two-server-names",
            "asks for two server names at once",
            "RFC 6066 §3",
            || send(&HelloBuilder::default().server_names(&["localhost", "example.test"])),
        ),
        case(
            "short-key-share",
            "has an X25519 share of 31 bytes",
            "RFC 8446 §4.2.8",
            || send(&HelloBuilder::default().key_shares(&[(0x001d, &[9; 31])])),
        ),
        case(
            "share-not-offered",
            "has a share of X25519 and offers only P-256",
            "RFC 8446 §4.2.8",
            || send(&HelloBuilder::default().groups(&[0x0017])),
        )
        // RFC 8446 4.2.8: servers MAY check
        .allowing(Allowed::instead_of(ILLEGAL_PARAMETER).or_service()),
        case(
            "no-uncompressed-points",
            "knows only compressed points, in TLS 1.2",
            "RFC 8422 §5.1.2",
            || {
                let formats = prefixed_u8(&[1, 2]);
                send(&HelloBuilder::tls12().extension(ExtensionType::EC_POINT_FORMATS, &formats))
            },
        )
        .in_tls12(),
    ]
}

/// One identity, and a binder of the right length that binds nothing.
fn pre_shared_key() -> Vec<u8> {
    let identity = [&prefixed_u16(&[0x5a; 16])[..], &[0; 4]].concat();
    [
        prefixed_u16(&identity),
        prefixed_u16(&prefixed_u8(&[0xa5; 32])),
    ]
    .concat()
}

fn case(
    name: &'static str,
    does: &'static str,
    required: Required,
    reference: &'static str,
    script: fn() -> Vec<Action>,
) -> Case {
    Case::raw(name, does, required, reference, RawClient::new(script))
}

fn send(hello: &HelloBuilder) -> Vec<Action> {
    send_body(&hello.body())
}

fn send_body(body: &[u8]) -> Vec<Action> {
    let message = wire::handshake(HandshakeType::CLIENT_HELLO, body);
    vec![Action::Send(wire::record(
        ContentType::HANDSHAKE,
        ProtocolVersion::TLS_1_0,
        &message,
    ))]
}
