//! The words for an alert from the client.

use std::fmt::{self, Display, Formatter};

use lastword_alert::AlertDescription;

/// An alert from the client: what the client says of this server, in words.
pub(crate) struct PeerAlert(pub(crate) AlertDescription);

impl PeerAlert {
    /// What the alert says if a client sends it. The registry's text is for both sides.
    #[rustfmt::skip]
    pub(crate) const fn words(&self) -> Option<&'static str> {
        Some(match self.0 {
            AlertDescription::UNEXPECTED_MESSAGE              => "it did not expect a message of this server at this point",
            AlertDescription::BAD_RECORD_MAC                  => "it could not decrypt a record of this server",
            AlertDescription::DECRYPTION_FAILED               => "it could not decrypt a record of this server",
            AlertDescription::DECOMPRESSION_FAILURE           => "it could not decompress a record of this server",
            AlertDescription::EXPORT_RESTRICTION              => "it must not use the parameters that this server chose",
            AlertDescription::UNKNOWN_PSK_IDENTITY            => "it does not know the pre-shared key",
            AlertDescription::CERTIFICATE_REQUIRED            => "it requires a certificate of this server",
            AlertDescription::RECORD_OVERFLOW                 => "this server sent a longer record than it accepts",
            AlertDescription::HANDSHAKE_FAILURE               => "it accepts none of the parameters that this server chose or offers",
            AlertDescription::NO_CERTIFICATE                  => "it has no certificate to send",
            AlertDescription::BAD_CERTIFICATE                 => "it does not accept this server's certificate",
            AlertDescription::UNSUPPORTED_CERTIFICATE         => "it does not support the type of this server's certificate",
            AlertDescription::CERTIFICATE_REVOKED             => "it considers this server's certificate revoked",
            AlertDescription::CERTIFICATE_EXPIRED             => "it considers this server's certificate expired or not yet valid",
            AlertDescription::CERTIFICATE_UNKNOWN             => "it does not accept this server's certificate, for a reason it does not say",
            AlertDescription::ILLEGAL_PARAMETER               => "it found a field of this server's messages wrong",
            AlertDescription::UNKNOWN_CA                      => "it does not trust this server's certificate, whose issuer it does not know",
            AlertDescription::ACCESS_DENIED                   => "its access rules do not allow this connection",
            AlertDescription::DECODE_ERROR                    => "it could not parse a message of this server",
            AlertDescription::DECRYPT_ERROR                   => "it could not verify a signature or the Finished of this server",
            AlertDescription::PROTOCOL_VERSION                => "it does not accept the protocol version that this server chose",
            AlertDescription::INSUFFICIENT_SECURITY           => "it requires stronger cryptography than this server chose",
            AlertDescription::INTERNAL_ERROR                  => "it failed for a reason of its own",
            AlertDescription::INAPPROPRIATE_FALLBACK          => "it rejects a retry with a lower protocol version",
            AlertDescription::USER_CANCELED                   => "its user canceled the handshake",
            AlertDescription::NO_RENEGOTIATION                => "it does not renegotiate",
            AlertDescription::MISSING_EXTENSION               => "a required extension is missing in this server's messages",
            AlertDescription::UNSUPPORTED_EXTENSION           => "it found an extension in this server's messages that it did not ask for",
            AlertDescription::UNRECOGNIZED_NAME               => "it knows no server by this name",
            AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE => "it does not accept this server's OCSP response",
            AlertDescription::NO_APPLICATION_PROTOCOL         => "it does not accept the application protocol that this server chose",
            AlertDescription::ECH_REQUIRED                    => "it requires Encrypted Client Hello",
            _ => return None,
        })
    }
}

impl PeerAlert {
    /// The alert by its name and number.
    pub(crate) fn without_words(&self) -> impl Display {
        let Self(alert) = self;
        match alert.name() {
            Some(name) => format!("client sent the alert {name} ({})", alert.0),
            None => format!("client sent the {alert}"),
        }
    }

    /// The same for an alert that did not end the connection.
    pub(crate) fn as_warning(&self) -> impl Display {
        let Self(alert) = self;
        match self.words() {
            Some(words) => format!("the alert {alert} ({}): {words}", alert.0),
            None => format!("the {alert}"),
        }
    }
}

impl Display for PeerAlert {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(alert) = self;
        match (self.words(), alert.text()) {
            (Some(words), _) => write!(f, "client sent the alert {alert} ({}): {words}", alert.0),
            (None, Some(text)) => write!(f, "client sent the alert {alert} ({}): {text}", alert.0),
            (None, None) => write!(f, "client sent the {alert}"),
        }
    }
}
