//! Clients whose certificate will not do, to a server that asks every client for one.

use std::io;

use lastword_alert::AlertDescription;
use lastword_record::HandshakeType;

use super::keyed::{Flight, KeyedClient};
use super::tls::TlsClient;
use super::{
    CERTIFICATE_REQUIRED, CLOSED, Case, HANDSHAKE_FAILURE, Required, ServerProfile, Versions,
    because, told,
};
use crate::pki::{ClientProfile, Identity};
use crate::wire::{self, prefixed_u8, prefixed_u16, prefixed_u24};

const BAD_CERTIFICATE: Required = told(&[AlertDescription::BAD_CERTIFICATE]);
const UNSUPPORTED_CERTIFICATE: Required = told(&[AlertDescription::UNSUPPORTED_CERTIFICATE]);
const UNSUPPORTED_EXTENSION: Required = told(&[AlertDescription::UNSUPPORTED_EXTENSION]);
const UNKNOWN_CA: Required = told(&[AlertDescription::UNKNOWN_CA]);
const EXPIRED: Required = told(&[AlertDescription::CERTIFICATE_EXPIRED]);

/// In TLS 1.3 these clients believe that they are done and have their request on the way behind
/// their certificate when they are refused.
pub(super) fn cases() -> Vec<Case> {
    [
        because(
            "the user must learn that a certificate is needed, to choose one",
            absent(),
        ),
        because(
            "the user must learn what is wrong with the certificate, to replace it",
            shown(),
        ),
        because(
            "the author of the client learns that the certificate message is wrong",
            garbage(),
        ),
        because(
            "the user must learn that the certificate is for another use, to replace it",
            of_a_server(),
        ),
        because(
            "the user must learn that the certificate is refused, and not that the network failed",
            refused(),
        ),
    ]
    .concat()
}

/// There is none.
fn absent() -> Vec<Case> {
    vec![
        case(
            "no-certificate",
            "shows no certificate, in TLS 1.3",
            told(&[AlertDescription::CERTIFICATE_REQUIRED]),
            "RFC 8446 §4.4.2.4",
            client(Versions::Tls13, Identity::None),
        ),
        case(
            "no-certificate-tls12",
            "shows no certificate, in TLS 1.2",
            HANDSHAKE_FAILURE,
            "RFC 5246 §7.4.6",
            client(Versions::Tls12, Identity::None),
        ),
    ]
}

/// As rustls shows it.
fn shown() -> Vec<Case> {
    vec![
        case(
            "certificate-of-unknown-ca",
            "shows a certificate of an authority that the server does not know, in TLS 1.3",
            UNKNOWN_CA,
            "RFC 8446 §6.2",
            client(Versions::Tls13, Identity::UnknownCa),
        ),
        case(
            "certificate-of-unknown-ca-tls12",
            "shows a certificate of an authority that the server does not know, in TLS 1.2",
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

/// As rustls would not show it.
fn garbage() -> Vec<Case> {
    vec![
        forged(
            "garbage-certificate",
            "sends bytes that are not a certificate, in TLS 1.3",
            BAD_CERTIFICATE,
            "RFC 8446 §6.2",
            KeyedClient::tls13(|flight| show(flight, &tls13(GARBAGE, &[]))),
        ),
        forged(
            "garbage-certificate-tls12",
            "sends bytes that are not a certificate, in TLS 1.2",
            BAD_CERTIFICATE,
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(|flight| show(flight, &tls12(GARBAGE))),
        ),
        forged(
            "certificate-with-unasked-status",
            "sends an OCSP response with its certificate, unrequested, in TLS 1.3",
            UNSUPPORTED_EXTENSION,
            "RFC 8446 §4.2",
            KeyedClient::tls13(|flight| show(flight, &tls13(GARBAGE, STAPLED))),
        )
        .unmet(CLOSED, "rustls queues no alert for such an extension"),
    ]
}

/// The server's own, as one that is not for clients.
fn of_a_server() -> Vec<Case> {
    vec![
        forged(
            "certificate-of-a-server",
            "shows a certificate that is for servers only, in TLS 1.3",
            UNSUPPORTED_CERTIFICATE,
            "RFC 8446 §6.2",
            KeyedClient::tls13(|flight| {
                let certificate = tls13(flight.server_certificate(), &[]);
                show(flight, &certificate)
            }),
        ),
        forged(
            "certificate-of-a-server-tls12",
            "shows a certificate that is for servers only, in TLS 1.2",
            UNSUPPORTED_CERTIFICATE,
            "RFC 5246 §7.2.2",
            KeyedClient::tls12(|flight| {
                let certificate = tls12(flight.server_certificate());
                show(flight, &certificate)
            }),
        ),
    ]
}

/// It verifies, and the application refuses it.
fn refused() -> Vec<Case> {
    let revoked = ServerProfile {
        verdict: Some(AlertDescription::CERTIFICATE_REVOKED),
        ..CERTIFICATE_REQUIRED
    };
    let case = |name, does, reference, versions| {
        let required = told(&[AlertDescription::CERTIFICATE_REVOKED]);
        case(
            name,
            does,
            required,
            reference,
            client(versions, Identity::Known),
        )
        .on(revoked)
        .unmet(CLOSED, "rustls encrypts no alert of the application")
    };
    vec![
        case(
            "refused-certificate",
            "shows a good certificate that the application refuses, in TLS 1.3",
            "RFC 8446 §6.2",
            Versions::Tls13,
        ),
        case(
            "refused-certificate-tls12",
            "shows a good certificate that the application refuses, in TLS 1.2",
            "RFC 5246 §7.2.2",
            Versions::Tls12,
        ),
    ]
}

/// The server refuses it before it sees who signed what.
fn forged(
    name: &'static str,
    does: &'static str,
    required: Required,
    reference: &'static str,
    client: KeyedClient,
) -> Case {
    Case::keyed(name, does, required, reference, client.certified()).on(CERTIFICATE_REQUIRED)
}

const GARBAGE: &[u8] = &[0x5a; 64];

/// `status_request` with an OCSP response of one byte, RFC 8446 section 4.4.2.1.
const STAPLED: &[u8] = &[0, 5, 0, 5, 1, 0, 0, 1, 0x5a];

/// The last flight with another `Certificate`.
fn show(flight: &mut Flight, body: &[u8]) -> io::Result<()> {
    let message = wire::handshake(HandshakeType::CERTIFICATE, body);
    flight.replace(HandshakeType::CERTIFICATE, &message)?;
    flight.whole()
}

/// The body of a `Certificate` in TLS 1.3, RFC 8446 section 4.4.2: no context, one entry.
fn tls13(certificate: &[u8], extensions: &[u8]) -> Vec<u8> {
    let entry = [prefixed_u24(certificate), prefixed_u16(extensions)].concat();
    [prefixed_u8(&[]), prefixed_u24(&entry)].concat()
}

/// The body of a `Certificate` in TLS 1.2, RFC 5246 section 7.4.2.
fn tls12(certificate: &[u8]) -> Vec<u8> {
    prefixed_u24(&prefixed_u24(certificate))
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
