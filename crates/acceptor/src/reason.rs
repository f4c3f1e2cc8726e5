//! The reasons of failed handshakes.

use std::fmt;

use lastword_hello::Error as Hello;

use crate::error::{Error, ErrorKind};
use crate::gate::RecordError;

/// The reason of a failed handshake, for example for the label of a metric.
///
/// The names are stable. New reasons may be added. The guide [`logs_and_metrics`] of the crate `lastword`
/// says what an operator can change for each.
///
/// [`logs_and_metrics`]: https://docs.rs/lastword/latest/lastword/guides/logs_and_metrics/index.html#the-reasons
///
/// ```
/// use std::collections::BTreeMap;
/// use lastword_acceptor::{Error, Reason};
///
/// fn count(failures: &mut BTreeMap<Reason, u64>, error: &Error) {
///     *failures.entry(error.reason()).or_default() += 1;
/// }
/// # let failed = lastword_acceptor::Handshake::default().receive(&mut &b"SSH-"[..]).unwrap_err();
/// # let mut failures = BTreeMap::new();
/// # count(&mut failures, failed.error());
/// # assert_eq!(failures[&Reason::NotTls], 1);
/// assert_eq!(Reason::NotTls.name(), "not_tls"); // for the label
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// `not_tls`: the client does not speak TLS.
    NotTls,
    /// `unexpected_message`: a record or message that is not allowed at this point.
    UnexpectedMessage,
    /// `too_long`: a record or message over its limit.
    TooLong,
    /// `malformed`: a message that cannot be parsed.
    Malformed,
    /// `version`: no protocol version in common, or an inappropriate fallback.
    Version,
    /// `missing_extension`: an extension that TLS 1.3 requires is missing.
    MissingExtension,
    /// `name`: no certificate for the server name, or none for a client without a server name.
    Name,
    /// `cipher_suite`: no cipher suite in common.
    CipherSuite,
    /// `group`: no key exchange group in common.
    Group,
    /// `signature_scheme`: no signature scheme in common.
    SignatureScheme,
    /// `application_protocol`: no application protocol in common.
    ApplicationProtocol,
    /// `incompatible`: the client and the server are incompatible for another reason.
    Incompatible,
    /// `misbehaved`: the client broke the protocol.
    Misbehaved,
    /// `decrypt`: a record or a Finished that does not verify.
    Decrypt,
    /// `client_certificate`: a client certificate that is missing or not acceptable.
    ClientCertificate,
    /// `rejected`: the application refused the client.
    Rejected,
    /// `peer_alert`: the client ended the handshake with an alert.
    PeerAlert,
    /// `closed`: the client closed the connection.
    Closed,
    /// `stream_failed`: the stream failed because of a transport error.
    StreamFailed,
    /// `timed_out`: the timeout of the handshake passed.
    TimedOut,
    /// `aborted`: the server aborted the handshake.
    Aborted,
    /// `internal`: an error of the server.
    Internal,
}

impl Reason {
    /// Returns a short stable name, in snake case.
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
            Self::TimedOut => "timed_out",
            Self::Aborted => "aborted",
            Self::Internal => "internal",
        }
    }

    pub(crate) fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::Hello(error) => Self::of_hello(error),
            ErrorKind::NoVersionInCommon | ErrorKind::InappropriateFallback => Self::Version,
            ErrorKind::NoCipherSuiteInCommon(_) | ErrorKind::NoCipherSuiteForCertificate => {
                Self::CipherSuite
            }
            ErrorKind::NoGroupInCommon => Self::Group,
            ErrorKind::NoSignatureSchemeInCommon => Self::SignatureScheme,
            ErrorKind::NoApplicationProtocol => Self::ApplicationProtocol,
            ErrorKind::Incompatible => Self::Incompatible,
            ErrorKind::NoCertificate => Self::Name,
            ErrorKind::MissingExtension(_) => Self::MissingExtension,
            ErrorKind::KeyShareNotOffered(_)
            | ErrorKind::HelloDiffers(_)
            | ErrorKind::MoreThanOneKeyShare
            | ErrorKind::Misbehaved => Self::Misbehaved,
            ErrorKind::TooLong
            | ErrorKind::Record(
                RecordError::TooLong(_)
                | RecordError::HandshakeTooLong { .. }
                | RecordError::EarlyDataTooLong { .. }
                | RecordError::MessageTooLong { .. },
            ) => Self::TooLong,
            ErrorKind::Record(_) | ErrorKind::UnexpectedMessage => Self::UnexpectedMessage,
            ErrorKind::Malformed => Self::Malformed,
            ErrorKind::Decrypt => Self::Decrypt,
            ErrorKind::NoClientCertificate | ErrorKind::BadClientCertificate => {
                Self::ClientCertificate
            }
            ErrorKind::Rejected(_) => Self::Rejected,
            ErrorKind::Config(_)
            | ErrorKind::PassedThrough
            | ErrorKind::Panicked(_)
            | ErrorKind::Internal => Self::Internal,
            ErrorKind::PeerAlert(_) => Self::PeerAlert,
            ErrorKind::Closed(_) => Self::Closed,
            ErrorKind::StreamFailed => Self::StreamFailed,
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::Aborted => Self::Aborted,
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
}

impl Error {
    /// Returns the reason of the failure, for example for the label of a metric.
    #[must_use]
    pub fn reason(&self) -> Reason {
        Reason::of(self.kind())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use lastword_alert::{Alert, AlertDescription, ParseError};
    use lastword_hello::{ExtensionType, Field, NamedGroup};
    use lastword_record::{self as record, Guess, LengthLimit, ProtocolVersion, RecordOverflow};

    use super::*;
    use crate::{CloseKind, ConfigError, Panic, Rejection};

    const OVERFLOW: RecordOverflow = RecordOverflow {
        length: 0x4001,
        limit: LengthLimit::PLAINTEXT,
    };

    fn assert_reasons(kinds: Vec<(ErrorKind, Reason)>) {
        for (kind, reason) in kinds {
            assert_eq!(Reason::of(&kind), reason, "{kind:?}");
        }
    }

    #[test]
    fn puts_what_is_found_here_under_a_reason() {
        let hello = ErrorKind::Hello(Hello::EmptyRecord);
        let no_suite = ErrorKind::NoCipherSuiteInCommon(ProtocolVersion::TLS_1_3);
        let missing = ErrorKind::MissingExtension(ExtensionType::KEY_SHARE);
        let not_offered = ErrorKind::KeyShareNotOffered(NamedGroup(29));
        let rejected = ErrorKind::Rejected(Rejection::unrecognized_name());
        let panic = Panic::catch(|| resume_unwind(Box::new("a planted panic"))).unwrap_err();
        assert_reasons(vec![
            (hello, Reason::UnexpectedMessage),
            (ErrorKind::NoVersionInCommon, Reason::Version),
            (ErrorKind::InappropriateFallback, Reason::Version),
            (no_suite, Reason::CipherSuite),
            (missing, Reason::MissingExtension),
            (not_offered, Reason::Misbehaved),
            (ErrorKind::HelloDiffers(Field::Random), Reason::Misbehaved),
            (ErrorKind::MoreThanOneKeyShare, Reason::Misbehaved),
            (
                ErrorKind::NoApplicationProtocol,
                Reason::ApplicationProtocol,
            ),
            (rejected, Reason::Rejected),
            (ErrorKind::Panicked(panic), Reason::Internal),
            (ErrorKind::Config(ConfigError::NoVersion), Reason::Internal),
        ]);
    }

    #[test]
    fn puts_what_rustls_finds_under_a_reason() {
        assert_reasons(vec![
            (ErrorKind::NoCipherSuiteForCertificate, Reason::CipherSuite),
            (ErrorKind::NoGroupInCommon, Reason::Group),
            (
                ErrorKind::NoSignatureSchemeInCommon,
                Reason::SignatureScheme,
            ),
            (ErrorKind::Incompatible, Reason::Incompatible),
            (ErrorKind::NoCertificate, Reason::Name),
            (ErrorKind::Misbehaved, Reason::Misbehaved),
            (ErrorKind::TooLong, Reason::TooLong),
            (ErrorKind::Malformed, Reason::Malformed),
            (ErrorKind::UnexpectedMessage, Reason::UnexpectedMessage),
            (ErrorKind::Decrypt, Reason::Decrypt),
            (ErrorKind::NoClientCertificate, Reason::ClientCertificate),
            (ErrorKind::BadClientCertificate, Reason::ClientCertificate),
            (ErrorKind::Internal, Reason::Internal),
        ]);
    }

    #[test]
    fn puts_a_record_under_a_reason() {
        for (error, reason) in [
            (RecordError::TooLong(OVERFLOW), Reason::TooLong),
            (RecordError::HandshakeTooLong { limit: 1 }, Reason::TooLong),
            (RecordError::EarlyDataTooLong { limit: 1 }, Reason::TooLong),
            (RecordError::MessageTooLong { limit: 1 }, Reason::TooLong),
            (
                RecordError::Empty(record::ContentType::HANDSHAKE),
                Reason::UnexpectedMessage,
            ),
        ] {
            assert_reasons(vec![(ErrorKind::Record(error), reason)]);
        }
    }

    #[test]
    fn puts_every_end_under_a_reason() {
        let alert = Alert::new(AlertDescription::UNKNOWN_CA);
        assert_reasons(vec![
            (ErrorKind::PeerAlert(alert), Reason::PeerAlert),
            (ErrorKind::Closed(CloseKind::Reset), Reason::Closed),
            (ErrorKind::StreamFailed, Reason::StreamFailed),
            (ErrorKind::TimedOut, Reason::TimedOut),
            (ErrorKind::Aborted, Reason::Aborted),
        ]);
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
}
