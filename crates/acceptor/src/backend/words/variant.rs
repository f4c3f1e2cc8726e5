//! Words made from a Rust identifier, for errors that have no text here.

use std::fmt::{self, Display, Formatter, Write as _};

/// Parts of rustls's and webpki's identifiers that are no words.
const NAMES: &[(&str, &str)] = &[
    ("Ca", "CA"),
    ("Ccs", "change_cipher_spec"),
    ("Cert", "certificate"),
    ("Crl", "revocation list"),
    ("Der", "DER"),
    ("Dh", "DH"),
    ("Dns", "DNS"),
    ("Ec", "EC"),
    ("Ech", "ECH"),
    ("Eku", "extended key usage"),
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

/// The `Debug` text of a variant, as words: `UnsupportedCertVersion` is "unsupported certificate
/// version". Its fields are shown as they are.
pub(super) struct Variant<'a>(pub(super) &'a str);

impl Display for Variant<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(shown) = self;
        let end = shown.find(|it: char| !it.is_ascii_alphanumeric());
        let (mut rest, fields) = shown.split_at(end.unwrap_or(shown.len()));
        while !rest.is_empty() {
            let mut next = rest.char_indices().skip(1);
            let end = next.find(|(_, it)| it.is_ascii_uppercase());
            let (word, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            match NAMES.iter().find(|(name, _)| *name == word) {
                Some((_, name)) => f.write_str(name)?,
                None => f.write_str(&word.to_ascii_lowercase())?,
            }
            if !after.is_empty() {
                f.write_char(' ')?;
            }
            rest = after;
        }
        f.write_str(fields)
    }
}
