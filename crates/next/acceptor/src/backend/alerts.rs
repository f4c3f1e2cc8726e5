//! The alert that an error of rustls requires, and the alert that rustls queues for it.

use lastword_alert::AlertDescription;
use rustls::error::{CertificateError, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use super::error::RustlsError;

/// The alert that a client gets, depending on what rustls has queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The alert that rustls has queued, if it is encrypted and cannot be read.
    pub(crate) encrypted: AlertDescription,
    /// The alert that replaces one that rustls has queued in plaintext.
    pub(crate) corrected: Option<AlertDescription>,
    /// The alert if rustls has queued none.
    pub(crate) missing: AlertDescription,
    /// The required alert if the connection is encrypted, and rustls queues another one or none.
    pub(crate) sealed: Option<AlertDescription>,
}

impl Told {
    /// `is_named`: whether the client sent a server name, or an IP address instead of one.
    pub(crate) fn new(error: &RustlsError, is_named: bool) -> Self {
        let error = error.as_rustls();
        Self {
            encrypted: queued(error).unwrap_or(AlertDescription::INTERNAL_ERROR),
            corrected: corrected(error, is_named),
            // RFC 8446 6.2: an error unrelated to the peer -> internal_error
            missing: queued(error).unwrap_or(AlertDescription::INTERNAL_ERROR),
            sealed: sealed(error, is_named),
        }
    }

    /// Makes it for a failure for which rustls queues no alert.
    pub(crate) const fn of_ours(alert: AlertDescription) -> Self {
        Self {
            encrypted: alert,
            corrected: None,
            missing: alert,
            sealed: Some(alert),
        }
    }

    /// Returns the required alert if the connection is encrypted.
    pub(crate) fn required(self) -> AlertDescription {
        self.sealed.unwrap_or(self.missing)
    }
}

/// Returns the alert that rustls 0.24 queues for an error, if it queues one.
fn queued(error: &Error) -> Option<AlertDescription> {
    match error {
        // rustls queues it before it returns the error
        Error::PeerMisbehaved(PeerMisbehaved::EmptyFragment) => {
            Some(AlertDescription::UNEXPECTED_MESSAGE)
        }
        error => {
            let alert = rustls::error::AlertDescription::try_from(error).ok()?;
            Some(AlertDescription(alert.into()))
        }
    }
}

/// Returns the required alert if rustls 0.24 queues another one, or none.
fn corrected(error: &Error, is_named: bool) -> Option<AlertDescription> {
    match error {
        Error::NoSuitableCertificate
        | Error::PeerIncompatible(PeerIncompatible::NoServerNameProvided) => Some(if is_named {
            // RFC 6066 3: no certificate for the name -> unrecognized_name
            AlertDescription::UNRECOGNIZED_NAME
        } else {
            // RFC 8446 9.2: no certificate without a name -> missing_extension
            AlertDescription::MISSING_EXTENSION
        }),
        // RFC 5246 7.4.6: no client certificate, in TLS 1.2 -> handshake_failure. In TLS 1.3 rustls
        // sends the required alert.
        Error::PeerMisbehaved(PeerMisbehaved::NoCertificatesPresented) => {
            Some(AlertDescription::HANDSHAKE_FAILURE)
        }
        error => of_any(error),
    }
}

/// Returns the required alert of an encrypted connection if rustls 0.24 queues another one, or none.
fn sealed(error: &Error, is_named: bool) -> Option<AlertDescription> {
    match error {
        // RFC 8446 4.4.2.4: rustls sends certificate_required
        Error::PeerMisbehaved(PeerMisbehaved::NoCertificatesPresented) => None,
        // RFC 8446 5: an encrypted record of an unknown content type -> unexpected_message
        Error::InvalidMessage(InvalidMessage::InvalidContentType)
        // RFC 8446 5.4: an encrypted record without a content type -> unexpected_message
        | Error::PeerMisbehaved(PeerMisbehaved::IllegalTlsInnerPlaintext) => {
            Some(AlertDescription::UNEXPECTED_MESSAGE)
        }
        // RFC 8446 4.2: an extension that was not requested -> unsupported_extension
        Error::PeerMisbehaved(PeerMisbehaved::UnsolicitedCertExtension) => {
            Some(AlertDescription::UNSUPPORTED_EXTENSION)
        }
        error => corrected(error, is_named),
    }
}

/// Returns the required alert if rustls 0.24 queues another one or none, encrypted or not.
fn of_any(error: &Error) -> Option<AlertDescription> {
    match error {
        // RFC 8446 4.4.2.4: a signature with a weak algorithm -> bad_certificate. rustls sends
        // decrypt_error.
        Error::InvalidCertificate(
            CertificateError::UnsupportedSignatureAlgorithm { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKey { .. },
        ) => Some(AlertDescription::BAD_CERTIFICATE),
        // RFC 8446 4.6.3: a KeyUpdate with another value -> illegal_parameter. rustls sends decode_error.
        Error::InvalidMessage(InvalidMessage::InvalidKeyUpdate) => {
            Some(AlertDescription::ILLEGAL_PARAMETER)
        }
        Error::PeerMisbehaved(error) => misbehaved(*error),
        // RFC 8422 5.1.2: ec_point_formats without uncompressed points -> illegal_parameter. rustls sends
        // handshake_failure.
        Error::PeerIncompatible(PeerIncompatible::UncompressedEcPointsRequired) => {
            Some(AlertDescription::ILLEGAL_PARAMETER)
        }
        // RFC 8446 6.2: an error unrelated to the peer -> internal_error. rustls sends general_error
        // for an error of the application, and nothing for the others.
        Error::General(_) => Some(AlertDescription::INTERNAL_ERROR),
        error if queued(error).is_none() => Some(AlertDescription::INTERNAL_ERROR),
        _ => None,
    }
}

/// Returns the required alert for a client that rustls would send `illegal_parameter`.
const fn misbehaved(error: PeerMisbehaved) -> Option<AlertDescription> {
    match error {
        // RFC 8446 5.1: another record between the parts of a message -> unexpected_message
        PeerMisbehaved::MessageInterleavedWithHandshakeMessage
        // RFC 8446 5.4: a handshake record or an alert without content -> unexpected_message
        | PeerMisbehaved::EmptyFragment
        // RFC 8446 5.1: many records without content -> unexpected_message
        | PeerMisbehaved::TooManyEmptyFragments
        | PeerMisbehaved::TooManyWarningAlertsReceived
        // RFC 8446 4.2.10: more early data than allowed -> unexpected_message
        | PeerMisbehaved::TooMuchEarlyDataReceived => Some(AlertDescription::UNEXPECTED_MESSAGE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rustls::enums::{ContentType as Kind, HandshakeType};

    use super::*;

    #[test]
    fn knows_the_alert_that_rustls_queues_for_an_error() {
        for (error, alert) in [
            (InvalidMessage::MessageTooShort.into(), 50),
            (CertificateError::Expired.into(), 45),
            (CertificateError::UnknownIssuer.into(), 48),
            (PeerMisbehaved::NoCertificatesPresented.into(), 116),
            (PeerMisbehaved::IncorrectFinished.into(), 51),
            (PeerMisbehaved::EmptyFragment.into(), 10),
            (PeerMisbehaved::MissingKeyShare.into(), 109),
            (PeerMisbehaved::ServerNameDifferedOnRetry.into(), 47),
            (Error::DecryptError, 20),
            (Error::PeerSentOversizedRecord, 22),
            (Error::NoApplicationProtocol, 120),
            (
                Error::InappropriateMessage {
                    expect_types: vec![Kind::Handshake],
                    got_type: Kind::Alert,
                },
                10,
            ),
            (
                Error::InappropriateHandshakeMessage {
                    expect_types: vec![HandshakeType::Finished],
                    got_type: HandshakeType::Certificate,
                },
                10,
            ),
            (PeerIncompatible::NoSignatureSchemesInCommon.into(), 40),
            (PeerIncompatible::Tls12NotOffered.into(), 70),
        ] {
            let alert = AlertDescription(alert);
            let told = Told::new(&error.into(), true);
            assert_eq!((told.encrypted, told.missing), (alert, alert));
        }
        assert_eq!(queued(&Error::FailedToGetRandomBytes), None);
        let told = Told::new(&Error::FailedToGetRandomBytes.into(), true);
        assert_eq!(told.missing, AlertDescription::INTERNAL_ERROR);
    }

    #[test]
    fn corrects_what_rustls_would_say_of_misbehaviour_that_has_no_arm() {
        for (error, alert) in [
            (PeerMisbehaved::IllegalMiddleboxChangeCipherSpec, 10),
            (PeerMisbehaved::KeyEpochWithPendingFragment, 10),
            (PeerMisbehaved::MessageInterleavedWithHandshakeMessage, 10),
            (PeerMisbehaved::TooManyEmptyFragments, 10),
            (PeerMisbehaved::TooManyWarningAlertsReceived, 10),
            (PeerMisbehaved::TooMuchEarlyDataReceived, 10),
            (PeerMisbehaved::IllegalTlsInnerPlaintext, 10),
            (PeerMisbehaved::UnsolicitedCertExtension, 110),
            (PeerMisbehaved::InvalidCertCompression, 42),
            (PeerMisbehaved::SelectedUnofferedCertCompression, 42),
            (PeerMisbehaved::ServerNameDifferedOnRetry, 47),
        ] {
            let required = Told::new(&Error::from(error).into(), true).required();
            assert_eq!(required, AlertDescription(alert), "{error:?}");
        }
    }

    #[test]
    fn corrects_what_rustls_would_say_of_a_certificate_and_nothing_else() {
        let weak = CertificateError::UnsupportedSignatureAlgorithm {
            signature_algorithm_id: vec![],
            supported_algorithms: vec![],
        };
        let nameless = PeerIncompatible::NoServerNameProvided;
        for (error, has_server_name, alert) in [
            (Error::NoSuitableCertificate, true, Some(112)),
            (Error::NoSuitableCertificate, false, Some(109)),
            (nameless.into(), false, Some(109)),
            (Error::General("no reason".to_owned()), true, Some(80)),
            (InvalidMessage::InvalidKeyUpdate.into(), true, Some(47)),
            (
                PeerMisbehaved::NoCertificatesPresented.into(),
                true,
                Some(40),
            ),
            (weak.into(), true, Some(42)),
            (
                PeerIncompatible::UncompressedEcPointsRequired.into(),
                true,
                Some(47),
            ),
            (Error::DecryptError, true, None),
        ] {
            let alert = alert.map(AlertDescription);
            assert_eq!(corrected(&error, has_server_name), alert, "{error:?}");
        }
    }
}
