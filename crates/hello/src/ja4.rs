//! The JA4 fingerprint of a client.

use core::{array, fmt};

use lastword_record::ProtocolVersion;
use sha2::{Digest, Sha256};

use crate::{
    alpn::AlpnProtocol,
    client_hello::ClientHello,
    code_points::{ExtensionType, is_grease},
};

/// The JA4 fingerprint of a TLS client over TCP: 36 ASCII characters that are the same for all
/// connections of one client software.
///
/// `t13d1516h2_8daaf6152771_e5627efa2ab1` means: TCP, TLS 1.3, a domain (`i` if `server_name` is
/// absent), 15 cipher suites, 16 extensions, and `h2` as the first ALPN protocol. Two hashes
/// follow: one of the cipher suites, and one of the extensions and signature schemes. GREASE is
/// ignored, also in ALPN. [The specification] has all rules.
///
/// [`ClientHello::ja4`] makes it; [`Display`](fmt::Display) and [`as_str`](Self::as_str) show it. On
/// `x86_64` without SSE, enable the feature `force-soft` of sha2 0.10.
///
/// [The specification]: https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md
///
/// ```
/// use lastword_hello::ClientHello;
///
/// fn is_blocked(hello: &ClientHello<'_>, blocked: &[&str]) -> bool {
///     blocked.contains(&hello.ja4().as_str())
/// }
/// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// # let hello = ClientHello::parse(&message).unwrap();
/// # let blocked = hello.ja4().to_string();
/// # assert!(is_blocked(&hello, &[&blocked]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ja4([u8; Ja4::LEN]);

impl Ja4 {
    /// The length of every fingerprint in characters.
    pub const LEN: usize = 36;

    /// Returns the fingerprint as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default() // the default is never used: all are ASCII
    }

    fn new(a: [u8; 10], b: [u8; 12], c: [u8; 12]) -> Self {
        let parts = a.into_iter().chain(*b"_").chain(b).chain(*b"_").chain(c);
        Self(exactly(parts))
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ja4({self})")
    }
}

impl AsRef<str> for Ja4 {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl ClientHello<'_> {
    /// Returns the client's JA4 fingerprint. Needs the feature `ja4`.
    ///
    /// It allocates nothing. It takes about 2 µs for the ClientHello of a browser, and 7 ms for the
    /// worst ClientHello of 64 KiB.
    ///
    /// ```
    /// use lastword_hello::ClientHello;
    ///
    /// # let message = [&[1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// let hello = ClientHello::parse(&message)?; // the message, without record headers
    /// let fingerprint = hello.ja4().to_string();
    /// assert!(fingerprint.starts_with("t13d020200_")); // TLS 1.3, 2 suites, 2 extensions, no ALPN
    /// # Ok::<(), lastword_hello::Malformed>(())
    /// ```
    #[must_use]
    pub fn ja4(&self) -> Ja4 {
        let cipher_suites = self.cipher_suites().map(|suite| suite.0);
        let cipher_suites = cipher_suites.filter(|code| !is_grease(*code));
        let extensions = self.extensions().map(|each| each.extension_type);
        let extensions = extensions.filter(|each| !each.is_grease());
        let [v, w] = version(self);
        let to = match self.extension(ExtensionType::SERVER_NAME) {
            Some(_) => b'd',
            None => b'i',
        };
        let [c, d] = count(cipher_suites.clone());
        let [e, f] = count(extensions.clone());
        let [first, last] = alpn(self);
        Ja4::new(
            [b't', v, w, to, c, d, e, f, first, last],
            hash_cipher_suites(&cipher_suites),
            hash_extensions(self, extensions),
        )
    }
}

/// Returns the newest version offered.
fn version(hello: &ClientHello<'_>) -> [u8; 2] {
    let newest = match hello.supported_versions() {
        Some(versions) => versions.filter(|version| !is_grease(version.0)).max(),
        None => Some(hello.legacy_version()),
    };
    match newest {
        Some(ProtocolVersion::TLS_1_3) => *b"13",
        Some(ProtocolVersion::TLS_1_2) => *b"12",
        Some(ProtocolVersion::TLS_1_1) => *b"11",
        Some(ProtocolVersion::TLS_1_0) => *b"10",
        Some(ProtocolVersion::SSL_3_0) => *b"s3",
        Some(ProtocolVersion::SSL_2_0) => *b"s2",
        _ => *b"00",
    }
}

/// Returns the count in two digits, at most 99.
fn count(codes: impl Iterator) -> [u8; 2] {
    let count = codes.take(99).count() as u8;
    [b'0' + count / 10, b'0' + count % 10]
}

/// Returns the first and the last character of the first protocol. If one of them is neither a letter
/// nor a digit, it uses the protocol's hexadecimal digits.
fn alpn(hello: &ClientHello<'_>) -> [u8; 2] {
    let mut protocols = hello.alpn().into_iter().flatten();
    let protocol = protocols.find(|name| !AlpnProtocol(name).is_grease());
    let Some([first, .., last] | [first @ last]) = protocol else {
        return *b"00";
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [*first, *last]
    } else {
        [digit(first >> 4), digit(last & 0x0f)]
    }
}

fn hash_cipher_suites(cipher_suites: &(impl Iterator<Item = u16> + Clone)) -> [u8; 12] {
    let mut codes = Codes::default();
    for_each_sorted(cipher_suites, |code| codes.push(code));
    codes.hash()
}

/// Hashes the extensions except server_name and ALPN, and then the signature schemes in the client's
/// order.
fn hash_extensions(
    hello: &ClientHello<'_>,
    extensions: impl Iterator<Item = ExtensionType> + Clone,
) -> [u8; 12] {
    const ALPN: ExtensionType = ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
    let extensions = extensions.filter(|each| ![ExtensionType::SERVER_NAME, ALPN].contains(each));
    let mut codes = Codes::default();
    for_each_sorted(&extensions.map(|each| each.0), |code| codes.push(code));
    let schemes = hello.signature_schemes().into_iter().flatten();
    codes.separator = b"_";
    for scheme in schemes.filter(|scheme| !scheme.is_grease()) {
        codes.push(scheme.0);
    }
    codes.hash()
}

/// A hash of codes, each as four digits, with separators.
#[derive(Default)]
struct Codes {
    hash: Sha256,
    any: bool,
    /// The separator before the next code: empty before the first, then by default a comma.
    separator: &'static [u8],
}

impl Codes {
    fn push(&mut self, code: u16) {
        self.hash.update(self.separator);
        self.hash.update(digits::<4>(&code.to_be_bytes()));
        self.any = true;
        self.separator = b",";
    }

    /// Returns the first twelve digits of the hash; zeroes if nothing was hashed.
    fn hash(self) -> [u8; 12] {
        if self.any {
            digits(&self.hash.finalize())
        } else {
            [b'0'; 12]
        }
    }
}

/// Returns the first `N` hexadecimal digits of `bytes`, which are long enough.
fn digits<const N: usize>(bytes: &[u8]) -> [u8; N] {
    exactly(
        bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]),
    )
}

/// Returns the hexadecimal digit of a number below 16.
const fn digit(number: u8) -> u8 {
    match number {
        0..=9 => b'0' + number,
        _ => (b'a' - 10).wrapping_add(number),
    }
}

/// Returns the first `N` of `characters`, which are long enough.
fn exactly<const N: usize>(mut characters: impl Iterator<Item = u8>) -> [u8; N] {
    array::from_fn(|_| characters.next().unwrap_or(b'0'))
}

/// Calls `take` with all `codes` in ascending order, including duplicates.
///
/// It iterates once, and once more for each distinct first byte: fewer than ten times for real
/// clients, at most 257 times. It uses 768 bytes of stack.
fn for_each_sorted(codes: &(impl Iterator<Item = u16> + Clone), mut take: impl FnMut(u16)) {
    let mut is_there = [false; 256];
    for code in codes.clone() {
        let [high, _] = code.to_be_bytes();
        if let Some(is_there) = is_there.get_mut(usize::from(high)) {
            *is_there = true;
        }
    }
    for (high, _) in (0..=u8::MAX)
        .zip(is_there)
        .filter(|(_, is_there)| *is_there)
    {
        let counts = count_behind(high, codes.clone());
        for (low, count) in (0..=u8::MAX).zip(counts) {
            (0..count).for_each(|_| take(u16::from_be_bytes([high, low])));
        }
    }
}

/// Counts each second byte after the first byte `high`. A ClientHello has no room for 2^16 codes.
fn count_behind(high: u8, codes: impl Iterator<Item = u16>) -> [u16; 256] {
    let mut counts = [0_u16; 256];
    for code in codes {
        let [first, second] = code.to_be_bytes();
        if let Some(count) = counts
            .get_mut(usize::from(second))
            .filter(|_| first == high)
        {
            *count = count.saturating_add(1);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn sorted(codes: &[u16]) -> Vec<u16> {
        let mut sorted = Vec::new();
        for_each_sorted(&codes.iter().copied(), |code| sorted.push(code));
        sorted
    }

    #[test]
    fn codes_come_in_order_and_as_often_as_they_are_there() {
        let codes = [0xffff, 0x1302, 0x00ff, 0x1301, 0, 0x1302, 0xffff];
        let expected = [0, 0x00ff, 0x1301, 0x1302, 0x1302, 0xffff, 0xffff];
        assert_eq!(sorted(&codes), expected);
        assert_eq!(sorted(&[]), []);
    }

    #[test]
    fn all_codes_there_are_come_once() {
        let all: Vec<_> = (0..=u16::MAX).collect();
        let reversed: Vec<_> = all.iter().copied().rev().collect();
        assert_eq!(sorted(&reversed), all);
    }

    proptest! {
        #[test]
        fn it_is_what_sorting_them_gives(codes in vec(any::<u16>(), 0..300)) {
            let mut expected = codes.clone();
            expected.sort_unstable();
            prop_assert_eq!(sorted(&codes), expected);
        }
    }
}
