//! The words for a client's certificate: why it is not accepted, what it is, and what this server
//! accepts.

use std::fmt::{self, Formatter};

use crate::backend::config::Config;
use crate::certificate::Certificate;
use crate::error::Error;

/// The most certificates of a chain that are looked at.
const MOST: usize = 16;

/// Writes why a certificate is not accepted.
pub(super) fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("client certificate not accepted")?;
    let Some(rustls) = error.rustls() else {
        return Ok(());
    };
    let (position, _) = culprit(error);
    if position > 0 {
        let of = error.client_certificates().len();
        write!(
            f,
            " because of certificate {} of {of} in its chain",
            position + 1
        )?;
    }
    f.write_str(": ")?;
    rustls.fmt_certificate(f)?;
    match rustls.is_unknown_issuer() {
        true => explain_authorities(error, f),
        false => Ok(()),
    }
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
    use crate::certificate::x509::{Short, distinguished_name};
    use crate::text::Quoted;

    /// The most authorities that are named.
    const MOST: usize = 3;

    let names = authorities.iter().take(MOST);
    for (n, name) in names
        .filter_map(|name| distinguished_name(name))
        .enumerate()
    {
        f.write_str(if n == 0 { ": " } else { ", " })?;
        write!(f, "{}", Quoted(Short(name)))?;
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

/// Returns the certificate that the error is about, and its position in the chain.
pub(super) fn culprit(error: &Error) -> (usize, Option<Certificate<'_>>) {
    let chain = error.client_certificates().iter().take(MOST);
    let mut chain: Vec<_> = chain.map(|der| Certificate::new(der)).collect();
    let position = error.rustls().map_or(0, |rustls| rustls.position(&chain));
    let certificate = (position < chain.len()).then(|| chain.swap_remove(position));
    (position, certificate)
}
