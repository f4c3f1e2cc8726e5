//! The words for a client's certificate: why it is not accepted, what it is, and what this server
//! accepts.

use std::fmt::{self, Formatter};

use lastword_alert::AlertDescription;

use crate::backend::config::Config;
use crate::backend::error::RustlsError;
use crate::backend::served::Served;
use crate::certificate::Certificate;
use crate::certificate_message::Proof;
use crate::error::Error;

/// The most certificates of a chain that are looked at.
const MOST: usize = 16;

/// Writes why a certificate is not accepted.
pub(super) fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(rustls) = error.rustls() else {
        return f.write_str("client certificate not accepted");
    };
    let (position, certificate) = culprit(error);
    let of = error.client_certificates().len();
    match (position, of) {
        (_, 0) => f.write_str("client certificate or its chain not accepted")?,
        (0, _) => f.write_str("client certificate not accepted")?,
        (position, of) => write!(
            f,
            "client certificate not accepted because of certificate {} of {of} in its chain",
            position + 1
        )?,
    }
    f.write_str(": ")?;
    rustls.fmt_certificate(error.proof(), f)?;
    explain_size(certificate.as_ref(), rustls, f)?;
    match rustls.is_unknown_issuer() {
        true => explain_authorities(error, f),
        false => Ok(()),
    }
}

/// Writes that a key is small, which may be why a signature does not verify.
#[cfg(feature = "x509")]
fn explain_size(
    certificate: Option<&Certificate<'_>>,
    rustls: &RustlsError,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    match certificate.and_then(Certificate::rsa_bits) {
        Some(bits @ ..2048) if rustls.is_bad_signature() => {
            write!(
                f,
                ", or this server does not accept RSA keys of {bits} bits"
            )
        }
        _ => Ok(()),
    }
}

#[cfg(not(feature = "x509"))]
fn explain_size(
    _: Option<&Certificate<'_>>,
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

/// Returns the certificate that the error is about, and its position in the chain.
pub(super) fn culprit(error: &Error) -> (usize, Option<Certificate<'_>>) {
    let chain = error.client_certificates().iter().take(MOST);
    let mut chain: Vec<_> = chain.map(|der| Certificate::new(der)).collect();
    let position = match (error.proof(), error.rustls()) {
        (Proof::Chain | Proof::Unknown, Some(rustls)) => rustls.position(&chain, error.config()),
        _ => 0,
    };
    let certificate = (position < chain.len()).then(|| chain.swap_remove(position));
    (position, certificate)
}
