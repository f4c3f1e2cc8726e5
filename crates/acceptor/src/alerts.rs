//! Which alert an error of rustls's deserves, and whether rustls's own bytes may be replaced.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, LengthLimit, Records};
use rustls::{
    CertificateError, Error as RustlsError, HandshakeKind, InvalidMessage, PeerMisbehaved,
    ProtocolVersion, ServerConnection,
};

use crate::driver::Failure;
use crate::error::Client;
use crate::error_and_alert::Silence;
use crate::gate::RecordError;
use crate::{Error, ErrorAndAlert, ErrorKind, Phase, driver};

/// A failure of a connection of rustls's, to be decided.
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) phase: Phase,
    pub(crate) client: Client,
}

impl Failed {
    /// Decides what the client is told.
    ///
    /// What rustls has queued is delivered whole, with one exception: where it ends in an alert in
    /// plaintext that is not the one required, the required one takes its place. If rustls has
    /// queued no alert, one is put after what it has.
    pub(crate) fn decide(self, connection: &mut ServerConnection) -> ErrorAndAlert {
        let Self {
            failure,
            phase,
            client,
        } = self;
        let told = match &failure {
            Failure::Rustls(RustlsError::AlertReceived(alert)) => {
                return peer_alert(of_rustls(*alert), phase, client);
            }
            Failure::Rustls(error) => Told {
                encrypted: encrypted(error),
                corrected: corrected(error, &client),
                missing: missing(error),
            },
            // RFC 8446 6.2: an error unrelated to the peer -> internal_error
            Failure::Panicked(_) => Told::of_ours(AlertDescription::INTERNAL_ERROR),
            Failure::Full => Told::of_ours(TOO_LONG.alert()),
        };
        let kind = match failure {
            Failure::Rustls(error) => ErrorKind::Rustls(error),
            Failure::Panicked(panic) => ErrorKind::Panicked(panic),
            Failure::Full => ErrorKind::Record(TOO_LONG),
        };
        told.decide(Error::new(kind, phase, client), connection)
    }
}

/// A ClientHello that rustls has no room for.
const TOO_LONG: RecordError = RecordError::MessageTooLong { limit: 65_535 };

/// What a client is told, by what rustls has queued.
struct Told {
    /// The alert that rustls has queued, if it is encrypted and cannot be read.
    encrypted: AlertDescription,
    /// The alert in place of one that rustls has queued in plaintext.
    corrected: Option<AlertDescription>,
    /// The alert where rustls has queued none.
    missing: AlertDescription,
}

impl Told {
    /// Of a failure for which rustls queues no alert.
    fn of_ours(alert: AlertDescription) -> Self {
        Self {
            encrypted: alert,
            corrected: None,
            missing: alert,
        }
    }

    fn decide(self, error: Error, connection: &mut ServerConnection) -> ErrorAndAlert {
        let mut queue = driver::drain(connection);
        let alert = match last_alert(&queue) {
            Some(Queued::Plaintext { at, alert }) => {
                queue.truncate(at);
                self.corrected.unwrap_or(alert)
            }
            // it cannot be read, and must not be touched
            Some(Queued::Encrypted) => return ErrorAndAlert::queue(error, self.encrypted, queue),
            None if is_encrypting(connection) => {
                // of rustls's public API only this encrypts an alert
                connection.send_close_notify();
                queue.append(&mut driver::drain(connection));
                return ErrorAndAlert::queue(error, AlertDescription::CLOSE_NOTIFY, queue);
            }
            None => self.corrected.unwrap_or(self.missing),
        };
        queue.extend(Alert::new(alert).to_record());
        ErrorAndAlert::queue(error, alert, queue)
    }
}

/// The alert for a failure that is decided here and not by rustls.
pub(crate) fn of_kind(kind: &ErrorKind) -> AlertDescription {
    match kind {
        ErrorKind::Hello(error) => error.alert().unwrap_or(AlertDescription::CLOSE_NOTIFY),
        ErrorKind::NoVersionInCommon => AlertDescription::PROTOCOL_VERSION,
        ErrorKind::InappropriateFallback => AlertDescription::INAPPROPRIATE_FALLBACK,
        ErrorKind::NoCipherSuiteInCommon(_) => AlertDescription::HANDSHAKE_FAILURE,
        ErrorKind::MissingExtension(_) => AlertDescription::MISSING_EXTENSION,
        ErrorKind::KeyShareNotOffered(_)
        | ErrorKind::HelloDiffers(_)
        | ErrorKind::MoreThanOneKeyShare => AlertDescription::ILLEGAL_PARAMETER,
        ErrorKind::NoApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
        ErrorKind::Record(error) => error.alert(),
        ErrorKind::Rejected(rejection) => rejection.alert(),
        _ => AlertDescription::INTERNAL_ERROR,
    }
}

/// RFC 8446 6: an alert is never answered, whatever rustls has queued.
pub(crate) fn peer_alert(
    description: AlertDescription,
    phase: Phase,
    client: Client,
) -> ErrorAndAlert {
    let alert = Alert::new(description);
    if alert.description == AlertDescription::CLOSE_NOTIFY {
        let error = Error::new(ErrorKind::Closed, phase, client);
        return ErrorAndAlert::silent(error, Silence::PeerClosed);
    }
    let error = Error::new(ErrorKind::PeerAlert(alert), phase, client);
    ErrorAndAlert::silent(error, Silence::PeerAlert)
}

/// An alert at the end of what rustls has queued.
enum Queued {
    Plaintext { at: usize, alert: AlertDescription },
    Encrypted,
}

/// The alert that the queue ends in, if it does.
fn last_alert(queue: &[u8]) -> Option<Queued> {
    /// An alert of TLS 1.3 once encrypted: two bytes, the content type and a tag of 16 bytes. No
    /// handshake message is as short.
    const ENCRYPTED_ALERT: u16 = 2 + 1 + 16;

    let last = Records::new(queue, LengthLimit::TLS12_CIPHERTEXT).last()?;
    match last.header.content_type {
        ContentType::ALERT => match Alert::parse(last.payload) {
            Ok(alert) => Some(Queued::Plaintext {
                at: queue.len() - Alert::RECORD_LEN,
                alert: alert.description,
            }),
            Err(_) => Some(Queued::Encrypted), // as TLS 1.2 does
        },
        ContentType::APPLICATION_DATA if last.header.length == ENCRYPTED_ALERT => {
            Some(Queued::Encrypted)
        }
        _ => None,
    }
}

/// How far a connection that has answered the ClientHello has come: to the ServerHello, or only to
/// a HelloRetryRequest. rustls tells the group once it has sent its share.
pub(crate) fn phase(connection: &ServerConnection) -> Phase {
    match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => Phase::Finished,
        _ if connection.negotiated_key_exchange_group().is_some() => Phase::Finished,
        _ => Phase::ServerHello,
    }
}

/// Whether what a connection that has answered the ClientHello sends is encrypted.
pub(crate) fn is_encrypting(connection: &ServerConnection) -> bool {
    match connection.protocol_version() {
        _ if !connection.is_handshaking() => true,
        // with the server's last flight, which comes first on resumption only
        Some(ProtocolVersion::TLSv1_2) => {
            connection.handshake_kind() == Some(HandshakeKind::Resumed)
        }
        // from the ServerHello on
        _ => phase(connection) == Phase::Finished,
    }
}

/// The alert required where rustls 0.23.46 queues another.
fn corrected(error: &RustlsError, client: &Client) -> Option<AlertDescription> {
    match error {
        RustlsError::General(reason) if reason == NO_CERTIFICATE => Some(if client.is_named() {
            // RFC 6066 3: no certificate for the name -> unrecognized_name
            AlertDescription::UNRECOGNIZED_NAME
        } else {
            // RFC 8446 9.2: no certificate without a name -> missing_extension
            AlertDescription::MISSING_EXTENSION
        }),
        // RFC 5246 7.4.2: no scheme for the certificate's key -> handshake_failure
        RustlsError::General(reason) if reason == NO_SCHEME => {
            Some(AlertDescription::HANDSHAKE_FAILURE)
        }
        // RFC 8446 4.4.2.4: a signature by an algorithm that is too weak -> bad_certificate. In TLS
        // 1.3 the alert is encrypted, and decrypt_error.
        RustlsError::InvalidCertificate(error) if is_too_weak(error) => {
            Some(AlertDescription::BAD_CERTIFICATE)
        }
        // RFC 5246 7.4.6: no client certificate, in TLS 1.2 -> handshake_failure. The alert of TLS 1.3
        // is encrypted, and the right one.
        RustlsError::NoCertificatesPresented => Some(AlertDescription::HANDSHAKE_FAILURE),
        // RFC 8446 6.2: an error unrelated to the peer -> internal_error. rustls has
        // handshake_failure for a verifier that fails otherwise than by the certificate.
        error if of_client(error).is_none() => Some(AlertDescription::INTERNAL_ERROR),
        _ => None,
    }
}

/// Whether a certificate is signed by an algorithm that this server does not take.
#[expect(deprecated, reason = "a verifier may still return it")]
fn is_too_weak(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::UnsupportedSignatureAlgorithm
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    )
}

/// What rustls 0.23.46 says in TLS 1.2 where the client offers no scheme for the certificate's key.
pub(crate) const NO_SCHEME: &str = "incompatible signing key";

/// What rustls 0.23.46 says where the certificate resolver has none for a client.
pub(crate) const NO_CERTIFICATE: &str = "no server certificate chain resolved";

/// The alert that rustls has queued for an error, where it is encrypted and cannot be read.
pub(crate) fn encrypted(error: &RustlsError) -> AlertDescription {
    // what a certificate verifier comes to that fails otherwise than by the certificate
    of_client(error).unwrap_or(AlertDescription::HANDSHAKE_FAILURE)
}

/// The alert for an error for which rustls queues none.
fn missing(error: &RustlsError) -> AlertDescription {
    // RFC 8446 6.2: an error unrelated to the peer -> internal_error
    of_client(error).unwrap_or(AlertDescription::INTERNAL_ERROR)
}

/// The alert for an error that the client made. Of those for which rustls always queues one in
/// plaintext, those in a ClientHello, it says nothing.
fn of_client(error: &RustlsError) -> Option<AlertDescription> {
    Some(match error {
        RustlsError::InvalidMessage(InvalidMessage::InvalidKeyUpdate) => {
            AlertDescription::ILLEGAL_PARAMETER
        }
        RustlsError::InvalidMessage(error) => of_rustls(rustls::AlertDescription::from(*error)),
        RustlsError::InvalidCertificate(error) => of_rustls(error.clone().into()),
        RustlsError::PeerIncompatible(_) => AlertDescription::HANDSHAKE_FAILURE,
        RustlsError::PeerMisbehaved(error) => misbehaved(error),
        RustlsError::InappropriateMessage { .. }
        | RustlsError::InappropriateHandshakeMessage { .. } => AlertDescription::UNEXPECTED_MESSAGE,
        RustlsError::NoCertificatesPresented => AlertDescription::CERTIFICATE_REQUIRED,
        RustlsError::DecryptError => AlertDescription::BAD_RECORD_MAC,
        RustlsError::PeerSentOversizedRecord => AlertDescription::RECORD_OVERFLOW,
        RustlsError::NoApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
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
            (RustlsError::NoCertificatesPresented, 116),
            (RustlsError::DecryptError, 20),
            (RustlsError::PeerSentOversizedRecord, 22),
            (RustlsError::NoApplicationProtocol, 120),
            (
                RustlsError::InappropriateMessage {
                    expect_types: vec![Kind::Handshake],
                    got_type: Kind::Alert,
                },
                10,
            ),
            (
                RustlsError::InappropriateHandshakeMessage {
                    expect_types: vec![HandshakeType::Finished],
                    got_type: HandshakeType::Certificate,
                },
                10,
            ),
            (PeerIncompatible::NoSignatureSchemesInCommon.into(), 40),
        ] {
            let alert = AlertDescription(alert);
            assert_eq!((encrypted(&error), missing(&error)), (alert, alert));
        }
        let unrelated = RustlsError::FailedToGetRandomBytes;
        let alerts = (AlertDescription(40), AlertDescription(80));
        assert_eq!((encrypted(&unrelated), missing(&unrelated)), alerts);
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
        let general = |reason: &str| RustlsError::General(reason.to_owned());
        let weak = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![],
            supported_algorithms: vec![],
        };
        for (error, has_server_name, alert) in [
            (general(NO_CERTIFICATE), true, Some(112)),
            (general(NO_CERTIFICATE), false, Some(109)),
            (general(NO_SCHEME), true, Some(40)),
            (general("no such reason"), true, Some(80)),
            (RustlsError::NoCertificatesPresented, true, Some(40)),
            (weak.into(), true, Some(42)),
            (RustlsError::DecryptError, true, None),
        ] {
            let alert = alert.map(AlertDescription);
            let client = Client::Agreed {
                server_name: has_server_name.then(|| "localhost".into()),
                alpn_protocol: None,
                version: None,
            };
            assert_eq!(corrected(&error, &client), alert, "{error:?}");
        }
    }

    /// What a queue ends in: where and which, or that it is encrypted.
    fn end_of(queue: &[u8]) -> Option<Option<(usize, u8)>> {
        last_alert(queue).map(|alert| match alert {
            Queued::Plaintext { at, alert } => Some((at, alert.0)),
            Queued::Encrypted => None,
        })
    }

    #[test]
    fn finds_the_alert_at_the_end_of_a_queue() {
        let server_hello = [22, 3, 3, 0, 1, 2];
        let plain = [21, 3, 3, 0, 2, 2, 40];
        let encrypted = [&[23, 3, 3, 0, 19][..], &[7; 19]].concat();
        let encrypted_by_tls12 = [&[21, 3, 3, 0, 26][..], &[7; 26]].concat();
        let longer = [&[23, 3, 3, 0, 20][..], &[7; 20]].concat();

        assert_eq!(end_of(&plain), Some(Some((0, 40))));
        let behind = |alert: &[u8]| [&server_hello, alert].concat();
        assert_eq!(end_of(&behind(&plain)), Some(Some((6, 40))));
        assert_eq!(end_of(&behind(&encrypted)), Some(None));
        assert_eq!(end_of(&behind(&encrypted_by_tls12)), Some(None));
        assert_eq!(end_of(&behind(&longer)), None);
        assert_eq!(end_of(&server_hello), None);
        assert_eq!(end_of(&[]), None);
    }
}
