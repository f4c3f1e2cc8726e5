//! Decides which of the client's records after the ClientHello are given to rustls.
//!
//! rustls 0.23 answers some records with another alert than the RFCs require, and some with none. It
//! also takes a `close_notify` of TLS 1.2 for a warning. Errors that a record header or a plaintext
//! alert shows are found here, before rustls gets the record.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, Header, LengthLimit, ProtocolVersion, RecordOverflow};

use crate::backend::connection::{Connection, HandshakeKind};

/// The error for a client's record that is refused.
///
/// ```
/// use lastword_acceptor::{AlertDescription, Error, ErrorKind, RecordError};
///
/// /// Returns whether the client sent more than the limits of its handshake allow.
/// fn is_over_limit(error: &Error) -> bool {
///     matches!(
///         error.kind(),
///         ErrorKind::Record(RecordError::HandshakeTooLong { .. } | RecordError::MessageTooLong { .. })
///     )
/// }
/// let error = RecordError::TooManyWarnings { limit: 4 };
/// assert_eq!(error.alert(), AlertDescription::UNEXPECTED_MESSAGE);
/// # let failed = lastword_acceptor::Handshake::default().receive(&mut &b"SSH-"[..]).unwrap_err();
/// # assert!(!is_over_limit(failed.error()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The content type is not allowed for a client.
    #[error("client sent an unexpected {0} record after the ClientHello")]
    UnexpectedContentType(ContentType),
    /// The record is not encrypted and must be.
    #[error("client sent a plaintext {0} record after the ServerHello")]
    NotEncrypted(ContentType),
    /// A `change_cipher_spec` has another content than the byte 1.
    #[error("client sent a malformed change_cipher_spec record")]
    MalformedChangeCipherSpec,
    /// The record has no payload and must have one.
    #[error("client sent a record of {0} without content")]
    Empty(ContentType),
    /// The record is longer than allowed.
    #[error(
        "client sent a record of {} bytes, and at most {} are allowed",
        .0.length, .0.limit.0
    )]
    TooLong(RecordOverflow),
    /// There are too many `change_cipher_spec` records. Only one may follow each ClientHello.
    #[error("client sent more than {limit} change_cipher_spec records")]
    TooManyChangeCipherSpecs {
        /// How many there may be.
        limit: u8,
    },
    /// There are too many alerts that do not end the connection.
    #[error("client sent more than {limit} warning alerts")]
    TooManyWarnings {
        /// How many there may be.
        limit: u8,
    },
    /// There are too many records without a payload in a row.
    #[error("client sent more than {limit} records without content in a row")]
    TooManyEmpty {
        /// How many there may be.
        limit: u8,
    },
    /// The client sends more rejected early data than is skipped.
    #[error("client sent more than {limit} bytes of early data, which this server rejected")]
    EarlyDataTooLong {
        /// How many bytes are skipped: `max_early_data_size` of the configuration, or 16,384 if that
        /// is 0. After the ServerHello it is at most 18,437 bytes including record headers, the size
        /// of rustls 0.23's buffer.
        limit: u64,
    },
    /// A handshake message is longer than rustls's buffer.
    #[error("client sent a handshake message of more than {limit} bytes, record headers included")]
    MessageTooLong {
        /// The size of the buffer in bytes: 65,535 in rustls 0.23.
        limit: u64,
    },
    /// The client sends more than is allowed in one handshake.
    #[error("client sent more than {limit} bytes in one handshake")]
    HandshakeTooLong {
        /// How many bytes are allowed: [`Limits::handshake_len`](crate::Limits::handshake_len) and
        /// the early data that the configuration allows, in records of any length.
        limit: u64,
    },
}

impl RecordError {
    /// Returns the alert for the client.
    #[must_use]
    pub const fn alert(self) -> AlertDescription {
        match self {
            Self::TooLong(_) => AlertDescription::RECORD_OVERFLOW,
            Self::HandshakeTooLong { .. } | Self::MessageTooLong { .. } => {
                AlertDescription::DECODE_ERROR
            }
            Self::UnexpectedContentType(_)
            | Self::NotEncrypted(_)
            | Self::MalformedChangeCipherSpec
            | Self::Empty(_)
            | Self::TooManyEmpty { .. }
            | Self::EarlyDataTooLong { .. }
            | Self::TooManyChangeCipherSpecs { .. }
            | Self::TooManyWarnings { .. } => AlertDescription::UNEXPECTED_MESSAGE,
        }
    }
}

/// Why rustls gets no more of the client's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The client closed, in plaintext.
    Closed,
    /// The client sent a record that is refused.
    Refused(RecordError),
}

/// How many of some bytes rustls gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// How many of the first bytes rustls gets: at most to the end of a record. It is 0 only if a
    /// header or an alert is incomplete.
    pub(crate) len: usize,
    /// Why rustls gets none of the following bytes, and how many bytes show it.
    pub(crate) stop: Option<(Stop, usize)>,
}

/// Follows the client's records, header by header.
#[derive(Debug)]
pub(crate) struct Gate {
    version: Version,
    /// The header of the last record that was admitted.
    last: Header,
    /// The number of payload bytes still to come.
    left: u16,
    change_cipher_specs: u8,
    warnings: u8,
    warning: Option<AlertDescription>,
    /// The number of bytes announced by headers, and the limit for it.
    total: u64,
    limit: u64,
}

/// The rules that apply to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// TLS 1.2 before the client's change_cipher_spec.
    Tls12Plaintext,
    /// The same in a resumption, where the client sends no message before it.
    Tls12Resuming,
    /// TLS 1.2 after the client's change_cipher_spec.
    Tls12,
    /// TLS 1.3 after the ServerHello.
    Tls13,
}

/// One after each ClientHello (RFC 8446 appendix D.4), as in rustls 0.23.
pub(crate) const MOST_CHANGE_CIPHER_SPECS: u8 = 2;

/// The limit of rustls 0.23 in TLS 1.2.
const MOST_WARNINGS: u8 = 4;

impl Gate {
    /// `change_cipher_specs`: how many were received. `limit`: how many bytes may be received.
    pub(crate) fn new(connection: &Connection, change_cipher_specs: u8, limit: u64) -> Self {
        let version = match (connection.protocol_version(), connection.handshake_kind()) {
            (Some(ProtocolVersion::TLS_1_2), Some(HandshakeKind::Resumed)) => {
                Version::Tls12Resuming
            }
            (Some(ProtocolVersion::TLS_1_2), _) => Version::Tls12Plaintext,
            _ => Version::Tls13,
        };
        Self::of(version, change_cipher_specs, limit)
    }

    const fn of(version: Version, change_cipher_specs: u8, limit: u64) -> Self {
        Self {
            version,
            last: Header::from_bytes([0; Header::LEN]),
            left: 0,
            change_cipher_specs,
            warnings: 0,
            warning: None,
            total: 0,
            limit,
        }
    }

    /// Returns whether the next byte is the first of a record.
    pub(crate) const fn is_between_records(&self) -> bool {
        self.left == 0
    }

    /// Returns how many bytes of the current record are still to come.
    pub(crate) const fn left(&self) -> u16 {
        self.left
    }

    /// Returns the header of the last record that was admitted.
    pub(crate) const fn last(&self) -> Header {
        self.last
    }

    /// Returns the last alert. rustls decides whether it ends the connection.
    pub(crate) const fn warning(&self) -> Option<AlertDescription> {
        self.warning
    }

    /// Returns whether the last record is a plaintext handshake record.
    pub(crate) fn is_plaintext_handshake(&self) -> bool {
        self.version == Version::Tls12Plaintext && self.last.content_type == ContentType::HANDSHAKE
    }

    /// Returns whether the last record is an encrypted alert of TLS 1.2. rustls returns an error for
    /// alerts that end the connection, except for `close_notify`, which it takes for a warning during
    /// the handshake.
    pub(crate) fn is_encrypted_alert_of_tls12(&self) -> bool {
        self.version == Version::Tls12 && self.last.content_type == ContentType::ALERT
    }

    /// Checks the next bytes of the client, and admits them at most to the end of a record, because
    /// the handshake may be complete there. The caller keeps bytes that are not admitted before the
    /// stop, and gives them again with the following bytes.
    pub(crate) fn admit(&mut self, bytes: &[u8]) -> Admitted {
        if self.left > 0 {
            return self.admit_payload(bytes, 0);
        }
        let Some((header, payload)) = bytes.split_first_chunk() else {
            return Admitted { len: 0, stop: None };
        };
        let header = Header::from_bytes(*header);
        let stop = match self.check(header) {
            Err(error) => Some((Stop::Refused(error), Header::LEN)),
            Ok(()) if self.is_plaintext_alert(header) => {
                let Some(alert) = payload.get(..Alert::LEN) else {
                    return Admitted { len: 0, stop: None };
                };
                self.check_alert(alert)
                    .map(|stop| (stop, Alert::RECORD_LEN))
            }
            Ok(()) => None,
        };
        if stop.is_some() {
            return Admitted { len: 0, stop };
        }
        self.pass(header);
        self.admit_payload(payload, Header::LEN)
    }

    /// Admits the available bytes of a payload, and the bytes before it.
    fn admit_payload(&mut self, bytes: &[u8], before: usize) -> Admitted {
        let there = self.left.min(bytes.len().try_into().unwrap_or(u16::MAX));
        self.left -= there;
        let len = before + usize::from(there);
        Admitted { len, stop: None }
    }

    /// Checks an alert in plaintext. rustls gets all alerts that end the connection except
    /// `close_notify`, which it takes for a warning in TLS 1.2.
    fn check_alert(&mut self, alert: &[u8]) -> Option<Stop> {
        let alert = Alert::parse(alert).ok()?;
        if alert.description == AlertDescription::CLOSE_NOTIFY {
            return Some(Stop::Closed);
        }
        self.warning = Some(alert.description);
        if !alert.is_final() {
            // CVE-2016-8610: a flood of warnings -> unexpected_message
            let limit = MOST_WARNINGS;
            if self.warnings == limit {
                return Some(Stop::Refused(RecordError::TooManyWarnings { limit }));
            }
            self.warnings += 1;
        }
        None
    }

    fn is_plaintext_alert(&self, header: Header) -> bool {
        self.version != Version::Tls12
            && header.content_type == ContentType::ALERT
            && usize::from(header.length) == Alert::LEN
    }

    fn check(&self, header: Header) -> Result<(), RecordError> {
        let content_type = header.content_type;
        // RFC 8446 5: a record of an unexpected type -> unexpected_message
        if !(ContentType::CHANGE_CIPHER_SPEC..=ContentType::APPLICATION_DATA)
            .contains(&content_type)
        {
            return Err(RecordError::UnexpectedContentType(content_type));
        }
        // RFC 8446 5.1: zero-length fragments, except application data -> unexpected_message
        if header.length == 0 && content_type != ContentType::APPLICATION_DATA {
            return Err(RecordError::Empty(content_type));
        }
        self.check_handshake(content_type)?;
        let limit = match self.version {
            Version::Tls12Plaintext | Version::Tls12Resuming => LengthLimit::PLAINTEXT,
            // RFC 8446 5.2: longer than 2^14 + 256 -> record_overflow. rustls sends it, encrypted,
            // for records up to its own length limit
            Version::Tls12 | Version::Tls13 => LengthLimit::TLS12_CIPHERTEXT,
        };
        header.check_length(limit).map_err(RecordError::TooLong)?;
        let one_more = content_type == ContentType::CHANGE_CIPHER_SPEC;
        if one_more && self.change_cipher_specs == MOST_CHANGE_CIPHER_SPECS {
            let limit = MOST_CHANGE_CIPHER_SPECS;
            return Err(RecordError::TooManyChangeCipherSpecs { limit });
        }
        if self.total + wire_len(header) > self.limit {
            return Err(RecordError::HandshakeTooLong { limit: self.limit });
        }
        Ok(())
    }

    /// Refuses a plaintext message where none is allowed. rustls would join it with the next one.
    fn check_handshake(&self, content_type: ContentType) -> Result<(), RecordError> {
        match self.version {
            _ if content_type != ContentType::HANDSHAKE => Ok(()),
            // RFC 8446 5: plaintext after the keys are in use -> unexpected_message
            Version::Tls13 => Err(RecordError::NotEncrypted(content_type)),
            // RFC 5246 7.3: the first message is Finished, after change_cipher_spec
            Version::Tls12Resuming => Err(RecordError::UnexpectedContentType(content_type)),
            Version::Tls12Plaintext | Version::Tls12 => Ok(()),
        }
    }

    /// Counts a record that rustls gets.
    fn pass(&mut self, header: Header) {
        self.last = header;
        self.left = header.length;
        self.total += wire_len(header);
        if header.content_type == ContentType::CHANGE_CIPHER_SPEC {
            self.change_cipher_specs += 1;
            if self.version != Version::Tls13 {
                self.version = Version::Tls12;
            }
        }
    }
}

/// Returns the length of a record in bytes, including its header.
fn wire_len(header: Header) -> u64 {
    Header::LEN as u64 + u64::from(header.length)
}

#[cfg(test)]
mod tests {
    use super::Version::{Tls12Plaintext, Tls12Resuming, Tls13};
    use super::*;

    const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];
    const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];
    const KEY_EXCHANGE: [u8; 10] = [22, 3, 3, 0, 5, 16, 0, 0, 1, 21];
    const ENCRYPTED: [u8; 10] = [23, 3, 3, 0, 5, 1, 2, 3, 4, 5];

    /// Admits the bytes at once and byte by byte, and checks that the results are the same.
    fn admit(version: Version, bytes: &[u8]) -> (usize, Option<(Stop, usize)>) {
        let whole = admit_in(version, bytes, usize::MAX);
        assert_eq!(admit_in(version, bytes, 1), whole, "{bytes:?}");
        whole
    }

    /// Admits the bytes in pieces of `most` bytes.
    fn admit_in(version: Version, bytes: &[u8], most: usize) -> (usize, Option<(Stop, usize)>) {
        let mut gate = Gate::of(version, 0, 1 << 18);
        let (mut start, mut end) = (0, 0);
        while end < bytes.len() {
            end = bytes.len().min(end.saturating_add(most));
            loop {
                let Admitted { len, stop } = gate.admit(&bytes[start..end]);
                if let Some((stop, shown)) = stop {
                    assert_eq!(len, 0);
                    return (start, Some((stop, start + shown)));
                }
                start += len;
                if len == 0 {
                    break;
                }
            }
        }
        (start, None)
    }

    #[test]
    fn admits_nothing_behind_the_end_of_a_record() {
        let mut gate = Gate::of(Tls12Plaintext, 0, 1 << 18);
        let bytes = [&KEY_EXCHANGE[..], &CHANGE_CIPHER_SPEC].concat();
        for (from, len) in [(0, 10), (10, 6)] {
            assert_eq!(gate.admit(&bytes[from..]), Admitted { len, stop: None });
        }
    }

    #[test]
    fn admits_whole_records_and_payloads_in_parts_but_no_part_of_a_header() {
        let bytes = [
            &KEY_EXCHANGE[..],
            &CHANGE_CIPHER_SPEC,
            &[23, 3, 3, 1, 0, 7, 7],
        ]
        .concat();
        assert_eq!(admit(Tls12Plaintext, &bytes), (bytes.len(), None));
        assert_eq!(admit(Tls12Plaintext, &bytes[..14]), (10, None));
        let bytes = [&ENCRYPTED[..], &CHANGE_CIPHER_SPEC, &bytes[16..]].concat();
        assert_eq!(admit(Tls13, &bytes), (bytes.len(), None));
    }

    #[test]
    fn refuses_a_message_in_plaintext_where_no_client_may_send_one() {
        let error = RecordError::NotEncrypted(ContentType::HANDSHAKE);
        let refused = Some((Stop::Refused(error), 5));
        assert_eq!(admit(Tls13, &KEY_EXCHANGE), (0, refused));
        let error = RecordError::UnexpectedContentType(ContentType::HANDSHAKE);
        let refused = Some((Stop::Refused(error), 5));
        assert_eq!(admit(Tls12Resuming, &KEY_EXCHANGE), (0, refused));
        let bytes = [&CHANGE_CIPHER_SPEC[..], &KEY_EXCHANGE].concat();
        assert_eq!(admit(Tls12Resuming, &bytes), (16, None)); // it is encrypted
    }

    #[test]
    fn sees_a_client_of_tls12_close_until_it_switches_keys() {
        let bytes = [
            &KEY_EXCHANGE[..],
            &[21, 3, 3, 0, 2, 1, 90],
            &CLOSE_NOTIFY,
            &[1, 2],
        ]
        .concat();
        assert_eq!(
            admit(Tls12Plaintext, &bytes),
            (17, Some((Stop::Closed, 24)))
        );
        let later = [&CHANGE_CIPHER_SPEC[..], &CLOSE_NOTIFY].concat();
        assert_eq!(admit(Tls12Plaintext, &later), (13, None));
        assert_eq!(admit(Tls13, &CLOSE_NOTIFY), (0, Some((Stop::Closed, 7))));
    }

    #[test]
    fn refuses_by_the_header_alone() {
        let refused = |error| Some((Stop::Refused(error), 15));
        let overflow = |length, limit| RecordError::TooLong(RecordOverflow { length, limit });
        for (version, header, error) in [
            (
                Tls13,
                [99, 3, 3, 0, 1],
                RecordError::UnexpectedContentType(ContentType(99)),
            ),
            (
                Tls12Plaintext,
                [19, 3, 3, 0, 0],
                RecordError::UnexpectedContentType(ContentType(19)),
            ),
            (
                Tls13,
                [21, 3, 3, 0, 0],
                RecordError::Empty(ContentType::ALERT),
            ),
            (
                Tls12Plaintext,
                [21, 3, 3, 0, 0],
                RecordError::Empty(ContentType::ALERT),
            ),
            (
                Tls13,
                [23, 3, 3, 0x48, 1],
                overflow(0x4801, LengthLimit::TLS12_CIPHERTEXT),
            ),
            (
                Tls12Plaintext,
                [22, 3, 3, 0x40, 1],
                overflow(0x4001, LengthLimit::PLAINTEXT),
            ),
        ] {
            let first = match version {
                Tls13 => ENCRYPTED,
                _ => KEY_EXCHANGE,
            };
            let bytes = [&first[..], &header, &[1]].concat();
            assert_eq!(admit(version, &bytes), (10, refused(error)));
        }
        let bytes = [&CHANGE_CIPHER_SPEC[..], &[23, 3, 3, 0x48, 1]].concat();
        let error = overflow(0x4801, LengthLimit::TLS12_CIPHERTEXT);
        assert_eq!(
            admit(Tls12Plaintext, &bytes),
            (6, Some((Stop::Refused(error), 11)))
        );
    }

    #[test]
    fn allows_the_greatest_lengths_and_empty_application_data() {
        for header in [[23, 3, 3, 0x48, 0], [23, 3, 3, 0, 0]] {
            assert_eq!(admit(Tls13, &header), (5, None));
        }
        assert_eq!(admit(Tls12Plaintext, &[22, 3, 3, 0x40, 0]), (5, None));
    }

    #[test]
    fn allows_four_warnings_and_no_heartbeat() {
        let error = RecordError::TooManyWarnings { limit: 4 };
        let refused = Some((Stop::Refused(error), 35));
        let warning = [21, 3, 3, 0, 2, 1, 90];
        let fatal = [21, 3, 3, 0, 2, 2, 40];
        for version in [Tls12Plaintext, Tls13] {
            assert_eq!(admit(version, &warning.repeat(5)), (28, refused));
            let last = [&warning.repeat(4)[..], &fatal].concat();
            assert_eq!(admit(version, &last), (35, None)); // rustls sees it
            let error = RecordError::UnexpectedContentType(ContentType::HEARTBEAT);
            let refused = Some((Stop::Refused(error), 5));
            assert_eq!(admit(version, &[24, 3, 3, 0, 3]), (0, refused));
        }
    }

    #[test]
    fn looks_into_no_record_that_is_not_of_the_type_and_length_of_an_alert() {
        for bytes in [&[23, 3, 3, 0, 2, 1, 0][..], &[21, 3, 3, 0, 3, 1, 0, 0]] {
            assert_eq!(admit(Tls13, bytes), (bytes.len(), None));
        }
    }

    #[test]
    fn allows_two_change_cipher_specs() {
        let error = RecordError::TooManyChangeCipherSpecs { limit: 2 };
        let refused = Some((Stop::Refused(error), 17));
        assert_eq!(admit(Tls13, &CHANGE_CIPHER_SPEC.repeat(2)), (12, None));
        assert_eq!(admit(Tls13, &CHANGE_CIPHER_SPEC.repeat(3)), (12, refused));
    }

    #[test]
    fn refuses_the_record_that_goes_over_the_limit() {
        let mut gate = Gate::of(Tls12Plaintext, 0, 20);
        for _ in 0..2 {
            let admitted = gate.admit(&KEY_EXCHANGE);
            assert_eq!(
                admitted,
                Admitted {
                    len: 10,
                    stop: None
                }
            );
        }
        let error = RecordError::HandshakeTooLong { limit: 20 };
        let stop = Some((Stop::Refused(error), 5));
        assert_eq!(gate.admit(&KEY_EXCHANGE), Admitted { len: 0, stop });
    }
}
