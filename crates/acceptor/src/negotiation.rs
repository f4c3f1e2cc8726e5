//! What is decided before rustls sees a ClientHello, because it would decide otherwise or late.
//!
//! Most clients that are refused here would be refused by rustls, with another alert, after a key
//! exchange, or after the resolver was asked in vain. rustls would serve some of them: each breaks a
//! rule of an RFC, and `tests/differential/exceptions.rs` lists these rules.

use lastword_hello::{CipherSuite, ClientHello, ExtensionType, NamedGroup};
use lastword_record::ProtocolVersion;

use crate::backend::config::Config;
use crate::error::ErrorKind;

/// Whether `hello` can be served with `config`, as far as that is decided here. Where there is more
/// than one reason against it, the first is told: no RFC sets an order.
pub(crate) fn check(hello: &ClientHello<'_>, config: &Config) -> Result<(), ErrorKind> {
    if let Some(error) = config.error() {
        return Err(ErrorKind::Config(error.clone()));
    }
    let version = check_version(hello, config)?;
    check_fallback(hello, config)?;
    check_cipher_suites(hello, config, version)?;
    if version == ProtocolVersion::TLS_1_3 {
        check_extensions(hello)?;
    }
    check_alpn(hello, config)
}

/// RFC 8446 4.2.1, D.2: no version in common -> protocol_version. rustls comes to it only after it
/// has missed signature_algorithms, which clients of TLS 1.0 and 1.1 do not send.
fn check_version(hello: &ClientHello<'_>, config: &Config) -> Result<ProtocolVersion, ErrorKind> {
    let in_common = match hello.supported_versions() {
        // RFC 8446 D.5: legacy_version 0x0300, also with supported_versions -> protocol_version
        Some(_) if hello.legacy_version() == ProtocolVersion::SSL_3_0 => None,
        Some(offered) => offered
            .filter(|version| config.versions().contains(version))
            .max(),
        // RFC 8446 4.2.1: without the extension the version is TLS 1.2 or older
        None => Some(ProtocolVersion::TLS_1_2).filter(|version| {
            hello.legacy_version() >= *version && config.versions().contains(version)
        }),
    };
    in_common.ok_or_else(|| ErrorKind::NoVersionInCommon)
}

/// RFC 8446 4.1.1: no cipher suite in common -> handshake_failure. rustls comes to it only after it
/// has asked for a certificate. Of those in common one may still not go with that, which is rustls's
/// to find.
fn check_cipher_suites(
    hello: &ClientHello<'_>,
    config: &Config,
    version: ProtocolVersion,
) -> Result<(), ErrorKind> {
    let offered = hello.cipher_suites();
    if config
        .cipher_suites(version)
        .any(|suite| offered.contains(suite))
    {
        Ok(())
    } else {
        Err(ErrorKind::NoCipherSuiteInCommon(version))
    }
}

/// RFC 8446 9.2: a ClientHello of TLS 1.3 without these -> missing_extension. rustls 0.23 sends
/// handshake_failure. It never does without them, a pre-shared key or not.
///
/// RFC 8446 4.2.8: a share of a group that is not in supported_groups -> illegal_parameter. rustls
/// passes over it.
fn check_extensions(hello: &ClientHello<'_>) -> Result<(), ErrorKind> {
    /// How many shares are looked at, each against at most 32,767 groups. Clients send one to three.
    const MOST: usize = 16;

    let missing = |extension| move || ErrorKind::MissingExtension(extension);
    let schemes = hello.signature_schemes();
    schemes.ok_or_else(missing(ExtensionType::SIGNATURE_ALGORITHMS))?;
    let groups = hello.named_groups();
    let groups = groups.ok_or_else(missing(ExtensionType::SUPPORTED_GROUPS))?;
    let shares = hello.key_share_groups();
    let shares = shares.ok_or_else(missing(ExtensionType::KEY_SHARE))?;

    let not_offered = |group: &NamedGroup| !groups.contains(*group);
    match shares.take(MOST).find(not_offered) {
        Some(group) => Err(ErrorKind::KeyShareNotOffered(group)),
        None => Ok(()),
    }
}

/// RFC 7507 3: the server's highest version is higher than the client's -> inappropriate_fallback.
fn check_fallback(hello: &ClientHello<'_>, config: &Config) -> Result<(), ErrorKind> {
    if !hello
        .cipher_suites()
        .contains(CipherSuite::TLS_FALLBACK_SCSV)
    {
        return Ok(());
    }
    let known = |version: &ProtocolVersion| version.name().is_some();
    let offered = match hello.supported_versions() {
        Some(offered) => offered.filter(known).max(),
        None => Some(hello.legacy_version()),
    };
    let highest = config.versions().iter().max().copied();
    if highest > offered {
        Err(ErrorKind::InappropriateFallback)
    } else {
        Ok(())
    }
}

/// RFC 7301 3.2: no protocol in common -> no_application_protocol. rustls comes to it only after
/// a whole key exchange. Like rustls, a server without protocols of its own ignores the client's.
fn check_alpn(hello: &ClientHello<'_>, config: &Config) -> Result<(), ErrorKind> {
    let ours = config.alpn();
    let Some(mut theirs) = hello.alpn() else {
        return Ok(());
    };
    if ours.is_empty() || theirs.any(|protocol| ours.iter().any(|our| our == protocol)) {
        return Ok(());
    }
    Err(ErrorKind::NoApplicationProtocol)
}
