//! Object identifiers, in dotted form or by name.

use std::fmt::{self, Display, Formatter};

/// Identifiers that certificates have often.
#[rustfmt::skip]
const NAMES: &[(&[usize], &str)] = &[
    (&[1, 2, 840, 10040, 4, 1],         "DSA"),
    (&[1, 2, 840, 10040, 4, 3],         "DSA with SHA-1"),
    (&[1, 2, 840, 10045, 2, 1],         "EC"),
    (&[1, 2, 840, 10045, 3, 1, 7],      "EC P-256"),
    (&[1, 2, 840, 10045, 4, 1],         "ECDSA with SHA-1"),
    (&[1, 2, 840, 10045, 4, 3, 1],      "ECDSA with SHA-224"),
    (&[1, 2, 840, 10045, 4, 3, 2],      "ECDSA with SHA-256"),
    (&[1, 2, 840, 10045, 4, 3, 3],      "ECDSA with SHA-384"),
    (&[1, 2, 840, 10045, 4, 3, 4],      "ECDSA with SHA-512"),
    (&[1, 2, 840, 113549, 1, 1, 1],     "RSA"),
    (&[1, 2, 840, 113549, 1, 1, 2],     "RSA with MD2"),
    (&[1, 2, 840, 113549, 1, 1, 4],     "RSA with MD5"),
    (&[1, 2, 840, 113549, 1, 1, 5],     "RSA with SHA-1"),
    (&[1, 2, 840, 113549, 1, 1, 10],    "RSASSA-PSS"),
    (&[1, 2, 840, 113549, 1, 1, 11],    "RSA with SHA-256"),
    (&[1, 2, 840, 113549, 1, 1, 12],    "RSA with SHA-384"),
    (&[1, 2, 840, 113549, 1, 1, 13],    "RSA with SHA-512"),
    (&[1, 2, 840, 113549, 1, 1, 14],    "RSA with SHA-224"),
    (&[1, 3, 6, 1, 5, 5, 7, 3, 1],      "servers"),
    (&[1, 3, 6, 1, 5, 5, 7, 3, 2],      "clients"),
    (&[1, 3, 6, 1, 5, 5, 7, 3, 3],      "signing code"),
    (&[1, 3, 6, 1, 5, 5, 7, 3, 4],      "e-mail"),
    (&[1, 3, 6, 1, 5, 5, 7, 3, 8],      "time stamps"),
    (&[1, 3, 6, 1, 5, 5, 7, 3, 9],      "signing OCSP responses"),
    (&[1, 3, 101, 112],                 "Ed25519"),
    (&[1, 3, 132, 0, 10],               "EC secp256k1"),
    (&[1, 3, 132, 0, 34],               "EC P-384"),
    (&[1, 3, 132, 0, 35],               "EC P-521"),
    (&[2, 5, 29, 37, 0],                "any purpose"),
    (&[1, 3, 101, 113],                 "Ed448"),
];

/// The most numbers of an identifier that are shown.
const MOST: usize = 16;

/// An object identifier, by its numbers.
pub(super) struct Oid<'a>(pub(super) &'a [usize]);

impl Display for Oid<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some((_, name)) = NAMES.iter().find(|(numbers, _)| *numbers == self.0) {
            return f.write_str(name);
        }
        f.write_str("OID ")?;
        for (n, number) in self.0.iter().take(MOST).enumerate() {
            match n {
                0 => write!(f, "{number}")?,
                _ => write!(f, ".{number}")?,
            }
        }
        match self.0.len() > MOST {
            true => f.write_str("..."),
            false => Ok(()),
        }
    }
}

/// The content of an `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2), which begins with an object
/// identifier in DER.
pub(super) struct Algorithm<'a>(pub(super) &'a [u8]);

impl Algorithm<'_> {
    /// Returns the numbers of the identifier after the first one, if the first one is of EC keys.
    fn curve(&self) -> Option<Vec<usize>> {
        let is_ec = self.numbers()? == [1, 2, 840, 10045, 2, 1];
        let len = usize::from(*self.0.get(1)?);
        let rest = self.0.get(2 + len..)?;
        Algorithm(rest).numbers().filter(|_| is_ec)
    }

    /// Returns the numbers of its identifier; `None` if it is malformed.
    fn numbers(&self) -> Option<Vec<usize>> {
        // X.690 8.19: the tag, a length below 128, and numbers in base 128
        let [6, len, rest @ ..] = self.0 else {
            return None;
        };
        let encoded = rest.get(..usize::from(*len))?;
        let mut numbers = Vec::new();
        let mut number = 0_usize;
        for byte in encoded {
            number = number.checked_mul(128)? + usize::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                continue;
            }
            if numbers.is_empty() {
                // the first two numbers are in one
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
        (!numbers.is_empty()).then_some(numbers)
    }
}

impl Display for Algorithm<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.numbers(), self.curve()) {
            // RFC 5480 2.1.1: the parameters of an EC key are its curve
            (Some(_), Some(curve)) => Oid(&curve).fmt(f),
            (Some(numbers), None) => Oid(&numbers).fmt(f),
            (None, _) => f.write_str("a malformed algorithm"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_is_named_or_dotted() {
        let sha1 = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 5, 0];
        assert_eq!(Algorithm(&sha1).to_string(), "RSA with SHA-1");
        assert_eq!(Algorithm(&[6, 3, 0x2b, 0x65, 0x70]).to_string(), "Ed25519");
        assert_eq!(Algorithm(&[6, 3, 0x88, 0x37, 3]).to_string(), "OID 2.999.3");
        for malformed in [&[][..], &[6], &[6, 0], &[6, 3, 1], &[5, 0], &[6, 1, 0x80]] {
            assert_eq!(Algorithm(malformed).to_string(), "a malformed algorithm");
        }
        let long = [&[6, 19][..], &[0xff; 18], &[0x7f]].concat();
        assert_eq!(Algorithm(&long).to_string(), "a malformed algorithm");
        let many: Vec<_> = (0..40).collect();
        assert_eq!(
            Oid(&many).to_string(),
            "OID 0.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15..."
        );
    }
}
