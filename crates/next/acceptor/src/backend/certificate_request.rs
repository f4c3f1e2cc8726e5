//! What a configuration asks of client certificates, read from a CertificateRequest of rustls.
//!
//! rustls 0.24 keeps the verifier private. So it is given a ClientHello, and the CertificateRequest
//! in its answer is read. In TLS 1.2 it is in plaintext. In TLS 1.3 a QUIC connection is used, which
//! leaves encryption to its caller. The configuration is a copy with a made-up certificate and key,
//! and without session storage, tickets and key log.

#[path = "../../../../acceptor/src/backend/certificate_request/shown.rs"]
mod shown;

use std::panic::resume_unwind;
use std::sync::Arc;

use lastword_record::{HandshakeHeader, HandshakeType, LengthLimit, ProtocolVersion, Records};
use rustls::crypto::{
    Credentials, Identity, SelectedCredential, SignatureScheme, Signer, SigningKey,
};
use rustls::error::PeerIncompatible;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::quic::QuicEvent;
use rustls::server::{ClientHello, NoServerSessionStorage, ServerConfig, ServerCredentialResolver};
use rustls::{Connection as Rustls, Error, NoKeyLog, ServerSide, SliceInput, quic};

use super::connection::Connection;
use super::drive::Failure;
use super::error::RustlsError;
use super::probe;
use crate::panic::Panic;
use crate::vector::take;

use self::shown::Names;

/// Whether a configuration asks for client certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    No,
    /// It is not known, so it may.
    Maybe,
    Yes(Asked),
}

/// The contents of a CertificateRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The number of signature schemes.
    pub(crate) schemes: usize,
    /// The authorities' names, in DER.
    pub(crate) names: Vec<Box<[u8]>>,
    /// The length of the names in bytes, including the length before each.
    pub(crate) names_len: usize,
}

/// The error for a CertificateRequest that is longer than its length fields allow. With debug
/// assertions rustls panics instead of making it. Without them rustls writes wrong lengths, which are
/// read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    /// The number of names and their length in bytes, if known.
    pub(crate) names: Option<(usize, usize)>,
}

/// An extension of a hello: its type and its data.
type Extension = (u16, Vec<u8>);

const EXTENDED_MASTER_SECRET: Extension = (23, Vec::new());
const QUIC_TRANSPORT_PARAMETERS: Extension = (57, Vec::new());

/// Returns what `config` asks of clients in this version.
pub(crate) fn asked(config: &ServerConfig, version: ProtocolVersion) -> Result<Asking, TooLong> {
    if cfg!(debug_assertions) {
        match shown::names(config) {
            Names::Some(count, len) if len > usize::from(u16::MAX) => {
                let names = Some((count, len));
                return Err(TooLong { names });
            }
            Names::Unknown if version == ProtocolVersion::TLS_1_3 => return Ok(Asking::Maybe),
            Names::None => return Ok(Asking::No),
            Names::Some(..) | Names::Unknown => {}
        }
    }
    Panic::catch(|| ask(config, version)).map_err(|panic| match panic.message() {
        Some(message) if message.contains("len <= 0xffff") => TooLong { names: None },
        _ => resume(&panic),
    })
}

/// Resumes a panic that is not about lengths.
fn resume(panic: &Panic) -> ! {
    match panic.take_payload() {
        Some(payload) => resume_unwind(payload),
        None => unreachable!("a payload is taken once"),
    }
}

fn ask(config: &ServerConfig, version: ProtocolVersion) -> Asking {
    if shown::asks_nobody(config) {
        return Asking::No;
    }
    let schemes = [
        SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureScheme::RSA_PSS_SHA256,
    ];
    let messages = schemes.into_iter().find_map(|scheme| {
        let config = Arc::new(copy(config, scheme));
        let messages = match version {
            ProtocolVersion::TLS_1_3 => flight_tls13(&config),
            _ => flight_tls12(&config),
        };
        // an error means: no cipher suite supports such a key
        messages.ok()
    });
    messages.map_or(Asking::Maybe, |messages| read(&messages, version))
}

/// Returns a copy of `config` without side effects.
fn copy(config: &ServerConfig, scheme: SignatureScheme) -> ServerConfig {
    let certificate = CertificateDer::from(vec![0]);
    let mut copy = config.clone();
    copy.cert_resolver = Arc::new(Resolver(certificate, scheme));
    copy.session_storage = Arc::new(NoServerSessionStorage {});
    copy.ticketer = None;
    copy.key_log = Arc::new(NoKeyLog {});
    copy.alpn_protocols = Vec::new();
    copy.cert_decompressors = Vec::new(); // so that the names are the last extension
    copy.max_early_data_size = 0;
    copy.max_fragment_size = None;
    copy
}

/// Returns the handshake messages that answer a ClientHello of TLS 1.2.
fn flight_tls12(config: &Arc<ServerConfig>) -> Result<Vec<u8>, Error> {
    let hello = hello(config, ProtocolVersion::TLS_1_2, &[EXTENDED_MASTER_SECRET]);
    let mut connection = Connection::new(config).map_err(RustlsError::into_rustls)?;
    match connection.feed_hello(&hello) {
        Ok(()) => {}
        Err(Failure::Rustls(error)) => return Err(error.into_rustls()),
        Err(Failure::Full) => return Err(Error::HandshakeNotComplete),
        Err(Failure::Panicked(panic)) => resume(&panic),
    }
    let records = connection.drain();
    let records = Records::new(&records, LengthLimit::PLAINTEXT);
    Ok(records.flat_map(|record| record.payload.to_vec()).collect())
}

/// Returns the handshake messages that answer a ClientHello of TLS 1.3.
fn flight_tls13(config: &Arc<ServerConfig>) -> Result<Vec<u8>, Error> {
    let mut groups = config.provider().kx_groups.iter();
    let group = groups.next().ok_or(Error::HandshakeNotComplete)?;
    let share = group.start()?.into_single();
    let key_share = [
        &u16::from(share.group()).to_be_bytes()[..],
        &prefixed(share.pub_key()),
    ];
    let key_share = (51, prefixed(&key_share.concat()));
    let extensions = [key_share, QUIC_TRANSPORT_PARAMETERS];
    let mut hello = hello(config, ProtocolVersion::TLS_1_3, &extensions);
    let config = Arc::clone(config);
    let mut connection = Rustls::<ServerSide, _>::new_quic(config, quic::Version::V1, Vec::new())?;
    connection.read_hs(&mut SliceInput::new(&mut hello))?;
    let mut messages = Vec::new();
    for event in connection.events() {
        if let QuicEvent::Message(message) = event {
            messages.extend(message);
        }
    }
    Ok(messages)
}

/// Returns a ClientHello that offers all cipher suites, groups and signature schemes of `config`.
fn hello(config: &ServerConfig, version: ProtocolVersion, extensions: &[Extension]) -> Vec<u8> {
    let provider = config.provider();
    let suites: Vec<u16> = match version {
        ProtocolVersion::TLS_1_3 => {
            let suites = provider.tls13_cipher_suites.iter();
            suites.map(|suite| suite.common.suite.into()).collect()
        }
        _ => {
            let suites = provider.tls12_cipher_suites.iter();
            suites.map(|suite| suite.common.suite.into()).collect()
        }
    };
    let groups = provider.kx_groups.iter();
    let groups = groups.flat_map(|group| u16::from(group.name()).to_be_bytes());
    let mut all = vec![(10, prefixed(&groups.collect::<Vec<_>>()))];
    all.extend_from_slice(extensions);
    probe::hello(version.0, &suites, &all)
}

/// Returns the bytes with a two-byte length before them.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&len.to_be_bytes()[..], bytes].concat()
}

/// Reads the CertificateRequest among these messages, if there is one.
fn read(mut messages: &[u8], version: ProtocolVersion) -> Asking {
    while let Some(header) = messages.first_chunk() {
        let header = HandshakeHeader::from_bytes(*header);
        let Some(message) = take(&mut messages, header.message_len() as usize) else {
            return Asking::Maybe;
        };
        if header.handshake_type == HandshakeType::CERTIFICATE_REQUEST {
            let body = message.get(HandshakeHeader::LEN..).unwrap_or_default();
            let asked = match version {
                ProtocolVersion::TLS_1_3 => read_tls13(body),
                _ => read_tls12(body),
            };
            return asked.map_or(Asking::Maybe, Asking::Yes);
        }
    }
    Asking::Maybe // the verifier may ask another client
}

/// Reads a CertificateRequest of RFC 5246 section 7.4.4. The length before the names may be wrong.
fn read_tls12(mut body: &[u8]) -> Option<Asked> {
    let [types] = *take(&mut body, 1)? else {
        return None;
    };
    take(&mut body, types.into())?;
    let schemes = take_u16(&mut body)?;
    take(&mut body, schemes)?;
    take_u16(&mut body)?;
    Asked::new(schemes, body)
}

/// Reads a CertificateRequest of RFC 8446 section 4.3.2. The lengths of the extensions and the names
/// may be wrong.
fn read_tls13(mut body: &[u8]) -> Option<Asked> {
    let [context] = *take(&mut body, 1)? else {
        return None;
    };
    take(&mut body, context.into())?;
    take(&mut body, 2 + 2 + 2)?; // extensions, signature_algorithms
    let schemes = take_u16(&mut body)?;
    take(&mut body, schemes)?;
    if !body.is_empty() {
        take(&mut body, 2 + 2 + 2)?; // certificate_authorities
    }
    Asked::new(schemes, body)
}

impl Asked {
    /// `schemes`: the length of the schemes in bytes.
    fn new(schemes: usize, mut names: &[u8]) -> Option<Self> {
        let mut asked = Self {
            schemes: schemes / 2,
            names: Vec::new(),
            names_len: names.len(),
        };
        while !names.is_empty() {
            let len = take_u16(&mut names)?;
            asked.names.push(take(&mut names, len)?.into());
        }
        Some(asked)
    }
}

fn take_u16(bytes: &mut &[u8]) -> Option<usize> {
    let number = take(bytes, 2)?.first_chunk()?;
    Some(u16::from_be_bytes(*number).into())
}

/// A key of one scheme, whose signature is a zero. Nothing verifies it.
#[derive(Debug)]
struct Key(SignatureScheme);

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&self.0)
            .then(|| Box::new(Zero(self.0)) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

#[derive(Debug)]
struct Zero(SignatureScheme);

impl Signer for Zero {
    fn sign(self: Box<Self>, _: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(vec![0])
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

/// Returns this certificate with a key of this scheme.
#[derive(Debug)]
struct Resolver(CertificateDer<'static>, SignatureScheme);

impl ServerCredentialResolver for Resolver {
    fn resolve(&self, hello: &ClientHello<'_>) -> Result<SelectedCredential, Error> {
        let identity = Identity::from_cert_chain(vec![self.0.clone()])?;
        let own = Credentials::new_unchecked(Arc::new(identity), Box::new(Key(self.1)));
        let selected = own.signer(hello.signature_schemes());
        selected.ok_or(PeerIncompatible::NoSignatureSchemesInCommon.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 700 names of 92 bytes, each with its length.
    fn names() -> Vec<u8> {
        prefixed(&[7; 92]).repeat(700)
    }

    /// A ServerHello of a byte, and a CertificateRequest with this body.
    fn messages(body: &[u8]) -> Vec<u8> {
        let [_, length @ ..] = (body.len() as u32).to_be_bytes();
        [&[2, 0, 0, 1, 9][..], &[13], &length, body].concat()
    }

    #[test]
    fn names_are_counted_whatever_the_lengths_before_them_say() {
        let asked = Asked {
            schemes: 2,
            names: vec![vec![7; 92].into(); 700],
            names_len: 65_800,
        };
        let schemes = [0, 4, 4, 3, 5, 3];
        let tls12 = [&[2, 1, 64][..], &schemes, &[1, 8], &names()].concat();
        assert_eq!(
            read(&messages(&tls12), ProtocolVersion::TLS_1_2),
            Asking::Yes(asked.clone())
        );
        let before = [
            &[0, 1, 24, 0, 13, 0, 6][..],
            &schemes,
            &[0, 47, 1, 10, 1, 8],
        ]
        .concat();
        let tls13 = [&before[..], &names()].concat();
        assert_eq!(
            read(&messages(&tls13), ProtocolVersion::TLS_1_3),
            Asking::Yes(asked)
        );
    }

    #[test]
    fn nothing_is_asked_without_a_certificate_request() {
        for version in [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3] {
            assert_eq!(read(&[2, 0, 0, 1, 9, 14, 0, 0, 0], version), Asking::Maybe);
            assert_eq!(read(&messages(&[2, 1]), version), Asking::Maybe);
        }
    }
}
