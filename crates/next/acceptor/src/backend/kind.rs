//! Translates an error of rustls into an `ErrorKind`. Only this file does so.

use lastword_alert::{Alert, AlertDescription};
use rustls::error::{Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use super::error::RustlsError;
use crate::error::ErrorKind;

impl RustlsError {
    /// Returns whether the error is an alert from the client.
    pub(crate) fn is_alert(&self) -> bool {
        self.peer_alert().is_some()
    }

    /// Returns the alert from the client, if it is one.
    ///
    /// RFC 8446 6: the level of an alert can be ignored. rustls 0.24 calls a warning of TLS 1.3 illegal,
    /// also a `close_notify` before the Finished.
    pub(super) fn peer_alert(&self) -> Option<AlertDescription> {
        match self.as_rustls() {
            Error::AlertReceived(alert)
            | Error::PeerMisbehaved(PeerMisbehaved::IllegalWarningAlert(alert)) => {
                Some(AlertDescription((*alert).into()))
            }
            _ => None,
        }
    }

    /// Returns the kind of error.
    pub(crate) fn kind(&self) -> ErrorKind {
        if let Some(alert) = self.peer_alert() {
            return ErrorKind::of_peer_alert(Alert::new(alert));
        }
        match self.as_rustls() {
            Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
                ErrorKind::UnexpectedMessage
            }
            Error::InvalidMessage(
                InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::MessageTooLarge,
            )
            | Error::PeerSentOversizedRecord => ErrorKind::TooLong,
            Error::InvalidMessage(_) => ErrorKind::Malformed,
            Error::PeerMisbehaved(PeerMisbehaved::NoCertificatesPresented) => {
                ErrorKind::NoClientCertificate
            }
            Error::InvalidCertificate(_) => ErrorKind::BadClientCertificate,
            Error::NoSuitableCertificate => ErrorKind::NoCertificate,
            Error::DecryptError | Error::PeerMisbehaved(PeerMisbehaved::IncorrectFinished) => {
                ErrorKind::Decrypt
            }
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
        PeerIncompatible::NoServerNameProvided => ErrorKind::NoCertificate,
        PeerIncompatible::NoCipherSuitesInCommon => ErrorKind::NoCipherSuiteForCertificate,
        PeerIncompatible::NoKxGroupsInCommon => ErrorKind::NoGroupInCommon,
        PeerIncompatible::NoSignatureSchemesInCommon => ErrorKind::NoSignatureSchemeInCommon,
        _ => ErrorKind::Incompatible,
    }
}

#[cfg(test)]
mod tests {
    use rustls::enums::{ContentType, HandshakeType};
    use rustls::error::{AlertDescription as Alert, CertificateError};

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
                PeerMisbehaved::IncorrectFinished.into(),
                "Decrypt",
                Reason::Decrypt,
            ),
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
                Error::AlertReceived(Alert::UnknownCa),
                unknown_ca,
                Reason::PeerAlert,
            ),
            (
                Error::AlertReceived(Alert::CloseNotify),
                "Closed(CloseNotify)",
                Reason::Closed,
            ),
            (
                PeerMisbehaved::IllegalWarningAlert(Alert::CloseNotify).into(),
                "Closed(CloseNotify)",
                Reason::Closed,
            ),
        ]);
    }

    #[test]
    fn every_error_with_a_certificate_has_a_kind_and_a_reason() {
        assert_kinds(vec![
            (
                PeerMisbehaved::NoCertificatesPresented.into(),
                "NoClientCertificate",
                Reason::ClientCertificate,
            ),
            (
                CertificateError::Expired.into(),
                "BadClientCertificate",
                Reason::ClientCertificate,
            ),
            (Error::NoSuitableCertificate, "NoCertificate", Reason::Name),
            (
                PeerIncompatible::NoServerNameProvided.into(),
                "NoCertificate",
                Reason::Name,
            ),
            (
                Error::General("no such reason".to_owned()),
                "Internal",
                Reason::Internal,
            ),
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
