//! Clients whose certificate will not do, to a server that asks every client for one.

use lastword_alert::AlertDescription;

use super::tls::TlsClient;
use super::{CERTIFICATE_REQUIRED, Case, Required, Versions, told};
use crate::pki::{ClientProfile, Identity};

const UNKNOWN_CA: Required = told(&[AlertDescription::UNKNOWN_CA]);
const EXPIRED: Required = told(&[AlertDescription::CERTIFICATE_EXPIRED]);

/// In TLS 1.3 these clients believe that they are done and have their request on the way behind
/// their certificate when they are refused.
pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "no-certificate",
            "shows no certificate, in TLS 1.3",
            told(&[AlertDescription::CERTIFICATE_REQUIRED]),
            "RFC 8446 §4.4.2.4",
            client(Versions::Tls13, Identity::None),
        ),
        case(
            "certificate-of-unknown-ca",
            "shows a certificate by an authority unknown here, in TLS 1.3",
            UNKNOWN_CA,
            "RFC 8446 §6.2",
            client(Versions::Tls13, Identity::UnknownCa),
        ),
        case(
            "certificate-of-unknown-ca-tls12",
            "shows a certificate by an authority unknown here, in TLS 1.2",
            UNKNOWN_CA,
            "RFC 5246 §7.2.2",
            client(Versions::Tls12, Identity::UnknownCa),
        ),
        case(
            "expired-certificate",
            "shows a certificate that has expired, in TLS 1.3",
            EXPIRED,
            "RFC 8446 §6.2",
            client(Versions::Tls13, Identity::Expired),
        ),
        case(
            "expired-certificate-tls12",
            "shows a certificate that has expired, in TLS 1.2",
            EXPIRED,
            "RFC 5246 §7.2.2",
            client(Versions::Tls12, Identity::Expired),
        ),
    ]
}

const fn case(
    name: &'static str,
    does: &'static str,
    required: Required,
    reference: &'static str,
    client: TlsClient,
) -> Case {
    Case::tls(name, does, required, reference, client).on(CERTIFICATE_REQUIRED)
}

const fn client(versions: Versions, identity: Identity) -> TlsClient {
    TlsClient {
        profile: ClientProfile {
            versions,
            identity,
            ..ClientProfile::DEFAULT
        },
        ..TlsClient::DEFAULT
    }
}
