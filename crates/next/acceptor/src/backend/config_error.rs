//! The error for a configuration that can serve no client, found when it is made.

use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

use super::certificate_request::{self, Asked, Asking, TooLong};

/// The error for a configuration that can serve no client, or that enables a feature that rustls
/// cannot use with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No enabled protocol version has a cipher suite.
    #[error("no protocol version is enabled that has a cipher suite")]
    NoVersion,
    /// The name of an application protocol is empty (RFC 7301 section 3.1).
    #[error("an application protocol (ALPN) has an empty name")]
    EmptyProtocolName,
    /// The name of an application protocol is longer than 255 bytes (RFC 7301 section 3.1).
    #[error("an application protocol (ALPN) has a name of {len} bytes, and 255 is the most")]
    ProtocolNameTooLong {
        /// The length of the name in bytes.
        len: usize,
    },
    /// `ServerConfig::max_fragment_size` is outside the range that rustls accepts: 32 to 16,389
    /// bytes.
    #[error("the maximum fragment size is {size} bytes, and must be from 32 to 16389")]
    FragmentSize {
        /// The size in bytes.
        size: usize,
    },
    /// `ServerConfig::max_early_data_size` is set, and TLS 1.3 is not enabled.
    #[error("early data is enabled and TLS 1.3 is not: early data is never accepted")]
    EarlyDataWithoutTls13,
    /// `ServerConfig::max_early_data_size` is set, and no session can be resumed.
    ///
    /// A configuration with a ticketer is not refused. But rustls 0.24 accepts early data only in
    /// stored sessions, so clients are served without early data.
    #[error(
        "early data is enabled, and sessions are neither stored nor put into tickets: early data \
         is never accepted"
    )]
    EarlyDataWithoutResumption,
    /// Client certificates are requested without any signature scheme.
    #[error("client certificates are asked for, and the verifier supports no signature scheme")]
    NoSignatureScheme,
    /// The names of the authorities for client certificates are too long for a CertificateRequest
    /// (RFC 8446 section 4.2.4, RFC 5246 section 7.4.4).
    #[error(
        "the names of the {count} client certificate authorities take {len} bytes, and a \
         CertificateRequest holds {limit}: leave out names, which are only a hint to clients"
    )]
    AuthorityNamesTooLong {
        /// The number of names.
        count: usize,
        /// The length of the names in bytes, including two bytes for the length of each.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The names of the authorities are too long, but their number is not known. This happens if
    /// rustls is compiled with debug assertions and the verifier is not its own. If only TLS 1.3 is
    /// enabled, the error is then not found.
    #[error(
        "the names of the client certificate authorities take more than the 65535 bytes that a \
         CertificateRequest holds: leave out names, which are only a hint to clients"
    )]
    AuthorityNamesTooLongToCount,
}

/// The longest list whose length two bytes can hold.
const MOST: usize = 0xffff;

/// Checks `config` and its `versions`. Returns what it asks of client certificates.
pub(crate) fn check(
    config: &ServerConfig,
    versions: &[ProtocolVersion],
) -> Result<Asking, ConfigError> {
    if versions.is_empty() {
        return Err(ConfigError::NoVersion);
    }
    check_protocols(config)?;
    match config.max_fragment_size {
        // rustls 0.24: msgs/fragmenter.rs
        None | Some(32..=16_389) => {}
        Some(size) => return Err(ConfigError::FragmentSize { size }),
    }
    check_early_data(config, versions)?;
    let mut asking = Asking::No;
    for version in versions {
        // names and schemes are the same in all versions: the one known result is enough
        asking = match certificate_request::asked(config, *version) {
            Ok(Asking::No) => asking,
            Ok(Asking::Maybe) if asking != Asking::No => asking,
            Ok(known) => known,
            Err(TooLong { names }) => {
                let too_long = |(count, len)| ConfigError::AuthorityNamesTooLong {
                    count,
                    len,
                    limit: MOST,
                };
                let uncounted = ConfigError::AuthorityNamesTooLongToCount;
                return Err(names.map_or(uncounted, too_long));
            }
        };
        if let Asking::Yes(asked) = &asking {
            check_asked(asked, config, *version)?;
        }
    }
    Ok(asking)
}

/// RFC 7301 3.1: `opaque ProtocolName<1..2^8-1>`. The server sends only one name, so the list may
/// have any length.
fn check_protocols(config: &ServerConfig) -> Result<(), ConfigError> {
    for name in &config.alpn_protocols {
        match name.as_ref().len() {
            0 => return Err(ConfigError::EmptyProtocolName),
            1..=255 => {}
            len => return Err(ConfigError::ProtocolNameTooLong { len }),
        }
    }
    Ok(())
}

/// RFC 8446 4.2.10: early data needs TLS 1.3 and a resumed session.
fn check_early_data(
    config: &ServerConfig,
    versions: &[ProtocolVersion],
) -> Result<(), ConfigError> {
    if config.max_early_data_size == 0 {
        return Ok(());
    }
    if !versions.contains(&ProtocolVersion::TLS_1_3) {
        return Err(ConfigError::EarlyDataWithoutTls13);
    }
    if config.ticketer.is_none() && !config.session_storage.can_cache() {
        return Err(ConfigError::EarlyDataWithoutResumption);
    }
    Ok(())
}

fn check_asked(
    asked: &Asked,
    config: &ServerConfig,
    version: ProtocolVersion,
) -> Result<(), ConfigError> {
    let (schemes, count, len) = (asked.schemes, asked.names.len(), asked.names_len);
    if schemes == 0 {
        return Err(ConfigError::NoSignatureScheme);
    }
    let limit = match version {
        // RFC 8446 4.3.2: `Extension extensions<2..2^16-1>` holds them all
        ProtocolVersion::TLS_1_3 => {
            let signature_algorithms = 4 + 2 + 2 * schemes;
            let compress_certificate = match config.cert_decompressors.len() {
                0 => 0,
                algorithms => 4 + 1 + 2 * algorithms,
            };
            MOST.saturating_sub(signature_algorithms + compress_certificate + 4 + 2)
        }
        _ => MOST,
    };
    if len > limit {
        return Err(ConfigError::AuthorityNamesTooLong { count, len, limit });
    }
    Ok(())
}
