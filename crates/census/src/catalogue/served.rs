//! Clients that must be served, however oddly their bytes arrive.

use super::alter::Alter;
use super::tls::TlsClient;
use super::{CERTIFICATE_REQUIRED, Case, Required, ServerProfile, Versions, because};
use crate::pki::{ClientProfile, Identity};

pub(super) fn cases() -> Vec<Case> {
    [
        because("a client without a fault is served", plain()),
        because(
            "networks and libraries split records in any way, and the client must still be served",
            altered(),
        ),
        because(
            "a client that has what the server asks for is served",
            chosen(),
        ),
    ]
    .concat()
}

fn plain() -> Vec<Case> {
    vec![
        case(
            "tls13",
            "speaks TLS 1.3",
            "RFC 8446 §2",
            with(Alter::Nothing, Versions::Tls13),
        ),
        case(
            "tls12",
            "speaks TLS 1.2",
            "RFC 5246 §7.3",
            with(Alter::Nothing, Versions::Tls12),
        ),
    ]
}

/// The bytes arrive otherwise than rustls wrote them, and mean the same.
fn altered() -> Vec<Case> {
    let case = |name, does, alters| {
        let client = with(alters, Versions::Both);
        case(name, does, "RFC 8446 §5.1", client)
    };
    vec![
        case("bytewise", "writes one byte at a time", Alter::Bytewise),
        case(
            "five-records",
            "has its hello in five records",
            Alter::FiveRecords,
        ),
        case(
            "header-version-0305",
            "has version 3.5 in its first record header",
            Alter::HeaderVersion(0x0305),
        ),
        case(
            "header-version-0505",
            "has version 5.5 in its first record header",
            Alter::HeaderVersion(0x0505),
        ),
    ]
}

/// The handshake has something to agree on.
fn chosen() -> Vec<Case> {
    let certificate = |versions| TlsClient {
        profile: ClientProfile {
            versions,
            identity: Identity::Known,
            ..ClientProfile::DEFAULT
        },
        ..TlsClient::DEFAULT
    };
    vec![
        alpn(),
        case(
            "certificate",
            "shows a certificate where one is required, in TLS 1.3",
            "RFC 8446 §4.4.2",
            certificate(Versions::Tls13),
        )
        .on(CERTIFICATE_REQUIRED),
        case(
            "certificate-tls12",
            "shows a certificate where one is required, in TLS 1.2",
            "RFC 5246 §7.4.6",
            certificate(Versions::Tls12),
        )
        .on(CERTIFICATE_REQUIRED),
    ]
}

fn alpn() -> Case {
    let profile = ClientProfile {
        alpn: &["h2", "http/1.1"],
        ..ClientProfile::DEFAULT
    };
    case(
        "alpn-h2",
        "offers h2 and HTTP/1.1 to a server that knows h2",
        "RFC 7301 §3.2",
        TlsClient {
            profile,
            ..TlsClient::DEFAULT
        },
    )
    .on(ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    })
}

const fn case(
    name: &'static str,
    does: &'static str,
    reference: &'static str,
    client: TlsClient,
) -> Case {
    Case::tls(name, does, Required::Served, reference, client)
}

const fn with(alters: Alter, versions: Versions) -> TlsClient {
    TlsClient {
        profile: ClientProfile {
            versions,
            ..ClientProfile::DEFAULT
        },
        alters,
        ..TlsClient::DEFAULT
    }
}
