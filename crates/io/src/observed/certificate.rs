//! The client's certificate in the fields of an event.

use std::cell::OnceCell;

use lastword_acceptor::Certificate;

/// A certificate that is parsed once, if an observer asks for it.
pub(super) struct Fields<'a, F> {
    parsed: OnceCell<Option<Certificate<'a>>>,
    parse: F,
}

impl<'a, F: Fn() -> Option<Certificate<'a>>> Fields<'a, F> {
    pub(super) const fn new(parse: F) -> Self {
        let parsed = OnceCell::new();
        Self { parsed, parse }
    }

    fn certificate(&self) -> Option<&Certificate<'a>> {
        self.parsed.get_or_init(&self.parse).as_ref()
    }

    pub(super) fn subject(&self) -> Option<String> {
        self.certificate().and_then(text::subject)
    }

    pub(super) fn issuer(&self) -> Option<String> {
        self.certificate().and_then(text::issuer)
    }

    pub(super) fn serial(&self) -> Option<String> {
        self.certificate().and_then(text::serial)
    }

    pub(super) fn sha256(&self) -> Option<String> {
        let hash = self.certificate()?.sha256();
        Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The parts of a certificate, each as one short line.
#[cfg(feature = "x509")]
mod text {
    use lastword_acceptor::Certificate;
    use lastword_acceptor::text::write_line;

    /// The longest text in bytes.
    const MOST: usize = 256;

    pub(super) fn subject(certificate: &Certificate<'_>) -> Option<String> {
        line(certificate.subject())
    }

    pub(super) fn issuer(certificate: &Certificate<'_>) -> Option<String> {
        line(certificate.issuer())
    }

    pub(super) fn serial(certificate: &Certificate<'_>) -> Option<String> {
        line(certificate.serial())
    }

    fn line(text: Option<String>) -> Option<String> {
        let mut line = String::new();
        write_line(&mut line, MOST, text?).ok()?;
        Some(line)
    }
}

/// Without a parser only the fingerprint is known.
#[cfg(not(feature = "x509"))]
mod text {
    use lastword_acceptor::Certificate;

    pub(super) fn subject(_: &Certificate<'_>) -> Option<String> {
        None
    }

    pub(super) use subject as issuer;
    pub(super) use subject as serial;
}
