//! The log line of a ClientHello.

use core::fmt::{self, Display, Formatter, Write as _};

use crate::{
    alpn::AlpnProtocol,
    cipher_suite::CipherSuite,
    client_hello::ClientHello,
    code_points::{ExtensionType, is_grease},
};

/// How many items of a list are shown. The others are only counted.
const FIRST: usize = 3;

/// Writes one line for a log: `server name example.com; TLS 1.3, TLS 1.2; ALPN h2, http/1.1; suites
/// TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256 and 12 more; groups
/// X25519MLKEM768, x25519, secp256r1; schemes ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256 and 5 more;
/// ECH outer, 1 PSK, early data`.
///
/// The line is printable ASCII and has at most 1,024 bytes. Of each list the first three items are
/// shown and the others are counted. GREASE and absent items are left out, except that a missing
/// server name is mentioned. [`AlpnProtocol`] shows the ALPN protocols.
impl Display for ClientHello<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.server_name_as_sent() {
            Some(name) => fmt_lower_case(name, f)?,
            None => f.write_str("no server name")?,
        }
        match self.supported_versions() {
            Some(versions) => first(f, "; ", versions.filter(|version| !is_grease(version.0)))?,
            None => write!(f, "; {}", self.legacy_version())?,
        }
        let protocols = self.alpn().into_iter().flatten();
        first(
            f,
            "; ALPN ",
            protocols.map(AlpnProtocol).filter(|each| !each.is_grease()),
        )?;
        let suites = self.cipher_suites();
        first(f, "; suites ", suites.filter(|suite| !suite.is_grease()))?;
        let groups = self.named_groups().into_iter().flatten();
        first(f, "; groups ", groups.filter(|group| !group.is_grease()))?;
        let schemes = self.signature_schemes().into_iter().flatten();
        first(
            f,
            "; schemes ",
            schemes.filter(|scheme| !scheme.is_grease()),
        )?;
        fmt_notable(self, f)
    }
}

/// Writes the server name in lower case, which is how it is matched.
fn fmt_lower_case(name: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("server name ")?;
    name.chars()
        .try_for_each(|letter| f.write_char(letter.to_ascii_lowercase()))
}

/// Writes what most ClientHellos do not have.
fn fmt_notable(hello: &ClientHello<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let mut separators = ["; "].into_iter().chain(core::iter::repeat(", "));
    let mut separator = || separators.next().unwrap_or_default();
    if let Some(kind) = hello.encrypted_client_hello() {
        write!(f, "{}ECH {kind}", separator())?;
    }
    match hello.psk_identities().map(Iterator::count) {
        Some(1) => write!(f, "{}1 PSK", separator())?,
        Some(count) => write!(f, "{}{count} PSKs", separator())?,
        None => {}
    }
    if hello
        .session_ticket()
        .is_some_and(|ticket| !ticket.is_empty())
    {
        write!(f, "{}session ticket", separator())?;
    }
    for (is_there, name) in [
        (hello.early_data(), "early data"),
        (hello.extension(ExtensionType::COOKIE).is_some(), "cookie"),
        (
            hello
                .cipher_suites()
                .contains(CipherSuite::TLS_FALLBACK_SCSV),
            "fallback",
        ),
    ] {
        if is_there {
            write!(f, "{}{name}", separator())?;
        }
    }
    Ok(())
}

/// Writes the first items of a list and the number of the others. Writes nothing if the list is
/// empty.
fn first<T: Display>(
    f: &mut Formatter<'_>,
    label: &str,
    mut list: impl Iterator<Item = T>,
) -> fmt::Result {
    let mut separator = label;
    for element in list.by_ref().take(FIRST) {
        write!(f, "{separator}{element}")?;
        separator = ", ";
    }
    match list.count() {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
