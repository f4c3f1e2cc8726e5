//! Why a handshake failed, as one of a closed set.

use std::fmt;

use lastword_hello::Error as Hello;
use rustls::{Error as Rustls, InvalidMessage, PeerIncompatible};

use crate::alerts::{NO_CERTIFICATE, NO_SCHEME};
use crate::{ErrorKind, RecordError};

/// Why a handshake failed, as one of a closed set: for the label of a metric or a dashboard.
///
/// The names are stable; reasons may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// `not_tls`: the client does not speak TLS.
    NotTls,
    /// `unexpected_message`: a record or message that has no place where it came.
    UnexpectedMessage,
    /// `too_long`: a record or message over its limit.
    TooLong,
    /// `malformed`: a message that cannot be parsed.
    Malformed,
    /// `version`: no protocol version in common, or a fallback that was not called for.
    Version,
    /// `missing_extension`: an extension that TLS 1.3 requires is missing.
    MissingExtension,
    /// `name`: no certificate for the server name, or none without one.
    Name,
    /// `cipher_suite`: no cipher suite in common.
    CipherSuite,
    /// `group`: no key exchange group in common.
    Group,
    /// `signature_scheme`: no signature scheme in common.
    SignatureScheme,
    /// `application_protocol`: no application protocol in common.
    ApplicationProtocol,
    /// `incompatible`: nothing in common of another kind.
    Incompatible,
    /// `misbehaved`: the client broke the protocol.
    Misbehaved,
    /// `decrypt`: a record or a Finished that does not verify.
    Decrypt,
    /// `client_certificate`: a client certificate that is missing or not acceptable.
    ClientCertificate,
    /// `rejected`: the application refused the client.
    Rejected,
    /// `peer_alert`: the client ended the handshake by an alert.
    PeerAlert,
    /// `closed`: the client closed the connection.
    Closed,
    /// `stream_failed`: the stream failed, because of a transport error.
    StreamFailed,
    /// `expired`: the deadline passed.
    Expired,
    /// `canceled`: the server gave the handshake up.
    Canceled,
    /// `internal`: an error of the server's own.
    Internal,
}

impl Reason {
    /// A short stable name, in snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotTls => "not_tls",
            Self::UnexpectedMessage => "unexpected_message",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Version => "version",
            Self::MissingExtension => "missing_extension",
            Self::Name => "name",
            Self::CipherSuite => "cipher_suite",
            Self::Group => "group",
            Self::SignatureScheme => "signature_scheme",
            Self::ApplicationProtocol => "application_protocol",
            Self::Incompatible => "incompatible",
            Self::Misbehaved => "misbehaved",
            Self::Decrypt => "decrypt",
            Self::ClientCertificate => "client_certificate",
            Self::Rejected => "rejected",
            Self::PeerAlert => "peer_alert",
            Self::Closed => "closed",
            Self::StreamFailed => "stream_failed",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
            Self::Internal => "internal",
        }
    }

    pub(crate) fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::Hello(error) => Self::of_hello(error),
            ErrorKind::NoVersionInCommon | ErrorKind::InappropriateFallback => Self::Version,
            ErrorKind::NoCipherSuiteInCommon(_) => Self::CipherSuite,
            ErrorKind::MissingExtension(_) => Self::MissingExtension,
            ErrorKind::KeyShareNotOffered(_)
            | ErrorKind::HelloDiffers(_)
            | ErrorKind::MoreThanOneKeyShare => Self::Misbehaved,
            ErrorKind::NoApplicationProtocol => Self::ApplicationProtocol,
            ErrorKind::Record(
                RecordError::TooLong(_)
                | RecordError::HandshakeTooLong { .. }
                | RecordError::EarlyDataTooLong { .. }
                | RecordError::MessageTooLong { .. },
            ) => Self::TooLong,
            ErrorKind::Record(_) => Self::UnexpectedMessage,
            ErrorKind::Rejected(_) => Self::Rejected,
            ErrorKind::Panicked(_) => Self::Internal,
            ErrorKind::Rustls(error) => Self::of_rustls(error),
            ErrorKind::PeerAlert(_) => Self::PeerAlert,
            ErrorKind::Closed => Self::Closed,
            ErrorKind::StreamFailed => Self::StreamFailed,
            ErrorKind::Expired => Self::Expired,
            ErrorKind::Canceled => Self::Canceled,
        }
    }

    fn of_hello(error: &Hello) -> Self {
        match error {
            Hello::NotTls(_) => Self::NotTls,
            Hello::RecordOverflow(_) | Hello::TooLong { .. } | Hello::RecordsTooLong { .. } => {
                Self::TooLong
            }
            Hello::MalformedAlert(_) | Hello::Malformed(_) => Self::Malformed,
            Hello::PeerAlert(_) => Self::PeerAlert,
            _ => Self::UnexpectedMessage,
        }
    }

    fn of_rustls(error: &Rustls) -> Self {
        match error {
            Rustls::InappropriateMessage { .. } | Rustls::InappropriateHandshakeMessage { .. } => {
                Self::UnexpectedMessage
            }
            Rustls::InvalidMessage(
                InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::MessageTooLarge,
            ) => Self::TooLong,
            Rustls::InvalidMessage(_) => Self::Malformed,
            Rustls::PeerSentOversizedRecord => Self::TooLong,
            Rustls::NoCertificatesPresented | Rustls::InvalidCertificate(_) => {
                Self::ClientCertificate
            }
            Rustls::General(reason) if reason == NO_CERTIFICATE => Self::Name,
            Rustls::General(reason) if reason == NO_SCHEME => Self::SignatureScheme,
            Rustls::DecryptError => Self::Decrypt,
            Rustls::PeerMisbehaved(_) => Self::Misbehaved,
            Rustls::NoApplicationProtocol => Self::ApplicationProtocol,
            Rustls::PeerIncompatible(error) => match error {
                PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::SupportedVersionsExtensionRequired => Self::Version,
                PeerIncompatible::NoCipherSuitesInCommon => Self::CipherSuite,
                PeerIncompatible::NoKxGroupsInCommon => Self::Group,
                PeerIncompatible::NoSignatureSchemesInCommon => Self::SignatureScheme,
                _ => Self::Incompatible,
            },
            _ => Self::Internal,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use lastword_alert::{Alert, AlertDescription, ParseError};
    use lastword_hello::{ExtensionType, NamedGroup};
    use lastword_record::{self as record, Guess, LengthLimit, ProtocolVersion, RecordOverflow};
    use rustls::{CertificateError, ContentType, HandshakeType, PeerMisbehaved};

    use super::*;
    use crate::Rejection;

    const OVERFLOW: RecordOverflow = RecordOverflow {
        length: 0x4001,
        limit: LengthLimit::PLAINTEXT,
    };

    #[test]
    fn puts_every_kind_of_error_under_a_reason() {
        let empty = RecordError::Empty(record::ContentType::HANDSHAKE);
        let alert = Alert::new(AlertDescription::UNKNOWN_CA);
        for (kind, reason) in [
            (
                ErrorKind::Hello(Hello::EmptyRecord),
                Reason::UnexpectedMessage,
            ),
            (ErrorKind::NoVersionInCommon, Reason::Version),
            (ErrorKind::InappropriateFallback, Reason::Version),
            (
                ErrorKind::NoCipherSuiteInCommon(ProtocolVersion::TLS_1_3),
                Reason::CipherSuite,
            ),
            (
                ErrorKind::MissingExtension(ExtensionType::KEY_SHARE),
                Reason::MissingExtension,
            ),
            (
                ErrorKind::KeyShareNotOffered(NamedGroup(29)),
                Reason::Misbehaved,
            ),
            (
                ErrorKind::NoApplicationProtocol,
                Reason::ApplicationProtocol,
            ),
            (
                ErrorKind::Record(RecordError::TooLong(OVERFLOW)),
                Reason::TooLong,
            ),
            (
                ErrorKind::Record(RecordError::HandshakeTooLong { limit: 1 }),
                Reason::TooLong,
            ),
            (ErrorKind::Record(empty), Reason::UnexpectedMessage),
            (
                ErrorKind::Rejected(Rejection::unrecognized_name()),
                Reason::Rejected,
            ),
            (ErrorKind::Rustls(Rustls::DecryptError), Reason::Decrypt),
            (ErrorKind::PeerAlert(alert), Reason::PeerAlert),
            (ErrorKind::Closed, Reason::Closed),
            (ErrorKind::StreamFailed, Reason::StreamFailed),
            (ErrorKind::Expired, Reason::Expired),
            (ErrorKind::Canceled, Reason::Canceled),
        ] {
            assert_eq!(Reason::of(&kind), reason, "{kind:?}");
        }
    }

    #[test]
    fn puts_what_is_no_hello_under_a_reason() {
        let alert = Alert::new(AlertDescription::UNKNOWN_CA);
        for (error, reason) in [
            (Hello::NotTls(Guess::Ssh), Reason::NotTls),
            (Hello::RecordOverflow(OVERFLOW), Reason::TooLong),
            (Hello::TooLong { len: 9, limit: 8 }, Reason::TooLong),
            (Hello::RecordsTooLong { limit: 8 }, Reason::TooLong),
            (
                Hello::MalformedAlert(ParseError::Length(3)),
                Reason::Malformed,
            ),
            (Hello::PeerAlert(alert), Reason::PeerAlert),
            (Hello::NotAligned, Reason::UnexpectedMessage),
        ] {
            assert_eq!(Reason::of_hello(&error), reason, "{error:?}");
        }
    }

    #[test]
    fn puts_every_error_of_rustls_under_a_reason() {
        let general = |reason: &str| Rustls::General(reason.to_owned());
        for (error, reason) in [
            (
                Rustls::InappropriateMessage {
                    expect_types: vec![ContentType::Handshake],
                    got_type: ContentType::Alert,
                },
                Reason::UnexpectedMessage,
            ),
            (
                Rustls::InappropriateHandshakeMessage {
                    expect_types: vec![HandshakeType::Finished],
                    got_type: HandshakeType::Certificate,
                },
                Reason::UnexpectedMessage,
            ),
            (
                InvalidMessage::HandshakePayloadTooLarge.into(),
                Reason::TooLong,
            ),
            (InvalidMessage::MessageTooLarge.into(), Reason::TooLong),
            (InvalidMessage::MessageTooShort.into(), Reason::Malformed),
            (Rustls::PeerSentOversizedRecord, Reason::TooLong),
            (Rustls::NoCertificatesPresented, Reason::ClientCertificate),
            (CertificateError::Expired.into(), Reason::ClientCertificate),
            (general(NO_CERTIFICATE), Reason::Name),
            (general(NO_SCHEME), Reason::SignatureScheme),
            (general("no such reason"), Reason::Internal),
            (Rustls::DecryptError, Reason::Decrypt),
            (
                PeerMisbehaved::SelectedUnofferedKxGroup.into(),
                Reason::Misbehaved,
            ),
            (Rustls::NoApplicationProtocol, Reason::ApplicationProtocol),
            (PeerIncompatible::Tls12NotOffered.into(), Reason::Version),
            (
                PeerIncompatible::Tls12NotOfferedOrEnabled.into(),
                Reason::Version,
            ),
            (
                PeerIncompatible::SupportedVersionsExtensionRequired.into(),
                Reason::Version,
            ),
            (
                PeerIncompatible::NoCipherSuitesInCommon.into(),
                Reason::CipherSuite,
            ),
            (PeerIncompatible::NoKxGroupsInCommon.into(), Reason::Group),
            (
                PeerIncompatible::NoSignatureSchemesInCommon.into(),
                Reason::SignatureScheme,
            ),
            (
                PeerIncompatible::NullCompressionRequired.into(),
                Reason::Incompatible,
            ),
            (Rustls::FailedToGetRandomBytes, Reason::Internal),
        ] {
            assert_eq!(Reason::of_rustls(&error), reason, "{error:?}");
        }
    }
}
