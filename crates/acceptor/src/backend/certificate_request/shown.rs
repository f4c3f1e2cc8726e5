//! The authorities' names, read from a configuration's `Debug` output.
//!
//! With debug assertions rustls panics if a CertificateRequest is too long. In TLS 1.3 it panics
//! twice at once, which aborts the process. So in such builds the names are read from the `Debug`
//! output of rustls's own verifier.

use rustls::ServerConfig;

/// What is known of the names without a CertificateRequest of rustls.
pub(super) enum Names {
    /// There are no names: clients are not asked for certificates.
    None,
    /// The number of names and their length in bytes, including two bytes for the length of each.
    Some(usize, usize),
    /// The verifier is the application's own.
    Unknown,
}

/// Returns the names that `config` shows.
pub(super) fn names(config: &ServerConfig) -> Names {
    let shown = format!("{config:?}");
    if shown.contains("verifier: NoClientAuth") {
        return Names::None;
    }
    let Some((_, own)) = shown.split_once("verifier: WebPkiClientVerifier {") else {
        return Names::Unknown;
    };
    let names = own.split_once("root_hint_subjects: [");
    let names = names.and_then(|(_, names)| names.split_once(']'));
    let Some((names, _)) = names else {
        return Names::Unknown;
    };
    let names = names.split("DistinguishedName(").skip(1);
    let digits = |name: &str| name.bytes().filter(u8::is_ascii_hexdigit).count();
    let (count, len) = names.fold((0, 0), |(count, len), name| {
        (count + 1, len + 2 + digits(name) / 2)
    });
    Names::Some(count, len)
}
