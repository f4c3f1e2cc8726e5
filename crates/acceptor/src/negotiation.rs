//! Checks of a ClientHello before rustls gets it, where rustls would send another alert or decide
//! late.
//!
//! rustls would refuse most of these clients too, but with another alert, after a key exchange, or
//! after a call of the resolver. rustls would serve some of them. Each of those breaks a rule of an
//! RFC; `tests/differential/exceptions.rs` lists the rules.

use lastword_hello::{CipherSuite, ClientHello, ExtensionType, NamedGroup};
use lastword_record::ProtocolVersion;

use crate::backend::config::Config;
use crate::backend::error::RustlsError;
use crate::backend::required::{self, Missing};
use crate::error::{Error, ErrorKind};

/// Returns rustls's error for one that [`check`] returned because of [`required`].
#[cold]
pub(crate) fn reason(error: &Error) -> Option<RustlsError> {
    let (hello, config) = (error.client_hello()?, error.config()?);
    let version = check_version(&hello, config).ok()?;
    let missing = required::check(&hello, config, version).err()?;
    Some(missing.error())
}

/// Returns the version that a server answers with; `None` if there is none in common.
pub(crate) fn version(hello: &ClientHello<'_>, config: &Config) -> Option<ProtocolVersion> {
    check_version(hello, config).ok()
}

/// Checks whether `hello` can be served with `config`. If several checks fail, it returns the first
/// error, because no RFC sets an order.
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
    check_alpn(hello, config)?;
    required::check(hello, config, version).map_err(Missing::kind)
}

/// RFC 8446 4.2.1, D.2: no version in common -> protocol_version. rustls checks signature_algorithms
/// first, which clients of TLS 1.0 and 1.1 do not send.
#[inline]
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

/// RFC 8446 4.1.1: no cipher suite in common -> handshake_failure. rustls checks this only after it
/// has asked for a certificate. rustls also checks whether a common suite works with the certificate.
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
/// handshake_failure. It requires them even with a pre-shared key.
///
/// RFC 8446 4.2.8: a share of a group that is not in supported_groups -> illegal_parameter. rustls
/// ignores such a share.
fn check_extensions(hello: &ClientHello<'_>) -> Result<(), ErrorKind> {
    /// The number of shares that are checked, each against at most 32,767 groups. Clients send one to
    /// three.
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

/// RFC 7301 3.2: no protocol in common -> no_application_protocol. rustls checks this only after a
/// key exchange. As in rustls, a server without protocols ignores those of the client.
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
