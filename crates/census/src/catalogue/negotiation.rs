//! Clients whose `ClientHello` is well formed and has nothing in common with the server, or is
//! not welcome.

use lastword_alert::AlertDescription;

use super::raw::{Action, RawClient};
use super::tls::TlsClient;
use super::{
    Allowed, Case, HANDSHAKE_FAILURE, LOCALHOST_ONLY, MISSING_EXTENSION, PROTOCOL_VERSION,
    Required, ServerProfile, UNRECOGNIZED_NAME, Versions, because, told,
};
use crate::pki::ClientProfile;
use crate::wire::{ExtensionType, HelloBuilder, prefixed_u8};

pub(super) fn cases() -> Vec<Case> {
    [
        because("only this alert lets an outdated client say that its user must update", versions()),
        because("the client's operator learns that the cipher suites differ, and does not suspect the network", suites()),
        because("the client's operator learns that groups or signatures differ, and does not suspect the network", algorithms()),
        because("the client's author learns that an extension is missing, and does not suspect the cipher suites", missing()),
        because("a client of another protocol learns its mistake before it sends data to the wrong service", protocols()),
        because("a client that is connected to the wrong server learns that, and does not suspect the network", names()),
    ]
    .concat()
}

fn versions() -> Vec<Case> {
    vec![
        tls12_only(),
        Case::raw(
            "tls10-only",
            "speaks TLS 1.0, which has no signature_algorithms",
            PROTOCOL_VERSION,
            "RFC 8996 §4",
            RawClient::new(|| send(&tls10())),
        ),
        Case::raw(
            "ssl3-only",
            "speaks SSL 3.0",
            PROTOCOL_VERSION,
            "RFC 5246 App. E.1",
            RawClient::new(|| {
                send(&HelloBuilder {
                    legacy_version: 0x0300,
                    suites: vec![0x002f, 0x0035],
                    extensions: None,
                    ..HelloBuilder::default()
                })
            }),
        ),
        Case::raw(
            "fallback",
            "falls back to TLS 1.2 although the server speaks TLS 1.3",
            told(&[AlertDescription::INAPPROPRIATE_FALLBACK]),
            "RFC 7507 §3",
            RawClient::new(|| {
                let mut hello = HelloBuilder::tls12();
                hello.suites.push(0x5600);
                send(&hello)
            }),
        )
        .in_tls12(),
    ]
}

fn tls12_only() -> Case {
    Case::tls(
        "tls12-only",
        "speaks TLS 1.2 to a server that speaks only TLS 1.3",
        PROTOCOL_VERSION,
        "RFC 8446 §4.2.1",
        TlsClient {
            profile: ClientProfile {
                versions: Versions::Tls12,
                ..ClientProfile::DEFAULT
            },
            ..TlsClient::DEFAULT
        },
    )
    .on(ServerProfile {
        versions: Versions::Tls13,
        ..ServerProfile::DEFAULT
    })
}

fn suites() -> Vec<Case> {
    let case = |name, does, script| {
        let client = RawClient::new(script);
        Case::raw(name, does, HANDSHAKE_FAILURE, "RFC 8446 §4.1.1", client)
    };
    vec![
        case(
            "no-common-suite",
            "offers only suites that the server does not have, in TLS 1.3",
            || {
                send(&HelloBuilder {
                    suites: vec![0x1304, 0x1305],
                    ..HelloBuilder::default()
                })
            },
        ),
        case(
            "no-common-suite-tls12",
            "offers only suites that the server does not have, in TLS 1.2",
            || {
                send(&HelloBuilder {
                    suites: vec![0x002f, 0x0035],
                    ..HelloBuilder::tls12()
                })
            },
        )
        .in_tls12(),
    ]
}

fn algorithms() -> Vec<Case> {
    let case = |name, does, script| {
        let client = RawClient::new(script);
        Case::raw(name, does, HANDSHAKE_FAILURE, "RFC 8446 §4.1.1", client)
    };
    vec![
        case(
            "no-common-group",
            "offers only a group that the server does not have",
            || {
                send(
                    &HelloBuilder::default()
                        .groups(&[0x001e])
                        .key_shares(&[(0x001e, &[5; 56])]),
                )
            },
        )
        // the group, or the certificate's curve, may be one of the server's
        .allowing(Allowed::instead_of(HANDSHAKE_FAILURE).or_service()),
        case(
            "no-common-signature-scheme",
            "knows only RSA signatures, and the server has only an ECDSA key, in TLS 1.2",
            || send(&HelloBuilder::tls12().signature_algorithms(&[0x0401, 0x0804])),
        )
        .in_tls12(),
        case(
            "no-common-curve-to-sign-with",
            "knows ECDSA only on P-384, and the server's key is on P-256, in TLS 1.2",
            || send(&HelloBuilder::tls12().signature_algorithms(&[0x0503])),
        )
        .in_tls12()
        // the group, or the certificate's curve, may be one of the server's
        .allowing(Allowed::instead_of(HANDSHAKE_FAILURE).or_service()),
    ]
}

fn missing() -> Vec<Case> {
    let case = |name, does, script| {
        let client = RawClient::new(script);
        Case::raw(name, does, MISSING_EXTENSION, "RFC 8446 §9.2", client)
    };
    vec![
        case(
            "no-signature-algorithms",
            "leaves signature_algorithms out, in TLS 1.3",
            || send(&HelloBuilder::default().without(ExtensionType::SIGNATURE_ALGORITHMS)),
        ),
        case(
            "no-supported-groups",
            "leaves supported_groups out, in TLS 1.3",
            || send(&HelloBuilder::default().without(ExtensionType::SUPPORTED_GROUPS)),
        ),
        case("no-key-share", "leaves key_share out, in TLS 1.3", || {
            send(&HelloBuilder::default().without(ExtensionType::KEY_SHARE))
        }),
    ]
}

const NO_APPLICATION_PROTOCOL: Required = told(&[AlertDescription::NO_APPLICATION_PROTOCOL]);

/// A server that speaks HTTP.
const HTTP: ServerProfile = ServerProfile {
    alpn: &["h2", "http/1.1"],
    ..ServerProfile::DEFAULT
};

fn protocols() -> Vec<Case> {
    let case = |name, does, versions| {
        let client = TlsClient {
            profile: ClientProfile {
                versions,
                alpn: &["spdy/1"],
                ..ClientProfile::DEFAULT
            },
            ..TlsClient::DEFAULT
        };
        Case::tls(name, does, NO_APPLICATION_PROTOCOL, "RFC 7301 §3.2", client).on(HTTP)
    };
    vec![
        case(
            "no-common-protocol",
            "offers only an application protocol that the server does not have, in TLS 1.3",
            Versions::Tls13,
        ),
        case(
            "no-common-protocol-tls12",
            "offers only an application protocol that the server does not have, in TLS 1.2",
            Versions::Tls12,
        ),
        // the refusal must come before any key exchange, for a client that cannot decrypt
        Case::raw(
            "no-common-protocol-in-the-clear",
            "offers only a protocol that the server does not have, and reads only plaintext",
            NO_APPLICATION_PROTOCOL,
            "RFC 7301 §3.2",
            RawClient::new(|| send(&HelloBuilder::default().alpn(&["spdy/1"]))),
        )
        .on(HTTP),
    ]
}

fn names() -> Vec<Case> {
    vec![
        Case::tls(
            "unknown-name",
            "asks for a server name that the server does not serve",
            UNRECOGNIZED_NAME,
            "RFC 6066 §3",
            TlsClient {
                name: Some("elsewhere.example.test"),
                ..TlsClient::DEFAULT
            },
        )
        // RFC 6066 3: unrecognized_name, or go on
        .allowing(Allowed::NOTHING.or_service())
        .on(LOCALHOST_ONLY),
        Case::tls(
            "no-name",
            "sends no server name",
            MISSING_EXTENSION,
            "RFC 8446 §9.2",
            TlsClient {
                profile: ClientProfile {
                    nameless: true,
                    ..ClientProfile::DEFAULT
                },
                ..TlsClient::DEFAULT
            },
        )
        // RFC 8446 9.2: servers MAY require a name
        .allowing(Allowed::NOTHING.or_service())
        .on(LOCALHOST_ONLY),
        Case::tls(
            "refused",
            "is refused by the application",
            told(&[AlertDescription::ACCESS_DENIED]),
            "RFC 8446 §6.2",
            TlsClient::DEFAULT,
        )
        .on(ServerProfile {
            refuses: Some(AlertDescription::ACCESS_DENIED),
            ..ServerProfile::DEFAULT
        }),
    ]
}

fn tls10() -> HelloBuilder {
    HelloBuilder {
        legacy_version: 0x0301,
        suites: vec![0xc013, 0xc014, 0x002f, 0x0035],
        extensions: Some(Vec::new()),
        ..HelloBuilder::default()
    }
    .server_name("localhost")
    .groups(&[0x0017, 0x0018])
    .extension(ExtensionType::EC_POINT_FORMATS, &prefixed_u8(&[0]))
}

fn send(hello: &HelloBuilder) -> Vec<Action> {
    vec![Action::Send(hello.record())]
}
