//! The words for a client's certificate: why it is not accepted, what it is, and what this server
//! accepts.

use std::fmt::{self, Formatter};

use lastword_alert::AlertDescription;

#[cfg(feature = "x509")]
use crate::backend::chain::issuer_of;
use crate::backend::config::Config;
use crate::backend::error::RustlsError;
use crate::backend::served::Served;
use crate::certificate::Certificate;
use crate::error::Error;
use crate::messages::Proof;

/// Writes why a certificate is not accepted.
pub(super) fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(rustls) = error.rustls() else {
        return f.write_str("client certificate not accepted");
    };
    let chain = parsed(error);
    let proof = match error.proof() {
        Proof::Unknown if rustls.is_of_client_key(&chain) => Proof::Signature,
        proof => proof,
    };
    let position = rustls.position_in(&chain, proof, error);
    let of = chain.len();
    match (position, of) {
        (None, _) | (_, 0) => f.write_str("client certificate or its chain not accepted")?,
        (Some(0), _) => f.write_str("client certificate not accepted")?,
        (Some(position), of) => write!(
            f,
            "client certificate not accepted because of certificate {} of {of} in its chain",
            position + 1
        )?,
    }
    f.write_str(": ")?;
    let culprit = position.and_then(|at| chain.get(at));
    let purposes = culprit.and_then(Certificate::purposes);
    rustls.fmt_certificate(proof, purposes.as_deref(), f)?;
    if of > 1 && rustls.is_authority_used_as_client() {
        f.write_str(": the chain may be in the wrong order")?;
    }
    explain_size(&chain, position.unwrap_or(0), proof, rustls, f)?;
    match rustls.is_unknown_issuer() {
        true => explain_authorities(error, f),
        false => Ok(()),
    }
}

/// Writes that a key is small, which may be why a signature does not verify.
#[cfg(feature = "x509")]
fn explain_size(
    chain: &[Certificate<'_>],
    position: usize,
    proof: Proof,
    rustls: &RustlsError,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let bits = |at: usize| chain.get(at).and_then(Certificate::rsa_bits);
    let (whose, bits) = match proof {
        Proof::Chain => (
            "its issuer's RSA key",
            issuer_of(chain, position).and_then(bits),
        ),
        Proof::Signature | Proof::Unknown => ("the client's RSA key", bits(0)),
    };
    match bits {
        Some(bits @ ..2048) if rustls.is_bad_signature() => {
            write!(f, ", or this server does not accept {whose} of {bits} bits")
        }
        _ => Ok(()),
    }
}

#[cfg(not(feature = "x509"))]
fn explain_size(
    _: &[Certificate<'_>],
    _: usize,
    _: Proof,
    _: &RustlsError,
    _: &mut Formatter<'_>,
) -> fmt::Result {
    Ok(())
}

/// Writes that the client sent no certificate.
pub(super) fn explain_none(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("client sent no certificate, and this server requires one")?;
    explain_authorities(error, f)
}

/// Writes which authorities this server names to clients.
fn explain_authorities(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(authorities) = error.config().and_then(Config::authorities) else {
        return Ok(());
    };
    match authorities.len() {
        0 => return f.write_str("; this server names no authorities"),
        1 => f.write_str("; this server asks for certificates of 1 authority")?,
        count => write!(
            f,
            "; this server asks for certificates of {count} authorities"
        )?,
    }
    write_names(authorities, f)
}

#[cfg(feature = "x509")]
fn write_names(authorities: &[Box<[u8]>], f: &mut Formatter<'_>) -> fmt::Result {
    use crate::certificate::x509::distinguished_name;
    use crate::text::Short;

    /// The most authorities that are named.
    const MOST: usize = 3;

    let names = authorities.iter().take(MOST);
    for (n, name) in names
        .filter_map(|name| distinguished_name(name))
        .enumerate()
    {
        f.write_str(if n == 0 { ": " } else { ", " })?;
        write!(f, "{}", Short(name))?;
    }
    match authorities.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

#[cfg(not(feature = "x509"))]
fn write_names(_: &[Box<[u8]>], _: &mut Formatter<'_>) -> fmt::Result {
    Ok(())
}

/// Writes this server's certificate, if a client's alert is about it.
pub(super) fn explain_server(
    alert: AlertDescription,
    error: &Error,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let is_about_it = matches!(
        alert,
        AlertDescription::BAD_CERTIFICATE
            | AlertDescription::UNSUPPORTED_CERTIFICATE
            | AlertDescription::CERTIFICATE_REVOKED
            | AlertDescription::CERTIFICATE_EXPIRED
            | AlertDescription::CERTIFICATE_UNKNOWN
            | AlertDescription::UNKNOWN_CA
            | AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE
    );
    let chain = error.served().filter(|_| is_about_it).map(Served::chain);
    let Some([own, others @ ..]) = chain else {
        return Ok(());
    };
    write!(f, "; this server sent {}, ", Certificate::new(own))?;
    match others.len() {
        0 => f.write_str("and no other certificate"),
        1 => f.write_str("and 1 other certificate"),
        count => write!(f, "and {count} other certificates"),
    }
}

/// Returns the certificate that the error is about. If that is not known, it is the client's own.
pub(super) fn culprit(error: &Error) -> Option<Certificate<'_>> {
    let mut chain = parsed(error);
    let position = error.rustls().and_then(|rustls| match error.proof() {
        Proof::Unknown if rustls.is_of_client_key(&chain) => Some(0),
        proof => rustls.position_in(&chain, proof, error),
    });
    let at = position.unwrap_or(0);
    (at < chain.len()).then(|| chain.swap_remove(at))
}

fn parsed(error: &Error) -> Vec<Certificate<'_>> {
    let chain = error.client_certificates().iter();
    chain.map(|der| Certificate::new(der)).collect()
}

impl RustlsError {
    /// Returns which certificate of the chain the error is about; `None` if it is not known.
    fn position_in(&self, chain: &[Certificate<'_>], proof: Proof, error: &Error) -> Option<usize> {
        match proof {
            Proof::Chain | Proof::Unknown => self.position(chain, proof, error.config()),
            Proof::Signature => Some(0),
        }
    }
}
