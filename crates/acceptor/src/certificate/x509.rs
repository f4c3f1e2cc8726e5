//! The names, dates and key of a certificate.

use std::fmt::{self, Formatter};
use std::time::{Duration, SystemTime};

use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner, Version};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, NameConstraints, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::Certificate;
use crate::text::Short;

/// A parsed certificate. RFC 5280 forbids some serial numbers, which certificates have anyway.
pub(super) type Parsed = CertificateInner<Raw>;

/// The purpose of clients (RFC 5280 section 4.2.1.12).
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// The extensions that rustls-webpki 0.103 knows.
const KNOWN_EXTENSIONS: &[ObjectIdentifier] = &[
    ObjectIdentifier::new_unwrap("2.5.29.15"), // keyUsage
    ObjectIdentifier::new_unwrap("2.5.29.17"), // subjectAltName
    ObjectIdentifier::new_unwrap("2.5.29.19"), // basicConstraints
    ObjectIdentifier::new_unwrap("2.5.29.30"), // nameConstraints
    ObjectIdentifier::new_unwrap("2.5.29.31"), // cRLDistributionPoints
    ObjectIdentifier::new_unwrap("2.5.29.37"), // extKeyUsage
];

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The keys of RFC 5480, RFC 8410 and RFC 9881, by their algorithm or curve.
#[rustfmt::skip]
const KEYS: &[(ObjectIdentifier, &str)] = &[
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),     "ECDSA P-256"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"),            "ECDSA secp256k1"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"),            "ECDSA P-384"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"),            "ECDSA P-521"),
    (ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"),       "DSA"),
    (ObjectIdentifier::new_unwrap("1.3.101.112"),             "Ed25519"),
    (ObjectIdentifier::new_unwrap("1.3.101.113"),             "Ed448"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), "ML-DSA-44"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"), "ML-DSA-65"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"), "ML-DSA-87"),
];

pub(super) fn parse(der: &[u8]) -> Option<Box<Parsed>> {
    Parsed::from_der(der).ok().map(Box::new)
}

/// Returns a distinguished name as a string of RFC 4514; `None` if it cannot be parsed.
pub(crate) fn distinguished_name(der: &[u8]) -> Option<String> {
    Some(Name::from_der(der).ok()?.to_string())
}

/// These methods need the feature `x509`, which is on by default.
///
/// ```
/// use lastword_acceptor::Certificate;
///
/// # let made = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap();
/// # let der = made.cert.der();
/// let certificate = Certificate::new(der); // from `Connection::peer_certificates`
/// assert_eq!(certificate.subject().as_deref(), Some("CN=rcgen self signed cert"));
/// assert_eq!(certificate.issuer(), certificate.subject());
/// assert_eq!(certificate.key().as_deref(), Some("ECDSA P-256"));
/// assert!(certificate.not_before() < certificate.not_after());
/// assert!(certificate.serial().is_some());
/// ```
impl Certificate<'_> {
    /// Returns the subject's name as a string of RFC 4514, for example `CN=alice,O=example`.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        Some(self.tbs()?.subject().to_string())
    }

    /// Returns the issuer's name as a string of RFC 4514.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        Some(self.tbs()?.issuer().to_string())
    }

    /// Returns the serial number in hexadecimal, for example `0a1b`.
    #[must_use]
    pub fn serial(&self) -> Option<String> {
        let serial = match self.tbs()?.serial_number().as_bytes() {
            // DER has a zero before a positive number that begins with a one bit
            [0, rest @ ..] if !rest.is_empty() => rest,
            serial => serial,
        };
        Some(serial.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the type and size of the key, for example `ECDSA P-256` or `RSA 2048`. The object
    /// identifier stands for an unknown type.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let key = self.tbs()?.subject_public_key_info();
        let algorithm = key.algorithm.oid;
        if algorithm == RSA {
            let bits = modulus_bits(key.subject_public_key.raw_bytes())?;
            return Some(format!("RSA {bits}"));
        }
        let curve = key.algorithm.parameters.as_ref();
        let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
        let known = |oid| KEYS.iter().find(|(known, _)| *known == oid);
        Some(match (curve.and_then(known), known(algorithm)) {
            (Some((_, name)), _) | (None, Some((_, name))) => (*name).into(),
            (None, None) => format!("key OID {}", curve.unwrap_or(algorithm)),
        })
    }

    /// Returns since when it is valid.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(self.not_before_secs()?))
    }

    /// Returns until when it is valid.
    #[must_use]
    pub fn not_after(&self) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(self.not_after_secs()?))
    }

    /// Returns the start of its validity, in seconds since 1970.
    pub(crate) fn not_before_secs(&self) -> Option<u64> {
        Some(
            self.tbs()?
                .validity()
                .not_before
                .to_unix_duration()
                .as_secs(),
        )
    }

    /// Returns the end of its validity, in seconds since 1970.
    pub(crate) fn not_after_secs(&self) -> Option<u64> {
        Some(
            self.tbs()?
                .validity()
                .not_after
                .to_unix_duration()
                .as_secs(),
        )
    }

    /// Returns whether it is signed with this algorithm. `algorithm` is the content of an
    /// `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2) in DER, which begins with the object
    /// identifier.
    pub(crate) fn is_signed_with(&self, algorithm: &[u8]) -> bool {
        let own = self.parsed.as_ref();
        let own = own.and_then(|own| own.signature_algorithm().oid.to_der().ok());
        own.is_some_and(|own| algorithm.starts_with(&own))
    }

    /// Returns whether this certificate's subject is the issuer of the other one.
    pub(crate) fn may_have_issued(&self, other: &Self) -> bool {
        match (self.tbs(), other.tbs()) {
            (Some(issuer), Some(issued)) => issuer.subject() == issued.issuer(),
            _ => false,
        }
    }

    /// Returns whether it can be parsed.
    pub(crate) const fn is_parsed(&self) -> bool {
        self.parsed.is_some()
    }

    /// Returns whether it is of version 3, as RFC 5280 section 4.1.2.1 requires.
    pub(crate) fn is_v3(&self) -> bool {
        self.tbs().is_some_and(|tbs| tbs.version() == Version::V3)
    }

    /// Returns whether it may issue others (RFC 5280 section 4.2.1.9).
    pub(crate) fn is_authority(&self) -> bool {
        let extension = self
            .tbs()
            .map(TbsCertificateInner::get_extension::<BasicConstraints>);
        matches!(extension, Some(Ok(Some((_, constraints)))) if constraints.ca)
    }

    /// Returns how many other authorities may be below this one (RFC 5280 section 4.2.1.9), if it says so.
    pub(crate) fn path_length(&self) -> Option<usize> {
        let extension = self.tbs()?.get_extension::<BasicConstraints>();
        let (_, constraints) = extension.ok()??;
        constraints.path_len_constraint.map(Into::into)
    }

    /// Returns which names below it it constrains (RFC 5280 section 4.2.1.10), if any.
    pub(crate) fn name_constraints(&self) -> Option<Constraints> {
        let constraints = match self.tbs()?.get_extension::<NameConstraints>() {
            Ok(constraints) => constraints?.1,
            Err(_) => return Some(Constraints::OfSubjects), // which of them is not known
        };
        let (permitted, excluded) = (
            constraints.permitted_subtrees,
            constraints.excluded_subtrees,
        );
        let mut subtrees = permitted.into_iter().chain(excluded).flatten();
        let is_of_subject = |name| matches!(name, GeneralName::DirectoryName(_));
        Some(match subtrees.any(|subtree| is_of_subject(subtree.base)) {
            true => Constraints::OfSubjects,
            false => Constraints::OfAlternativeNames,
        })
    }

    /// Returns whether it has names besides its subject (RFC 5280 section 4.2.1.6).
    pub(crate) fn has_alternative_names(&self) -> bool {
        let extensions = self.tbs().and_then(TbsCertificateInner::extensions);
        extensions.is_some_and(|all| all.iter().any(|it| it.extn_id == SubjectAltName::OID))
    }

    /// Returns the purposes that it lists (RFC 5280 section 4.2.1.12), by their object identifiers.
    pub(crate) fn purposes(&self) -> Option<Vec<Vec<usize>>> {
        let extension = self.tbs()?.get_extension::<ExtendedKeyUsage>();
        let (_, usages) = extension.ok()??;
        let arcs = |oid: &ObjectIdentifier| oid.arcs().map(|arc| arc as usize).collect();
        Some(usages.0.iter().map(arcs).collect())
    }

    /// Returns whether it lists purposes, and the client's is not among them (RFC 5280 section
    /// 4.2.1.12).
    pub(crate) fn is_for_others(&self) -> bool {
        let extension = self
            .tbs()
            .map(TbsCertificateInner::get_extension::<ExtendedKeyUsage>);
        matches!(extension, Some(Ok(Some((_, usages)))) if !usages.0.contains(&CLIENT_AUTH))
    }

    /// Returns whether it has a critical extension that rustls does not know.
    pub(crate) fn has_unknown_critical_extension(&self) -> bool {
        let extensions = self.tbs().and_then(TbsCertificateInner::extensions);
        let is_unknown = |oid| !KNOWN_EXTENSIONS.contains(&oid);
        extensions.is_some_and(|all| all.iter().any(|it| it.critical && is_unknown(it.extn_id)))
    }

    /// Returns the algorithm of its key: the content of an `AlgorithmIdentifier` in DER.
    pub(crate) fn key_algorithm(&self) -> Option<Vec<u8>> {
        content(&self.tbs()?.subject_public_key_info().algorithm)
    }

    /// Returns the bytes of its key.
    pub(crate) fn key_bytes(&self) -> Option<&[u8]> {
        let key = &self.tbs()?.subject_public_key_info().subject_public_key;
        Some(key.raw_bytes())
    }

    /// Returns what its issuer has signed, the algorithm as in [`key_algorithm`](Self::key_algorithm),
    /// and the signature.
    pub(crate) fn signed(&self) -> Option<(Vec<u8>, Vec<u8>, &[u8])> {
        let parsed = self.parsed.as_ref()?;
        let algorithm = content(parsed.signature_algorithm())?;
        let signature = parsed.signature().raw_bytes();
        Some((
            parsed.tbs_certificate().to_der().ok()?,
            algorithm,
            signature,
        ))
    }

    /// Returns the number of bits of an RSA key.
    pub(crate) fn rsa_bits(&self) -> Option<u32> {
        let key = self.tbs()?.subject_public_key_info();
        match key.algorithm.oid {
            RSA => modulus_bits(key.subject_public_key.raw_bytes()),
            _ => None,
        }
    }

    pub(super) fn fmt_names(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(tbs) = self.tbs() else {
            return f.write_str("that cannot be parsed, ");
        };
        let (subject, issuer) = (tbs.subject(), tbs.issuer());
        match subject.is_empty() {
            true => f.write_str("without a subject, ")?,
            false => write!(f, "{}, ", Short(subject))?,
        }
        match subject == issuer {
            true => f.write_str("self-issued, ")?,
            false => write!(f, "issued by {}, ", Short(issuer))?,
        }
        write!(f, "serial {}, ", self.serial().unwrap_or_default())
    }

    pub(super) fn fmt_key(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(tbs) = self.tbs() else {
            return Ok(());
        };
        if let Some(key) = self.key() {
            write!(f, ", {key}")?;
        }
        let validity = tbs.validity();
        let (from, to) = (Day(validity.not_before), Day(validity.not_after));
        write!(f, ", valid {from} to {to}")
    }

    fn tbs(&self) -> Option<&TbsCertificateInner<Raw>> {
        Some(self.parsed.as_ref()?.tbs_certificate())
    }
}

/// The names that an authority constrains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constraints {
    /// Those in the extension subjectAltName.
    OfAlternativeNames,
    /// Subjects too.
    OfSubjects,
}

/// Returns the size of an RSA key: the number of bits of its modulus (RFC 8017 appendix A.1.1).
fn modulus_bits(key: &[u8]) -> Option<u32> {
    let modulus = AnyRef::from_der(key).ok()?.sequence(|numbers| {
        let modulus = UintRef::decode(numbers)?;
        UintRef::decode(numbers)?;
        Ok::<_, x509_cert::der::Error>(modulus)
    });
    let bytes = modulus.ok()?.as_bytes();
    let bits = u32::try_from(bytes.len()).ok()?.checked_mul(8)?;
    Some(bits - bytes.first()?.leading_zeros())
}

/// The day of a time, in UTC.
struct Day(Time);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let day = self.0.to_date_time();
        write!(f, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
    }
}

/// Returns the content of an algorithm in DER.
fn content(algorithm: &AlgorithmIdentifierOwned) -> Option<Vec<u8>> {
    let der = algorithm.to_der().ok()?;
    Some(AnyRef::from_der(&der).ok()?.value().to_vec())
}
