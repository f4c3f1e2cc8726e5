//! Which of a client's records, once its ClientHello is answered, rustls gets to see.
//!
//! rustls 0.23 answers some records with another alert than the RFCs ask for, some with none, and
//! takes a `close_notify` of TLS 1.2 for a warning. What shows in a record header, or in an alert
//! in plaintext, is found here, before rustls is spoilt by it.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, Header, LengthLimit, ProtocolVersion, RecordOverflow};

use crate::backend::connection::{Connection, HandshakeKind};

/// A record that no client may send where it sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// No client may send a record of its type.
    #[error("{0} record after the ClientHello")]
    UnexpectedContentType(ContentType),
    /// It is not encrypted, and must be.
    #[error("{0} record in plaintext after the ServerHello")]
    NotEncrypted(ContentType),
    /// It is a `change_cipher_spec` of another content than the byte 1.
    #[error("malformed change_cipher_spec record")]
    MalformedChangeCipherSpec,
    /// It has no payload and must have one.
    #[error("{0} record without a payload")]
    Empty(ContentType),
    /// It is longer than allowed.
    #[error(transparent)]
    TooLong(RecordOverflow),
    /// It is one `change_cipher_spec` too many: each ClientHello may be followed by one.
    #[error("more than {limit} change_cipher_spec records")]
    TooManyChangeCipherSpecs {
        /// How many there may be.
        limit: u8,
    },
    /// It is one alert too many of those that do not end the connection.
    #[error("more than {limit} warning alerts")]
    TooManyWarnings {
        /// How many there may be.
        limit: u8,
    },
    /// It is one record without a payload too many in a row.
    #[error("more than {limit} application_data records without a payload in a row")]
    TooManyEmpty {
        /// How many there may be.
        limit: u8,
    },
    /// With it the client would have sent more rejected early data than is passed over.
    #[error("more than {limit} bytes of early data, which is rejected")]
    EarlyDataTooLong {
        /// How many bytes are passed over: `max_early_data_size` of the configuration, or 16,384
        /// where that is 0. After the ServerHello at most 18,437, record headers included, which
        /// rustls 0.23 buffers.
        limit: u64,
    },
    /// With it a handshake message would take more than rustls buffers.
    #[error("handshake message of more than {limit} bytes, record headers included")]
    MessageTooLong {
        /// How many bytes it may take: 65,535 in rustls 0.23.
        limit: u64,
    },
    /// With it the client would have sent more than it may in one handshake.
    #[error("handshake of more than {limit} bytes")]
    HandshakeTooLong {
        /// How many bytes it may send: [`Limits::handshake_len`](crate::Limits::handshake_len),
        /// and the early data that the configuration allows, in records of any length.
        limit: u64,
    },
}

impl RecordError {
    /// The alert that the client must be told.
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

/// Why no more of what the client sends goes to rustls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The client closed, in plaintext.
    Closed,
    /// The client sent this.
    Refused(RecordError),
}

/// What of some bytes may go to rustls.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// How many of the bytes may, from the first: to the end of a record at the most, and none
    /// only if a header is cut, or an alert.
    pub(crate) len: usize,
    /// Why none of them may, whatever comes; and how many bytes show it.
    pub(crate) stop: Option<(Stop, usize)>,
}

/// Follows the client's records, header by header.
#[derive(Debug)]
pub(crate) struct Gate {
    version: Version,
    /// The header of the last record that was admitted.
    last: Header,
    /// How many bytes of a payload are still to come.
    left: u16,
    change_cipher_specs: u8,
    warnings: u8,
    /// How many bytes have been announced, and how many may be.
    total: u64,
    limit: u64,
}

/// Which rules hold for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// TLS 1.2, and the client has not switched keys.
    Tls12Plaintext,
    /// The same of a client that resumes, and sends no message before it does.
    Tls12Resuming,
    /// TLS 1.2, and it has.
    Tls12,
    /// TLS 1.3 after the ServerHello.
    Tls13,
}

/// One behind each ClientHello (RFC 8446 appendix D.4), as many as rustls 0.23 takes.
pub(crate) const MOST_CHANGE_CIPHER_SPECS: u8 = 2;

/// As many as rustls 0.23 takes in TLS 1.2.
const MOST_WARNINGS: u8 = 4;

impl Gate {
    /// `change_cipher_specs`: how many have come. `limit`: how many bytes may come.
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
            total: 0,
            limit,
        }
    }

    /// Whether the next byte is the first of a record.
    pub(crate) const fn is_between_records(&self) -> bool {
        self.left == 0
    }

    /// How many bytes of the record that has begun are still to come.
    pub(crate) const fn left(&self) -> u16 {
        self.left
    }

    /// The header of the last record that was admitted.
    pub(crate) const fn last(&self) -> Header {
        self.last
    }

    /// Whether the last record is an encrypted alert of TLS 1.2. rustls returns those that end the
    /// connection as an error, but for `close_notify`, which it takes for a warning before the
    /// handshake is complete.
    pub(crate) fn is_encrypted_alert_of_tls12(&self) -> bool {
        self.version == Version::Tls12 && self.last.content_type == ContentType::ALERT
    }

    /// Looks at the next bytes of the client's, and admits none behind the end of a record: with it
    /// the handshake may be complete. Of those that are not admitted, the caller keeps what stands
    /// in front of the stop, and gives it again with what comes behind it.
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

    /// Admits what is there of a payload, and the bytes in front of it.
    fn admit_payload(&mut self, bytes: &[u8], before: usize) -> Admitted {
        let there = self.left.min(bytes.len().try_into().unwrap_or(u16::MAX));
        self.left -= there;
        let len = before + usize::from(there);
        Admitted { len, stop: None }
    }

    /// An alert in plaintext. Of those that end the connection only `close_notify` is not rustls's
    /// to see: in TLS 1.2 it takes it for a warning.
    fn check_alert(&mut self, alert: &[u8]) -> Option<Stop> {
        let alert = Alert::parse(alert).ok()?;
        if alert.description == AlertDescription::CLOSE_NOTIFY {
            return Some(Stop::Closed);
        }
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
        // RFC 8446 5.1: zero-length fragments, but of application data -> unexpected_message
        if header.length == 0 && content_type != ContentType::APPLICATION_DATA {
            return Err(RecordError::Empty(content_type));
        }
        self.check_handshake(content_type)?;
        let limit = match self.version {
            Version::Tls12Plaintext | Version::Tls12Resuming => LengthLimit::PLAINTEXT,
            // RFC 8446 5.2: longer than 2^14 + 256 -> record_overflow. rustls says it, encrypted,
            // once it has the record: up to the length that it takes
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

    /// A message where no client may send one, which rustls would join with what comes next.
    fn check_handshake(&self, content_type: ContentType) -> Result<(), RecordError> {
        match self.version {
            _ if content_type != ContentType::HANDSHAKE => Ok(()),
            // RFC 8446 5: plaintext where the keys are on -> unexpected_message
            Version::Tls13 => Err(RecordError::NotEncrypted(content_type)),
            // RFC 5246 7.3: the first message is Finished, after change_cipher_spec
            Version::Tls12Resuming => Err(RecordError::UnexpectedContentType(content_type)),
            Version::Tls12Plaintext | Version::Tls12 => Ok(()),
        }
    }

    /// Notes a record that may go to rustls.
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

/// The length in bytes of a record, its header included.
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

    /// What is admitted of the bytes and why no more, all at once and byte by byte.
    fn admit(version: Version, bytes: &[u8]) -> (usize, Option<(Stop, usize)>) {
        let whole = admit_in(version, bytes, usize::MAX);
        assert_eq!(admit_in(version, bytes, 1), whole, "{bytes:?}");
        whole
    }

    /// The same of bytes that come so many at a time.
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
