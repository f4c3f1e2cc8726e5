//! Follows the client's handshake messages after the ServerHello, so that an error can name the message,
//! or the certificate in it.

use lastword_record::{HandshakeHeader, HandshakeType, Joined, Joiner, ProtocolVersion};

use crate::backend::CertificateDer;
use crate::vector::take_vector;

/// The client's handshake messages after the ServerHello. Of these its Certificate (RFC 8446 section
/// 4.4.2, RFC 5246 section 7.4.6) is kept if it is the first one.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    /// The message that has begun.
    joiner: Joiner,
    complete: Complete,
    /// Whether the first message has begun.
    has_begun: bool,
    certificate: Option<Box<Certificate>>,
}

/// The messages that are complete in the current record.
#[derive(Clone, Copy, Debug, Default)]
enum Complete {
    #[default]
    None,
    One(HandshakeType),
    Several,
}

/// The client's Certificate message.
#[derive(Debug, Default)]
struct Certificate {
    message: Vec<u8>,
    is_complete: bool,
    /// Whether another record has begun after it. rustls processes a record after the one before it.
    is_before_record: bool,
    /// Whether CertificateVerify has arrived (RFC 8446 section 4.4.3).
    is_verified: bool,
}

/// What an error about the client's certificates is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The certificates.
    Chain,
    /// The client's signature in CertificateVerify. The certificates are accepted.
    Signature,
    /// It is not known which of the two.
    Unknown,
}

impl Messages {
    /// Takes the next payload of the client's handshake records, or a part of one. `begins`: whether it
    /// is the first part.
    pub(crate) fn receive(&mut self, mut fragment: &[u8], begins: bool) {
        if begins {
            self.complete = Complete::None;
            if let Some(certificate) = self.certificate.as_deref_mut() {
                certificate.is_before_record |= certificate.is_complete;
            }
        }
        while !fragment.is_empty() {
            let (unused, is_complete) = match self.joiner.receive(fragment) {
                Joined::NeedsInput(_) => (0, false),
                Joined::Complete { unused } => (unused, true),
            };
            let (own, rest) = fragment.split_at(fragment.len() - unused);
            fragment = rest;
            let Some(handshake_type) = self.joiner.handshake_type() else {
                return;
            };
            self.keep(handshake_type, own, is_complete);
            if is_complete {
                self.joiner = Joiner::default();
                self.complete = match self.complete {
                    Complete::None => Complete::One(handshake_type),
                    Complete::One(_) | Complete::Several => Complete::Several,
                };
            }
        }
    }

    /// Returns the message that an error in the current record is about; `None` if it is not known.
    pub(crate) fn current(&self) -> Option<HandshakeType> {
        match self.complete {
            Complete::None => self.joiner.handshake_type(),
            Complete::One(handshake_type) => Some(handshake_type),
            Complete::Several => None,
        }
    }

    /// Keeps a part of a message that is needed later.
    fn keep(&mut self, handshake_type: HandshakeType, part: &[u8], is_last: bool) {
        if !self.has_begun && handshake_type == HandshakeType::CERTIFICATE {
            self.certificate = Some(Box::default());
        }
        self.has_begun = true;
        match self.certificate.as_deref_mut() {
            Some(certificate) if !certificate.is_complete => {
                // at most a quarter more than has arrived
                let message = &mut certificate.message;
                message.reserve_exact(part.len().max(message.len() / 4));
                message.extend(part);
                certificate.is_complete = is_last;
            }
            Some(certificate) if handshake_type == HandshakeType::CERTIFICATE_VERIFY => {
                certificate.is_verified |= is_last;
            }
            _ => {}
        }
    }

    /// Returns what an error about the certificates is about.
    pub(crate) fn proof(&self) -> Proof {
        match self.certificate.as_deref() {
            Some(certificate) if !certificate.is_complete => Proof::Unknown,
            Some(certificate) if !certificate.is_verified => Proof::Chain,
            Some(certificate) if certificate.is_before_record => Proof::Signature,
            _ => Proof::Unknown,
        }
    }

    /// Returns the certificates, the client's own first; none if the message is incomplete or
    /// malformed.
    pub(crate) fn certificates(&self, version: ProtocolVersion) -> Vec<CertificateDer<'static>> {
        match self.certificate.as_deref() {
            Some(certificate) if certificate.is_complete => {
                parse(&certificate.message, version).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

/// The most certificates that are kept. rustls-webpki 0.103 accepts chains of at most eight.
pub(crate) const MOST: usize = 16;

fn parse(message: &[u8], version: ProtocolVersion) -> Option<Vec<CertificateDer<'static>>> {
    let mut body = message.get(HandshakeHeader::LEN..)?;
    let has_extensions = version == ProtocolVersion::TLS_1_3;
    if has_extensions {
        take_vector(&mut body, 1)?; // certificate_request_context
    }
    let mut list = take_vector(&mut body, 3)?;
    let mut certificates = Vec::new();
    while !list.is_empty() && certificates.len() < MOST {
        let certificate = take_vector(&mut list, 3)?;
        certificates.push(CertificateDer::from(certificate).into_owned());
        if has_extensions {
            take_vector(&mut list, 2)?;
        }
    }
    Some(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Certificate, with the certificates "one" and "two".
    const TLS12: &[u8] = b"\x0b\0\0\x0f\0\0\x0c\0\0\x03one\0\0\x03two";
    const TLS13: &[u8] = b"\x0b\0\0\x14\0\0\0\x10\0\0\x03one\0\0\0\0\x03two\0\0";
    const FINISHED: &[u8] = b"\x14\0\0\x02\x0b\0";

    fn certificates(flight: &[u8], most: usize, version: ProtocolVersion) -> Vec<Vec<u8>> {
        let mut message = Messages::default();
        flight
            .chunks(most)
            .for_each(|chunk| message.receive(chunk, false));
        let certificates = message.certificates(version).into_iter();
        certificates
            .map(|certificate| certificate.to_vec())
            .collect()
    }

    #[test]
    fn finds_the_certificates_however_the_message_is_cut() {
        for (message, version) in [
            (TLS12, ProtocolVersion::TLS_1_2),
            (TLS13, ProtocolVersion::TLS_1_3),
        ] {
            let flight = [message, FINISHED].concat();
            for most in 1..=flight.len() {
                let found = certificates(&flight, most, version);
                assert_eq!(found, [b"one", b"two"], "{version} {most}");
            }
            assert!(certificates(&message[..message.len() - 1], 9, version).is_empty());
        }
    }

    #[test]
    fn names_the_message_that_an_error_in_a_record_is_about() {
        let mut messages = Messages::default();
        let mut record = |fragments: &[&[u8]]| {
            for (n, fragment) in fragments.iter().enumerate() {
                messages.receive(fragment, n == 0);
            }
            messages.current()
        };
        let [one, two] = [HandshakeType::CERTIFICATE, HandshakeType::FINISHED].map(Some);
        assert_eq!(record(&[]), None);
        assert_eq!(record(&[TLS12]), one);
        assert_eq!(record(&[FINISHED]), two);
        // one that ends in a later record, and begins a third
        assert_eq!(record(&[&TLS12[..1]]), one);
        assert_eq!(record(&[&TLS12[1..4], &TLS12[4..], &FINISHED[..5]]), one);
        assert_eq!(record(&[&FINISHED[5..], TLS12]), None);
        assert_eq!(record(&[b"\x0b\xff\xff\xff"]), one);
    }

    #[test]
    fn finds_nothing_in_another_message_or_a_malformed_one() {
        for most in 1..=FINISHED.len() {
            let flight = [FINISHED, TLS13].concat();
            assert!(certificates(&flight, most, ProtocolVersion::TLS_1_3).is_empty());
        }
        assert!(certificates(TLS12, 99, ProtocolVersion::TLS_1_3).is_empty());
        assert!(certificates(b"\x0b\0\0\x00", 99, ProtocolVersion::TLS_1_2).is_empty());
    }
}
