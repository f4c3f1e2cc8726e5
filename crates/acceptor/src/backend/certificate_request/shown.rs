//! What a configuration's `Debug` shows of the names of authorities.
//!
//! With debug assertions rustls panics over a CertificateRequest that is too long, and over one of TLS
//! 1.3 it panics twice at once, which ends the process. So in such builds the names are looked for
//! where rustls's own verifier shows them.

use rustls::ServerConfig;

/// What is known of the names without asking rustls for a CertificateRequest.
pub(super) enum Names {
    /// There are none: nothing is asked.
    None,
    /// How many there are, and what they take in bytes, two for the length of each included.
    Some(usize, usize),
    /// The verifier is the application's own.
    Unknown,
}

/// The names that `config` shows.
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
