//! The log line of an error, with what the client offers and what the server has.

use std::fmt::{self, Display, Formatter};

use lastword_hello::Problem;
use lastword_record::{Guess, HttpMethod};

use crate::certificate::Certificate;
use crate::error::{Error, ErrorKind};
use crate::phase::Phase;
use crate::text::{self, FirstBytes};

mod certificate;
mod end;
mod host_name;
mod list;
mod offer;

/// Writes one line: the [summary](Error::summary), and then the client's certificate if it is known.
/// The formatter's precision limits its length in bytes.
impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_line(f, Whole(self))
    }
}

fn write_line(f: &mut Formatter<'_>, words: impl Display) -> fmt::Result {
    let most = f.precision().unwrap_or(text::LINE).min(text::LINE);
    text::write_line(f, most, words)
}

/// The text of an error.
struct Whole<'a>(&'a Error);

impl Display for Whole<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        explain(self.0, f)?;
        match self.0.client_certificate() {
            Some(certificate) => write!(f, "; client certificate {certificate}"),
            None => Ok(()),
        }
    }
}

/// The reason of an error, as one line.
struct Summary<'a>(&'a Error);

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_line(f, Reason(self.0))
    }
}

/// The reason of an error.
struct Reason<'a>(&'a Error);

impl Display for Reason<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        explain(self.0, f)
    }
}

fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::Hello(
            reason @ (lastword_hello::Error::TooLong { .. }
            | lastword_hello::Error::RecordsTooLong { .. }),
        ) if error.phase() == Phase::ClientHello => {
            write!(f, "{reason}, {} bytes received", error.received_len())
        }
        ErrorKind::Hello(reason @ lastword_hello::Error::NotTls(guess)) => {
            reason.fmt(f)?;
            explain_not_tls(*guess, error, f)
        }
        ErrorKind::Hello(reason @ lastword_hello::Error::Malformed(malformed))
            if malformed.problem() == Problem::NotDnsName =>
        {
            reason.fmt(f)?;
            host_name::name(error, f)
        }
        ErrorKind::Hello(lastword_hello::Error::PeerAlert(alert)) => {
            end::explain_early_alert(alert.description, error, f)
        }
        ErrorKind::Hello(reason) => reason.fmt(f),
        ErrorKind::MissingExtension(extension) => {
            write!(f, "client sent no {extension}, which TLS 1.3 requires")
        }
        ErrorKind::KeyShareNotOffered(group) => {
            write!(
                f,
                "client sent a key share of {group}, which it does not list in supported_groups"
            )
        }
        ErrorKind::HelloDiffers(field) => {
            write!(f, "client changed its {field} in the second ClientHello")
        }
        ErrorKind::MoreThanOneKeyShare => f.write_str(
            "client sent more key shares in its second ClientHello than it was asked for",
        ),
        ErrorKind::Record(reason) => reason.fmt(f),
        ErrorKind::NoVersionInCommon
        | ErrorKind::InappropriateFallback
        | ErrorKind::NoCipherSuiteInCommon(_)
        | ErrorKind::NoApplicationProtocol
        | ErrorKind::NoCipherSuiteForCertificate
        | ErrorKind::NoGroupInCommon
        | ErrorKind::NoSignatureSchemeInCommon
        | ErrorKind::NoCertificate => match error.client_hello() {
            Some(hello) => offer::explain(&hello, error, f),
            None => explain_rustls(error, f),
        },
        _ => end::explain(error, f),
    }
}

/// Writes rustls's error in this crate's words.
fn explain_rustls(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.rustls() {
        Some(reason) => reason.fmt(f),
        None => write!(f, "this server failed {}", error.phase()),
    }
}

/// Writes the first bytes of a client that does not speak TLS. A registered method of HTTP needs none.
fn explain_not_tls(guess: Guess, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match guess {
        Guess::Http(method) if method != HttpMethod::Other => Ok(()),
        _ => write!(f, ", first bytes {}", FirstBytes(&error.received())),
    }
}

impl Error {
    /// Returns why the handshake failed, as one line without the client's certificate.
    ///
    /// A precision, as in `{:.200}`, limits its length in bytes.
    ///
    /// ```
    /// use lastword_acceptor::Error;
    ///
    /// /// Logs the reason without the certificate, which may name a person.
    /// fn log(error: &Error) {
    ///     eprintln!("{:.200}", error.summary());
    /// }
    /// # let failed = lastword_acceptor::Handshake::default().receive(&mut &b"SSH-"[..]).unwrap_err();
    /// # log(failed.error());
    /// ```
    #[must_use]
    pub fn summary(&self) -> impl Display {
        Summary(self)
    }

    /// Returns the client's certificate that this error is about; `None` if [no
    /// certificate](Self::client_certificates) is known.
    ///
    /// If a certificate of the chain is not accepted, this is that certificate, if the error shows
    /// which one it is. Otherwise it is the client's own certificate.
    ///
    /// ```
    /// use lastword_acceptor::Error;
    ///
    /// fn audit(error: &Error) {
    ///     if let Some(certificate) = error.client_certificate() {
    ///         eprintln!("not accepted: {certificate}");
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn client_certificate(&self) -> Option<Certificate<'_>> {
        certificate::culprit(self)
    }
}

#[cfg(test)]
mod tests;
