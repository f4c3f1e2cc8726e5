//! The words for a client certificate that is not accepted.

use std::fmt::{self, Display, Formatter};

use rustls::error::{CertificateError, ExtendedKeyPurpose};
use rustls::pki_types::UnixTime;

use super::oid::{Algorithm, Oid};
use super::table::words;
use super::{other, unknown};
use crate::messages::Proof;
use crate::text::{Date, Quoted};

pub(super) fn explain(
    error: &CertificateError,
    proof: Proof,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    match proof {
        Proof::Signature => explain_signature(error, f),
        Proof::Chain | Proof::Unknown => explain_chain(error, proof, f),
    }
}

/// Writes why the client's signature in CertificateVerify is not accepted (RFC 8446 section 4.4.3).
fn explain_signature(error: &CertificateError, f: &mut Formatter<'_>) -> fmt::Result {
    match error {
        CertificateError::BadSignature => f.write_str(
            "the client's CertificateVerify does not verify: its key is not the certificate's",
        ),
        CertificateError::UnsupportedSignatureAlgorithm {
            signature_algorithm_id,
            ..
        } => write!(
            f,
            "the client's CertificateVerify is signed with {}, which this server does not accept",
            Algorithm(signature_algorithm_id)
        ),
        CertificateError::UnsupportedSignatureAlgorithmForPublicKey {
            signature_algorithm_id,
            public_key_algorithm_id,
        } => write!(
            f,
            "the client's CertificateVerify is signed with {} by a key of {}, which this server does not accept",
            Algorithm(signature_algorithm_id),
            Algorithm(public_key_algorithm_id)
        ),
        error => explain_chain(error, Proof::Unknown, f),
    }
}

fn explain_chain(error: &CertificateError, proof: Proof, f: &mut Formatter<'_>) -> fmt::Result {
    match error {
        CertificateError::BadSignature if proof == Proof::Chain => {
            f.write_str("its signature does not verify with the key of its issuer")
        }
        CertificateError::ExpiredContext { time, not_after } => {
            write!(
                f,
                "it expired {}, {}",
                date(*not_after),
                ago(*time, *not_after)
            )
        }
        CertificateError::NotValidYetContext { time, not_before } => write!(
            f,
            "it is not valid before {}, {} after this server's time",
            date(*not_before),
            Span::between(*time, *not_before)
        ),
        CertificateError::ExpiredRevocationListContext { time, next_update } => write!(
            f,
            "this server's revocation list for it expired {}, {}",
            date(*next_update),
            ago(*time, *next_update)
        ),
        CertificateError::UnsupportedSignatureAlgorithm {
            signature_algorithm_id,
            ..
        } => write!(
            f,
            "it is signed with {}, which this server does not accept",
            Algorithm(signature_algorithm_id)
        ),
        CertificateError::UnsupportedSignatureAlgorithmForPublicKey {
            signature_algorithm_id,
            public_key_algorithm_id,
        } => write!(
            f,
            "it is signed with {} by a key of {}, which this server does not accept",
            Algorithm(signature_algorithm_id),
            Algorithm(public_key_algorithm_id)
        ),
        CertificateError::InvalidPurposeContext { presented, .. } => {
            let purposes: Vec<_> = presented.iter().map(numbers).collect();
            explain_purposes(&purposes, f)
        }
        CertificateError::NotValidForNameContext { presented, .. } => explain_names(presented, f),
        CertificateError::Other(error) => other(f, error),
        error => match words(error) {
            Some(words) => f.write_str(words),
            None => unknown(f, "it failed a check", error),
        },
    }
}

fn explain_names(names: &[String], f: &mut Formatter<'_>) -> fmt::Result {
    match names {
        [] => f.write_str("it has no name"),
        [name] => write!(f, "it is for another name, {}", Quoted(name)),
        [name, ..] => {
            let count = names.len();
            write!(
                f,
                "it is for {count} other names, the first {}",
                Quoted(name)
            )
        }
    }
}

fn date(time: UnixTime) -> Date {
    Date(time.as_secs())
}

fn ago(now: UnixTime, then: UnixTime) -> impl Display {
    struct Ago(Span);

    impl Display for Ago {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            write!(f, "{} ago", self.0)
        }
    }

    Ago(Span::between(then, now))
}

/// A span of time in its largest unit, rounded down.
struct Span(u64);

impl Span {
    fn between(from: UnixTime, to: UnixTime) -> Self {
        Self(to.as_secs().saturating_sub(from.as_secs()))
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] = [
            (86_400, "day"),
            (3_600, "hour"),
            (60, "minute"),
            (1, "second"),
        ];
        let unit = UNITS.iter().find(|(seconds, _)| self.0 >= *seconds);
        let (seconds, name) = unit.unwrap_or(&UNITS[3]);
        match self.0 / seconds {
            1 => write!(f, "1 {name}"),
            count => write!(f, "{count} {name}s"),
        }
    }
}

/// Writes the purposes of a certificate that is not for clients (RFC 5280 section 4.2.1.12), by the
/// numbers of their object identifiers.
pub(super) fn explain_purposes(purposes: &[Vec<usize>], f: &mut Formatter<'_>) -> fmt::Result {
    /// The most purposes that are named.
    const MOST: usize = 6;

    f.write_str("it is not for clients, but for ")?;
    if purposes.is_empty() {
        return f.write_str("no purpose");
    }
    for (n, numbers) in purposes.iter().take(MOST).enumerate() {
        if n > 0 {
            f.write_str(", ")?;
        }
        Oid(numbers).fmt(f)?;
    }
    match purposes.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

/// Returns the numbers of a purpose's object identifier.
fn numbers(purpose: &ExtendedKeyPurpose) -> Vec<usize> {
    match purpose {
        ExtendedKeyPurpose::ServerAuth => vec![1, 3, 6, 1, 5, 5, 7, 3, 1],
        ExtendedKeyPurpose::ClientAuth => vec![1, 3, 6, 1, 5, 5, 7, 3, 2],
        ExtendedKeyPurpose::Other(numbers) => numbers.clone(),
        _ => Vec::new(), // a later rustls
    }
}

#[rustfmt::skip]
words! { CertificateError:
    BadEncoding                               "it cannot be parsed";
    Expired                                   "it has expired";
    ExpiredContext                            "it has expired";
    NotValidYet                               "it is not valid yet";
    NotValidYetContext                        "it is not valid yet";
    Revoked                                   "it is revoked";
    UnhandledCriticalExtension                "it has a critical extension that this server does not know";
    UnknownIssuer                             "its issuer is not known to this server";
    UnknownRevocationStatus                   "this server has no revocation list for it";
    ExpiredRevocationList                     "this server's revocation list for it has expired";
    ExpiredRevocationListContext              "this server's revocation list for it has expired";
    BadSignature                              "a signature does not verify: the key may not belong to the certificate";
    UnsupportedSignatureAlgorithm             "it is signed with an algorithm that this server does not accept";
    UnsupportedSignatureAlgorithmForPublicKey "it is signed with an algorithm that does not fit its issuer's key";
    NotValidForName                           "it is for other names";
    NotValidForNameContext                    "it is for other names";
    InvalidPurpose                            "it is not for clients";
    InvalidPurposeContext                     "it is not for clients";
    InvalidOcspResponse                       "its OCSP response is not valid";
    ApplicationVerificationFailure            "the application's verifier refused it";
    Other                                     "it failed a check";
}
