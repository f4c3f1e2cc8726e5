//! Which of a client's records, once its ClientHello is answered, rustls gets to see.
//!
//! rustls 0.23 answers some records with another alert than the RFCs ask for, some with none, and
//! takes a `close_notify` of TLS 1.2 for a warning. What shows in a record header, or in an alert
//! in plaintext, is found here, before rustls is spoilt by it.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, Header, LengthLimit, RecordOverflow};

/// A record that no client may send where it sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// No client may send a record of its type.
    #[error("{0} record after the ClientHello")]
    UnexpectedContentType(ContentType),
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
    /// With it the client would have sent more than it may in one handshake.
    #[error("handshake of more than {limit} bytes")]
    HandshakeTooLong {
        /// How many bytes it may send: [`Limits::handshake_len`](crate::Limits::handshake_len),
        /// and the early data that the configuration allows.
        limit: u64,
    },
}

impl RecordError {
    /// The alert that the client must be told.
    #[must_use]
    pub const fn alert(self) -> AlertDescription {
        match self {
            Self::TooLong(_) => AlertDescription::RECORD_OVERFLOW,
            Self::HandshakeTooLong { .. } => AlertDescription::DECODE_ERROR,
            Self::UnexpectedContentType(_)
            | Self::Empty(_)
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
    /// How many bytes of a payload are still to come.
    left: usize,
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
    /// TLS 1.2, and it has.
    Tls12,
    Tls13,
}

/// One behind each ClientHello (RFC 8446 appendix D.4), as many as rustls 0.23 takes.
const MOST_CHANGE_CIPHER_SPECS: u8 = 2;

/// As many as rustls 0.23 takes in TLS 1.2.
const MOST_WARNINGS: u8 = 4;

impl Gate {
    pub(crate) const fn new(version: Option<rustls::ProtocolVersion>, limit: u64) -> Self {
        let version = match version {
            Some(rustls::ProtocolVersion::TLSv1_2) => Version::Tls12Plaintext,
            _ => Version::Tls13,
        };
        Self {
            version,
            left: 0,
            change_cipher_specs: 0,
            warnings: 0,
            total: 0,
            limit,
        }
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
        let there = self.left.min(bytes.len());
        self.left -= there;
        let len = before + there;
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
        let limit = match self.version {
            Version::Tls12Plaintext => LengthLimit::PLAINTEXT,
            Version::Tls12 => LengthLimit::TLS12_CIPHERTEXT,
            Version::Tls13 => LengthLimit::TLS13_CIPHERTEXT,
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

    /// Notes a record that may go to rustls.
    fn pass(&mut self, header: Header) {
        self.left = header.length.into();
        self.total += wire_len(header);
        if header.content_type == ContentType::CHANGE_CIPHER_SPEC {
            self.change_cipher_specs += 1;
            if self.version == Version::Tls12Plaintext {
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
    use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};

    use super::*;

    const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];
    const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];
    const KEY_EXCHANGE: [u8; 10] = [22, 3, 3, 0, 5, 16, 0, 0, 1, 21];

    /// What is admitted of the bytes and why no more, all at once and byte by byte.
    fn admit(version: rustls::ProtocolVersion, bytes: &[u8]) -> (usize, Option<(Stop, usize)>) {
        let whole = admit_in(version, bytes, usize::MAX);
        assert_eq!(admit_in(version, bytes, 1), whole, "{bytes:?}");
        whole
    }

    /// The same of bytes that come so many at a time.
    fn admit_in(
        version: rustls::ProtocolVersion,
        bytes: &[u8],
        most: usize,
    ) -> (usize, Option<(Stop, usize)>) {
        let mut gate = Gate::new(Some(version), 1 << 18);
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
        let mut gate = Gate::new(Some(TLSv1_2), 1 << 18);
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
        assert_eq!(admit(TLSv1_2, &bytes), (bytes.len(), None));
        assert_eq!(admit(TLSv1_2, &bytes[..14]), (10, None));
        assert_eq!(admit(TLSv1_3, &bytes), (bytes.len(), None));
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
        assert_eq!(admit(TLSv1_2, &bytes), (17, Some((Stop::Closed, 24))));
        let later = [&CHANGE_CIPHER_SPEC[..], &CLOSE_NOTIFY].concat();
        assert_eq!(admit(TLSv1_2, &later), (13, None));
        assert_eq!(admit(TLSv1_3, &CLOSE_NOTIFY), (0, Some((Stop::Closed, 7))));
    }

    #[test]
    fn refuses_by_the_header_alone() {
        let refused = |error| Some((Stop::Refused(error), 15));
        let overflow = |length, limit| RecordError::TooLong(RecordOverflow { length, limit });
        for (version, header, error) in [
            (
                TLSv1_3,
                [99, 3, 3, 0, 1],
                RecordError::UnexpectedContentType(ContentType(99)),
            ),
            (
                TLSv1_2,
                [19, 3, 3, 0, 0],
                RecordError::UnexpectedContentType(ContentType(19)),
            ),
            (
                TLSv1_3,
                [22, 3, 3, 0, 0],
                RecordError::Empty(ContentType::HANDSHAKE),
            ),
            (
                TLSv1_2,
                [21, 3, 3, 0, 0],
                RecordError::Empty(ContentType::ALERT),
            ),
            (
                TLSv1_3,
                [23, 3, 3, 0x41, 1],
                overflow(0x4101, LengthLimit::TLS13_CIPHERTEXT),
            ),
            (
                TLSv1_2,
                [22, 3, 3, 0x40, 1],
                overflow(0x4001, LengthLimit::PLAINTEXT),
            ),
        ] {
            let bytes = [&KEY_EXCHANGE[..], &header, &[1]].concat();
            assert_eq!(admit(version, &bytes), (10, refused(error)));
        }
        let bytes = [&CHANGE_CIPHER_SPEC[..], &[23, 3, 3, 0x48, 1]].concat();
        let error = overflow(0x4801, LengthLimit::TLS12_CIPHERTEXT);
        assert_eq!(
            admit(TLSv1_2, &bytes),
            (6, Some((Stop::Refused(error), 11)))
        );
    }

    #[test]
    fn allows_the_greatest_lengths_and_empty_application_data() {
        for header in [[23, 3, 3, 0x41, 0], [23, 3, 3, 0, 0]] {
            assert_eq!(admit(TLSv1_3, &header), (5, None));
        }
        assert_eq!(admit(TLSv1_2, &[22, 3, 3, 0x40, 0]), (5, None));
    }

    #[test]
    fn allows_four_warnings_and_no_heartbeat() {
        let error = RecordError::TooManyWarnings { limit: 4 };
        let refused = Some((Stop::Refused(error), 35));
        let warning = [21, 3, 3, 0, 2, 1, 90];
        let fatal = [21, 3, 3, 0, 2, 2, 40];
        for version in [TLSv1_2, TLSv1_3] {
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
            assert_eq!(admit(TLSv1_3, bytes), (bytes.len(), None));
        }
    }

    #[test]
    fn allows_two_change_cipher_specs() {
        let error = RecordError::TooManyChangeCipherSpecs { limit: 2 };
        let refused = Some((Stop::Refused(error), 17));
        assert_eq!(admit(TLSv1_3, &CHANGE_CIPHER_SPEC.repeat(2)), (12, None));
        assert_eq!(admit(TLSv1_3, &CHANGE_CIPHER_SPEC.repeat(3)), (12, refused));
    }

    #[test]
    fn refuses_the_record_that_goes_over_the_limit() {
        let mut gate = Gate::new(Some(TLSv1_3), 20);
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
