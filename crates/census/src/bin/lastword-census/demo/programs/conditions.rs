//! The conditions that are tried with other programs.

use lastword::AlertDescription;
use lastword_census::catalogue::{ClientAuth, Names, ServerProfile, Versions};

/// A condition, and what a program must do to bring it about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) name: &'static str,
    /// What the client does, in words.
    pub(crate) does: &'static str,
    /// What it must be told.
    pub(crate) required: AlertDescription,
    /// Where that is written.
    pub(crate) reference: &'static str,
    /// How the server is set up.
    pub(crate) server: ServerProfile,
    /// Whether the client speaks TLS 1.2 alone.
    pub(super) tls12_only: bool,
    /// Whether the only application protocol that it offers is HTTP/1.1; it offers none otherwise.
    pub(super) http1_only: bool,
    /// Whether it speaks HTTP without TLS.
    pub(super) in_plaintext: bool,
    /// The server name that it asks for.
    pub(super) host: &'static str,
}

/// Nothing out of the ordinary.
const ORDINARY: Condition = Condition {
    name: "",
    does: "",
    required: AlertDescription::CLOSE_NOTIFY,
    reference: "",
    server: ServerProfile::DEFAULT,
    tls12_only: false,
    http1_only: false,
    in_plaintext: false,
    host: "localhost",
};

/// Every condition that is tried. The profiles are of servers that the catalogue has too.
pub(crate) const CONDITIONS: [Condition; 5] = [
    Condition {
        name: "version-mismatch",
        does: "speaks TLS 1.2 to a server that speaks only TLS 1.3",
        required: AlertDescription::PROTOCOL_VERSION,
        reference: "RFC 8446 §4.2.1",
        server: ServerProfile {
            versions: Versions::Tls13,
            ..ServerProfile::DEFAULT
        },
        tls12_only: true,
        ..ORDINARY
    },
    Condition {
        name: "alpn-mismatch",
        does: "offers HTTP/1.1 to a server that speaks only h2",
        required: AlertDescription::NO_APPLICATION_PROTOCOL,
        reference: "RFC 7301 §3.2",
        server: ServerProfile {
            alpn: &["h2"],
            ..ServerProfile::DEFAULT
        },
        http1_only: true,
        ..ORDINARY
    },
    Condition {
        name: "unknown-name",
        does: "asks for a server name that the server does not serve",
        required: AlertDescription::UNRECOGNIZED_NAME,
        reference: "RFC 6066 §3",
        server: ServerProfile {
            names: Names::Only(&["localhost"]),
            ..ServerProfile::DEFAULT
        },
        host: "elsewhere.example.test",
        ..ORDINARY
    },
    Condition {
        name: "no-certificate",
        does: "shows no certificate, in TLS 1.3",
        required: AlertDescription::CERTIFICATE_REQUIRED,
        reference: "RFC 8446 §4.4.2.4",
        server: ServerProfile {
            client_auth: ClientAuth::Required,
            ..ServerProfile::DEFAULT
        },
        ..ORDINARY
    },
    Condition {
        name: "plain-http",
        does: "sends an HTTP request in plaintext",
        required: AlertDescription::UNEXPECTED_MESSAGE,
        reference: "RFC 8446 §5",
        in_plaintext: true,
        ..ORDINARY
    },
];
