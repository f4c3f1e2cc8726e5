//! The words for rustls's errors whose own text is a Rust identifier.

use std::fmt::{self, Debug, Display, Formatter, Write as _};

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, HandshakeType};

/// Names in rustls's identifiers that are no words.
const NAMES: &[(&str, &str)] = &[
    ("Ccs", "change_cipher_spec"),
    ("Cert", "certificate"),
    ("Dh", "DH"),
    ("Ec", "EC"),
    ("Ech", "ECH"),
    ("Ems", "extended_master_secret"),
    ("Kx", "key exchange"),
    ("Psk", "PSK"),
    ("Quic", "QUIC"),
    ("Sct", "SCT"),
    ("Sig", "signature"),
    ("Tls", "TLS"),
    ("Tls12", "TLS 1.2"),
    ("Tls13", "TLS 1.3"),
];

/// A variant of an enum of rustls, as words: `InvalidContentType` is "invalid content type". The
/// argument of a variant is in parentheses.
pub(super) struct Variant<T>(pub(super) T);

impl<T: Debug> Display for Variant<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let shown = format!("{:?}", self.0);
        let end = shown.find(|it: char| !it.is_ascii_alphanumeric());
        let (name, argument) = shown.split_at(end.unwrap_or(shown.len()));
        let mut rest = name;
        while !rest.is_empty() {
            let next = rest.char_indices().skip(1);
            let end = next
                .filter(|(_, it)| it.is_ascii_uppercase())
                .map(|(at, _)| at)
                .next();
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            match NAMES.iter().find(|(name, _)| *name == word) {
                Some((_, name)) => f.write_str(name)?,
                None => word
                    .chars()
                    .try_for_each(|it| f.write_char(it.to_ascii_lowercase()))?,
            }
            if !after.is_empty() {
                f.write_char(' ')?;
            }
            rest = after;
        }
        match argument.trim_matches(['(', ')', '"']) {
            "" => Ok(()),
            argument => write!(f, " ({argument})"),
        }
    }
}

/// Writes which record or message came and which were expected.
pub(super) fn unexpected<T: Display>(
    f: &mut Formatter<'_>,
    what: &str,
    got: T,
    expected: impl Iterator<Item = T>,
) -> fmt::Result {
    write!(f, "unexpected {got} {what}")?;
    for (n, expected) in expected.enumerate() {
        match n {
            0 => write!(f, ", expected {expected}")?,
            _ => write!(f, " or {expected}")?,
        }
    }
    Ok(())
}

pub(super) fn content_type(typ: rustls::ContentType) -> ContentType {
    ContentType(typ.into())
}

pub(super) fn handshake_type(typ: rustls::HandshakeType) -> HandshakeType {
    HandshakeType(typ.into())
}

pub(super) fn alert(f: &mut Formatter<'_>, alert: rustls::AlertDescription) -> fmt::Result {
    let alert = Alert::new(AlertDescription(alert.into()));
    write!(f, "client sent the alert {alert}")
}
