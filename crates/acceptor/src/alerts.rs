//! Which alert an error of rustls's deserves, and whether rustls's own bytes may be replaced.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::Header;
use rustls::{
    Error as RustlsError, HandshakeKind, PeerIncompatible, PeerMisbehaved, ProtocolVersion,
    ServerConnection,
};

use crate::error::Client;
use crate::error_and_alert::Silence;
use crate::{Error, ErrorAndAlert, ErrorKind, Phase, driver};

/// A failure of rustls's, to be decided.
pub(crate) struct Failed {
    pub(crate) error: RustlsError,
    pub(crate) phase: Phase,
    pub(crate) client: Client,
}

impl Failed {
    /// Decides what the client is told.
    ///
    /// What rustls has queued is delivered whole, with one exception: a queue that is exactly one
    /// alert in plaintext, with nothing sent before it, is replaced where rustls's alert is not
    /// the one required.
    pub(crate) fn decide(self, mut connection: ServerConnection) -> ErrorAndAlert {
        let Self {
            error,
            phase,
            client,
        } = self;
        let expected = expected(&error);
        let corrected = corrected(&error, client.has_server_name());
        if let RustlsError::AlertReceived(alert) = error {
            return peer_alert(alert.into(), phase, client);
        }
        let error = Error::new(ErrorKind::Rustls(error), phase, client);
        let queue = driver::drain(&mut connection);
        match plaintext_alert(&queue) {
            Some(alert) if phase == Phase::ServerHello => {
                ErrorAndAlert::send(error, corrected.unwrap_or(alert))
            }
            Some(alert) => ErrorAndAlert::queue(error, alert, queue),
            None if !queue.is_empty() => ErrorAndAlert::queue(error, expected, queue),
            None if !is_encrypting(&connection, phase) => {
                ErrorAndAlert::send(error, corrected.unwrap_or(expected))
            }
            None => {
                // the keys are on, and of rustls's public API only this encrypts an alert
                connection.send_close_notify();
                let queue = driver::drain(&mut connection);
                ErrorAndAlert::queue(error, AlertDescription::CLOSE_NOTIFY, queue)
            }
        }
    }
}

/// RFC 8446 6: an alert is never answered, whatever rustls has queued.
fn peer_alert(description: u8, phase: Phase, client: Client) -> ErrorAndAlert {
    let alert = Alert::new(AlertDescription(description));
    if alert.description == AlertDescription::CLOSE_NOTIFY {
        let error = Error::new(ErrorKind::Closed, phase, client);
        return ErrorAndAlert::silent(error, Silence::PeerClosed);
    }
    let error = Error::new(ErrorKind::PeerAlert(alert), phase, client);
    ErrorAndAlert::silent(error, Silence::PeerAlert)
}

/// The alert, if the queue is one alert in plaintext and nothing else.
fn plaintext_alert(queue: &[u8]) -> Option<AlertDescription> {
    let record: &[u8; Alert::RECORD_LEN] = queue.try_into().ok()?;
    let alert = Alert::parse(record.get(Header::LEN..)?).ok()?;
    (alert.to_record() == *record).then_some(alert.description)
}

/// Whether what the server sends is encrypted.
pub(crate) fn is_encrypting(connection: &ServerConnection, phase: Phase) -> bool {
    // TLS 1.2 switches keys with the server's last flight, which comes first on resumption only
    phase == Phase::Finished
        && (connection.protocol_version() != Some(ProtocolVersion::TLSv1_2)
            || connection.handshake_kind() == Some(HandshakeKind::Resumed))
}

/// The alert required where rustls 0.23.46 queues another.
fn corrected(error: &RustlsError, has_server_name: bool) -> Option<AlertDescription> {
    match error {
        RustlsError::General(reason) if reason == NO_CERTIFICATE => Some(if has_server_name {
            // RFC 6066 3: no certificate for the name -> unrecognized_name
            AlertDescription::UNRECOGNIZED_NAME
        } else {
            // RFC 8446 9.2: no certificate without a name -> missing_extension
            AlertDescription::MISSING_EXTENSION
        }),
        _ => None,
    }
}

/// What rustls 0.23.46 says where the certificate resolver has none for a client.
pub(crate) const NO_CERTIFICATE: &str = "no server certificate chain resolved";

/// The alert rustls queues for an error. Needed where it is encrypted and cannot be read, or where
/// rustls queues none.
fn expected(error: &RustlsError) -> AlertDescription {
    match error {
        RustlsError::InvalidMessage(error) => of_rustls(rustls::AlertDescription::from(*error)),
        RustlsError::InvalidCertificate(error) => of_rustls(error.clone().into()),
        RustlsError::PeerIncompatible(error) => incompatible(error),
        RustlsError::PeerMisbehaved(error) => misbehaved(error),
        RustlsError::InappropriateMessage { .. }
        | RustlsError::InappropriateHandshakeMessage { .. } => AlertDescription::UNEXPECTED_MESSAGE,
        RustlsError::NoCertificatesPresented => AlertDescription::CERTIFICATE_REQUIRED,
        RustlsError::DecryptError => AlertDescription::BAD_RECORD_MAC,
        RustlsError::PeerSentOversizedRecord => AlertDescription::RECORD_OVERFLOW,
        RustlsError::NoApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
        // RFC 8446 6.2: an error unrelated to the peer -> internal_error
        _ => AlertDescription::INTERNAL_ERROR,
    }
}

fn of_rustls(alert: rustls::AlertDescription) -> AlertDescription {
    AlertDescription(alert.into())
}

fn incompatible(error: &PeerIncompatible) -> AlertDescription {
    match error {
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired => {
            AlertDescription::PROTOCOL_VERSION
        }
        PeerIncompatible::NullCompressionRequired
        | PeerIncompatible::UncompressedEcPointsRequired => AlertDescription::ILLEGAL_PARAMETER,
        _ => AlertDescription::HANDSHAKE_FAILURE,
    }
}

fn misbehaved(error: &PeerMisbehaved) -> AlertDescription {
    match error {
        PeerMisbehaved::IncorrectBinder => AlertDescription::DECRYPT_ERROR,
        PeerMisbehaved::MissingBinderInPskExtension => AlertDescription::DECODE_ERROR,
        PeerMisbehaved::MissingPskModesExtension
        | PeerMisbehaved::MissingPskExtensionInSecondClientHello => {
            AlertDescription::MISSING_EXTENSION
        }
        PeerMisbehaved::IllegalMiddleboxChangeCipherSpec
        | PeerMisbehaved::IllegalTlsInnerPlaintext
        | PeerMisbehaved::KeyEpochWithPendingFragment
        | PeerMisbehaved::MessageInterleavedWithHandshakeMessage
        | PeerMisbehaved::RejectedEarlyDataInterleavedWithHandshakeMessage
        | PeerMisbehaved::TooManyEmptyFragments
        | PeerMisbehaved::TooManyWarningAlertsReceived
        | PeerMisbehaved::TooMuchEarlyDataReceived => AlertDescription::UNEXPECTED_MESSAGE,
        PeerMisbehaved::InvalidCertCompression
        | PeerMisbehaved::SelectedUnofferedCertCompression => AlertDescription::BAD_CERTIFICATE,
        _ => AlertDescription::ILLEGAL_PARAMETER,
    }
}
