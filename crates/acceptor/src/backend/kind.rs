//! Translates an error of rustls into an `ErrorKind`. Only this file does so.

use lastword_alert::{Alert, AlertDescription};
use rustls::{Error, InvalidMessage, PeerIncompatible};

use super::error::{NO_CERTIFICATE, NO_SCHEME, RustlsError};
use crate::error::ErrorKind;

impl RustlsError {
    /// Returns whether the error is an alert from the client.
    pub(crate) fn is_alert(&self) -> bool {
        matches!(self.as_rustls(), Error::AlertReceived(_))
    }

    /// Returns the kind of error.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self.as_rustls() {
            Error::AlertReceived(alert) => {
                ErrorKind::of_peer_alert(Alert::new(AlertDescription((*alert).into())))
            }
            Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
                ErrorKind::UnexpectedMessage
            }
            Error::InvalidMessage(
                InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::MessageTooLarge,
            )
            | Error::PeerSentOversizedRecord => ErrorKind::TooLong,
            Error::InvalidMessage(_) => ErrorKind::Malformed,
            Error::NoCertificatesPresented => ErrorKind::NoClientCertificate,
            Error::InvalidCertificate(_) => ErrorKind::BadClientCertificate,
            Error::General(reason) if reason == NO_CERTIFICATE => ErrorKind::NoCertificate,
            Error::General(reason) if reason == NO_SCHEME => ErrorKind::NoSignatureSchemeInCommon,
            Error::DecryptError => ErrorKind::Decrypt,
            Error::PeerMisbehaved(_) => ErrorKind::Misbehaved,
            Error::NoApplicationProtocol => ErrorKind::NoApplicationProtocol,
            Error::PeerIncompatible(error) => incompatible(error),
            _ => ErrorKind::Internal,
        }
    }
}

fn incompatible(error: &PeerIncompatible) -> ErrorKind {
    match error {
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired => ErrorKind::NoVersionInCommon,
        PeerIncompatible::NoCipherSuitesInCommon => ErrorKind::NoCipherSuiteForCertificate,
        PeerIncompatible::NoKxGroupsInCommon => ErrorKind::NoGroupInCommon,
        PeerIncompatible::NoSignatureSchemesInCommon => ErrorKind::NoSignatureSchemeInCommon,
        _ => ErrorKind::Incompatible,
    }
}

#[cfg(test)]
mod tests {
    use rustls::{
        AlertDescription as Alert, CertificateError, ContentType, HandshakeType, PeerMisbehaved,
    };

    use super::*;
    use crate::Reason;

    /// An error of rustls's, which kind of error it is, and the reason for that.
    type Row = (Error, &'static str, Reason);

    fn assert_kinds(rows: Vec<Row>) {
        for (error, kind, reason) in rows {
            let error = RustlsError::from(error);
            let is_alert = matches!(reason, Reason::PeerAlert | Reason::Closed);
            assert_eq!(error.is_alert(), is_alert, "{error}");
            let found = error.kind();
            assert_eq!(format!("{found:?}"), kind, "{error}");
            assert_eq!(Reason::of(&found), reason, "{error}");
        }
    }

    #[test]
    fn every_error_in_a_message_or_record_has_a_kind_and_a_reason() {
        let message = Error::InappropriateMessage {
            expect_types: vec![ContentType::Handshake],
            got_type: ContentType::Alert,
        };
        let handshake_message = Error::InappropriateHandshakeMessage {
            expect_types: vec![HandshakeType::Finished],
            got_type: HandshakeType::Certificate,
        };
        assert_kinds(vec![
            (message, "UnexpectedMessage", Reason::UnexpectedMessage),
            (
                handshake_message,
                "UnexpectedMessage",
                Reason::UnexpectedMessage,
            ),
            (
                InvalidMessage::HandshakePayloadTooLarge.into(),
                "TooLong",
                Reason::TooLong,
            ),
            (
                InvalidMessage::MessageTooLarge.into(),
                "TooLong",
                Reason::TooLong,
            ),
            (
                InvalidMessage::MessageTooShort.into(),
                "Malformed",
                Reason::Malformed,
            ),
            (Error::PeerSentOversizedRecord, "TooLong", Reason::TooLong),
            (Error::DecryptError, "Decrypt", Reason::Decrypt),
            (
                PeerMisbehaved::SelectedUnofferedKxGroup.into(),
                "Misbehaved",
                Reason::Misbehaved,
            ),
        ]);
    }

    #[test]
    fn an_alert_of_the_client_has_a_kind_and_a_reason() {
        let unknown_ca = "PeerAlert(Alert { level: fatal(2), description: unknown_ca(48) })";
        assert_kinds(vec![
            (
                Error::AlertReceived(Alert::UnknownCA),
                unknown_ca,
                Reason::PeerAlert,
            ),
            (
                Error::AlertReceived(Alert::CloseNotify),
                "Closed(CloseNotify)",
                Reason::Closed,
            ),
        ]);
    }

    #[test]
    fn every_error_with_a_certificate_has_a_kind_and_a_reason() {
        let general = |reason: &str| Error::General(reason.to_owned());
        assert_kinds(vec![
            (
                Error::NoCertificatesPresented,
                "NoClientCertificate",
                Reason::ClientCertificate,
            ),
            (
                CertificateError::Expired.into(),
                "BadClientCertificate",
                Reason::ClientCertificate,
            ),
            (general(NO_CERTIFICATE), "NoCertificate", Reason::Name),
            (
                general(NO_SCHEME),
                "NoSignatureSchemeInCommon",
                Reason::SignatureScheme,
            ),
            (general("no such reason"), "Internal", Reason::Internal),
            (Error::FailedToGetRandomBytes, "Internal", Reason::Internal),
        ]);
    }

    #[test]
    fn nothing_in_common_has_a_kind_and_a_reason() {
        use PeerIncompatible as P;
        assert_kinds(vec![
            (
                Error::NoApplicationProtocol,
                "NoApplicationProtocol",
                Reason::ApplicationProtocol,
            ),
            (
                P::Tls12NotOffered.into(),
                "NoVersionInCommon",
                Reason::Version,
            ),
            (
                P::Tls12NotOfferedOrEnabled.into(),
                "NoVersionInCommon",
                Reason::Version,
            ),
            (
                P::SupportedVersionsExtensionRequired.into(),
                "NoVersionInCommon",
                Reason::Version,
            ),
            (
                P::NoCipherSuitesInCommon.into(),
                "NoCipherSuiteForCertificate",
                Reason::CipherSuite,
            ),
            (
                P::NoKxGroupsInCommon.into(),
                "NoGroupInCommon",
                Reason::Group,
            ),
            (
                P::NoSignatureSchemesInCommon.into(),
                "NoSignatureSchemeInCommon",
                Reason::SignatureScheme,
            ),
            (
                P::NullCompressionRequired.into(),
                "Incompatible",
                Reason::Incompatible,
            ),
        ]);
    }
}
