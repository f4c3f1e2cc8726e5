//! The alert that an error of rustls requires, and the alert that rustls queues for it.

use lastword_alert::AlertDescription;
use rustls::{CertificateError, Error, InvalidMessage, PeerMisbehaved};

use super::error::{NO_CERTIFICATE, NO_SCHEME, RustlsError};

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
            encrypted: encrypted(error),
            corrected: corrected(error, is_named),
            // RFC 8446 6.2: an error unrelated to the peer -> internal_error
            missing: of_client(error).unwrap_or(AlertDescription::INTERNAL_ERROR),
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

    /// Returns the required alert if the connection is encrypted. It is not exact if rustls queues
    /// the required one: rustls has one error for a record and a Finished that do not verify.
    pub(crate) fn required(self) -> AlertDescription {
        self.sealed.unwrap_or(self.missing)
    }
}

/// Returns the alert that rustls has queued for an error, if it is encrypted and cannot be read.
fn encrypted(error: &Error) -> AlertDescription {
    // the verifier failed for another reason than the certificate
    of_client(error).unwrap_or(AlertDescription::HANDSHAKE_FAILURE)
}

/// Returns the required alert if rustls 0.23.46 queues another one.
fn corrected(error: &Error, is_named: bool) -> Option<AlertDescription> {
    match error {
        Error::General(reason) if reason == NO_CERTIFICATE => Some(if is_named {
            // RFC 6066 3: no certificate for the name -> unrecognized_name
            AlertDescription::UNRECOGNIZED_NAME
        } else {
            // RFC 8446 9.2: no certificate without a name -> missing_extension
            AlertDescription::MISSING_EXTENSION
        }),
        // RFC 5246 7.4.2: no scheme for the certificate's key -> handshake_failure
        Error::General(reason) if reason == NO_SCHEME => Some(AlertDescription::HANDSHAKE_FAILURE),
        // RFC 8446 4.4.2.4: a signature with a weak algorithm -> bad_certificate. In TLS 1.3 rustls
        // sends decrypt_error, encrypted.
        Error::InvalidCertificate(error) if is_too_weak(error) => {
            Some(AlertDescription::BAD_CERTIFICATE)
        }
        // RFC 5246 7.4.6: no client certificate, in TLS 1.2 -> handshake_failure. In TLS 1.3 rustls
        // sends the required alert.
        Error::NoCertificatesPresented => Some(AlertDescription::HANDSHAKE_FAILURE),
        // RFC 8446 6.2: an error unrelated to the peer -> internal_error. rustls sends
        // handshake_failure if a verifier fails for another reason than the certificate.
        error if of_client(error).is_none() => Some(AlertDescription::INTERNAL_ERROR),
        _ => None,
    }
}

/// Returns the required alert of an encrypted connection if rustls 0.23.46 queues another one, or none.
fn sealed(error: &Error, is_named: bool) -> Option<AlertDescription> {
    match error {
        // RFC 8446 4.4.2.4: rustls sends certificate_required
        Error::NoCertificatesPresented => None,
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

/// Returns whether a certificate is signed with an algorithm that this server does not accept.
#[expect(deprecated, reason = "a verifier may still return it")]
fn is_too_weak(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::UnsupportedSignatureAlgorithm
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    )
}

/// Returns the alert for an error of the client. It returns `None` for errors in a ClientHello, for
/// which rustls always queues an alert in plaintext.
fn of_client(error: &Error) -> Option<AlertDescription> {
    Some(match error {
        Error::InvalidMessage(InvalidMessage::InvalidKeyUpdate) => {
            AlertDescription::ILLEGAL_PARAMETER
        }
        Error::InvalidMessage(error) => of_rustls(rustls::AlertDescription::from(*error)),
        Error::InvalidCertificate(error) => of_rustls(error.clone().into()),
        Error::PeerIncompatible(_) => AlertDescription::HANDSHAKE_FAILURE,
        Error::PeerMisbehaved(error) => misbehaved(error),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            AlertDescription::UNEXPECTED_MESSAGE
        }
        Error::NoCertificatesPresented => AlertDescription::CERTIFICATE_REQUIRED,
        Error::DecryptError => AlertDescription::BAD_RECORD_MAC,
        Error::PeerSentOversizedRecord => AlertDescription::RECORD_OVERFLOW,
        Error::NoApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
        _ => return None,
    })
}

fn of_rustls(alert: rustls::AlertDescription) -> AlertDescription {
    AlertDescription(alert.into())
}

fn misbehaved(error: &PeerMisbehaved) -> AlertDescription {
    match error {
        PeerMisbehaved::IllegalMiddleboxChangeCipherSpec
        | PeerMisbehaved::KeyEpochWithPendingFragment
        | PeerMisbehaved::MessageInterleavedWithHandshakeMessage
        | PeerMisbehaved::TooManyEmptyFragments
        | PeerMisbehaved::TooManyWarningAlertsReceived
        | PeerMisbehaved::TooMuchEarlyDataReceived => AlertDescription::UNEXPECTED_MESSAGE,
        PeerMisbehaved::InvalidCertCompression
        | PeerMisbehaved::SelectedUnofferedCertCompression => AlertDescription::BAD_CERTIFICATE,
        _ => AlertDescription::ILLEGAL_PARAMETER,
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;
    use rustls::{ContentType as Kind, HandshakeType, PeerIncompatible};

    use super::*;

    #[test]
    fn knows_the_alert_that_rustls_queues_for_an_error() {
        for (error, alert) in [
            (InvalidMessage::MessageTooShort.into(), 50),
            (InvalidMessage::InvalidKeyUpdate.into(), 47),
            (CertificateError::Expired.into(), 45),
            (CertificateError::UnknownIssuer.into(), 48),
            (Error::NoCertificatesPresented, 116),
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
        ] {
            let alert = AlertDescription(alert);
            let told = Told::new(&error.into(), true);
            assert_eq!((told.encrypted, told.missing), (alert, alert));
        }
        let unrelated = Error::FailedToGetRandomBytes;
        let alerts = (AlertDescription(40), AlertDescription(80));
        let told = Told::new(&unrelated.into(), true);
        assert_eq!((told.encrypted, told.missing), alerts);
    }

    #[test]
    fn knows_the_alert_for_each_misbehaviour() {
        for (error, alert) in [
            (PeerMisbehaved::IllegalMiddleboxChangeCipherSpec, 10),
            (PeerMisbehaved::KeyEpochWithPendingFragment, 10),
            (PeerMisbehaved::MessageInterleavedWithHandshakeMessage, 10),
            (PeerMisbehaved::TooManyEmptyFragments, 10),
            (PeerMisbehaved::TooManyWarningAlertsReceived, 10),
            (PeerMisbehaved::TooMuchEarlyDataReceived, 10),
            (PeerMisbehaved::InvalidCertCompression, 42),
            (PeerMisbehaved::SelectedUnofferedCertCompression, 42),
            (PeerMisbehaved::ServerNameDifferedOnRetry, 47),
        ] {
            let shown = format!("{error:?}");
            assert_eq!(encrypted(&error.into()), AlertDescription(alert), "{shown}");
        }
    }

    #[test]
    fn corrects_what_rustls_would_say_of_a_certificate_and_nothing_else() {
        let general = |reason: &str| Error::General(reason.to_owned());
        let weak = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![],
            supported_algorithms: vec![],
        };
        for (error, has_server_name, alert) in [
            (general(NO_CERTIFICATE), true, Some(112)),
            (general(NO_CERTIFICATE), false, Some(109)),
            (general(NO_SCHEME), true, Some(40)),
            (general("no such reason"), true, Some(80)),
            (Error::NoCertificatesPresented, true, Some(40)),
            (weak.into(), true, Some(42)),
            (Error::DecryptError, true, None),
        ] {
            let alert = alert.map(AlertDescription);
            assert_eq!(corrected(&error, has_server_name), alert, "{error:?}");
        }
    }
}
