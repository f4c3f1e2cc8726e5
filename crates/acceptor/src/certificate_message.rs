//! Keeps the client's Certificate message, so that an error can name a certificate.

use lastword_record::{HandshakeHeader, HandshakeType, Joined, Joiner, ProtocolVersion};

use crate::backend::CertificateDer;
use crate::vector::take_vector;

/// The client's Certificate message (RFC 8446 section 4.4.2, RFC 5246 section 7.4.6), which is its
/// first handshake message after the ServerHello. Other messages are not kept.
#[derive(Debug, Default)]
pub(crate) enum CertificateMessage {
    /// No handshake message has arrived.
    #[default]
    Expected,
    Arriving(Box<(Joiner, Vec<u8>)>),
    Complete(Box<(Box<[u8]>, After)>),
    /// The first message is another one.
    None,
}

/// The messages after it, to the client's CertificateVerify (RFC 8446 section 4.4.3).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct After {
    joiner: Joiner,
    /// Whether another record has begun. rustls processes a record after the one before it.
    is_later_record: bool,
    is_verified: bool,
}

impl After {
    fn receive(&mut self, mut fragment: &[u8]) {
        while !(self.is_verified || fragment.is_empty()) {
            let Joined::Complete { unused } = self.joiner.receive(fragment) else {
                return;
            };
            let handshake_type = self.joiner.handshake_type();
            self.is_verified = handshake_type == Some(HandshakeType::CERTIFICATE_VERIFY);
            self.joiner = Joiner::default();
            fragment = fragment.get(fragment.len() - unused..).unwrap_or_default();
        }
    }
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

impl CertificateMessage {
    /// Takes the next payload of the client's handshake records, or a part of one. `begins`: whether it
    /// is the first part.
    #[inline]
    pub(crate) fn receive(&mut self, fragment: &[u8], begins: bool) {
        if let Self::Complete(complete) = self {
            let (_, after) = &mut **complete;
            after.is_later_record |= begins;
            after.receive(fragment);
            return;
        }
        let is_open = matches!(self, Self::Expected | Self::Arriving(_));
        if is_open && !fragment.is_empty() {
            self.join(fragment);
        }
    }

    fn join(&mut self, fragment: &[u8]) {
        let (mut joiner, mut message) = match std::mem::replace(self, Self::None) {
            Self::Arriving(arriving) => *arriving,
            _ => <(Joiner, Vec<u8>)>::default(),
        };
        let joined = joiner.receive(fragment);
        if joiner.handshake_type() != Some(HandshakeType::CERTIFICATE) {
            return;
        }
        *self = match joined {
            Joined::NeedsInput(_) => {
                // at most a quarter more than has arrived
                message.reserve_exact(fragment.len().max(message.len() / 4));
                message.extend(fragment);
                Self::Arriving(Box::new((joiner, message)))
            }
            Joined::Complete { unused } => {
                let (own, others) = fragment.split_at(fragment.len() - unused);
                message.extend(own);
                let mut after = After::default();
                after.receive(others);
                Self::Complete(Box::new((message.into(), after)))
            }
        };
    }

    /// Returns what an error about the certificates is about.
    pub(crate) const fn proof(&self) -> Proof {
        match self {
            Self::Complete(complete) if !complete.1.is_verified => Proof::Chain,
            Self::Complete(complete) if complete.1.is_later_record => Proof::Signature,
            _ => Proof::Unknown,
        }
    }

    /// Returns the certificates, the client's own first; none if the message is incomplete or
    /// malformed.
    pub(crate) fn certificates(&self, version: ProtocolVersion) -> Vec<CertificateDer<'static>> {
        match self {
            Self::Complete(complete) => parse(&complete.0, version).unwrap_or_default(),
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
        let mut message = CertificateMessage::default();
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
    fn finds_nothing_in_another_message_or_a_malformed_one() {
        for most in 1..=FINISHED.len() {
            let flight = [FINISHED, TLS13].concat();
            assert!(certificates(&flight, most, ProtocolVersion::TLS_1_3).is_empty());
        }
        assert!(certificates(TLS12, 99, ProtocolVersion::TLS_1_3).is_empty());
        assert!(certificates(b"\x0b\0\0\x00", 99, ProtocolVersion::TLS_1_2).is_empty());
    }
}
