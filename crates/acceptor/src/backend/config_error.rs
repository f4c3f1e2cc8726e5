//! Which configurations no client can be served with, found when one is made.

use lastword_record::ProtocolVersion;
use rustls::ServerConfig;

use super::certificate_request::{self, Asked, TooLong};

/// Why a configuration is refused when it is made: it asks for what no client can accept, or for
/// what rustls will never do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No protocol version is enabled for which there is a cipher suite.
    #[error("no protocol version is enabled that has a cipher suite")]
    NoVersion,
    /// An application protocol has no name (RFC 7301 section 3.1).
    #[error("an application protocol (ALPN) has an empty name")]
    EmptyProtocolName,
    /// The name of an application protocol is longer than ALPN has room for (RFC 7301 section 3.1).
    #[error("an application protocol (ALPN) has a name of {len} bytes, and 255 is the most")]
    ProtocolNameTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// `ServerConfig::max_fragment_size` is not one that rustls takes.
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
    /// With a ticketer it is not refused, although rustls 0.23.46 accepts early data only in sessions
    /// that are stored: clients are served, without early data.
    #[error(
        "early data is enabled, and sessions are neither stored nor put into tickets: early data \
         is never accepted"
    )]
    EarlyDataWithoutResumption,
    /// Client certificates are asked for, and with no signature scheme at all.
    #[error("client certificates are asked for, and the verifier supports no signature scheme")]
    NoSignatureScheme,
    /// The names of the authorities for client certificates are longer than a CertificateRequest
    /// has room for (RFC 8446 section 4.2.4, RFC 5246 section 7.4.4).
    #[error(
        "the names of the {count} client certificate authorities take {len} bytes, and a \
         CertificateRequest holds {limit}: leave out names, which are only a hint to clients"
    )]
    AuthorityNamesTooLong {
        /// How many names there are.
        count: usize,
        /// What they take in bytes, two for the length of each included.
        len: usize,
        /// What there is room for in bytes.
        limit: usize,
    },
    /// The same, where rustls is compiled with debug assertions and the verifier is not its own. For
    /// TLS 1.3 alone it is not found then.
    #[error(
        "the names of the client certificate authorities take more than the 65535 bytes that a \
         CertificateRequest holds: leave out names, which are only a hint to clients"
    )]
    AuthorityNamesTooLongToCount,
}

/// The longest list whose length two bytes can hold.
const MOST: usize = 0xffff;

/// Checks what can be known of `config` and its `versions`.
pub(crate) fn check(
    config: &ServerConfig,
    versions: &[ProtocolVersion],
) -> Result<(), ConfigError> {
    if versions.is_empty() {
        return Err(ConfigError::NoVersion);
    }
    check_protocols(config)?;
    match config.max_fragment_size {
        // rustls 0.23.46: msgs/fragmenter.rs
        None | Some(32..=16_389) => {}
        Some(size) => return Err(ConfigError::FragmentSize { size }),
    }
    check_early_data(config, versions)?;
    let mut asked = None;
    for version in versions {
        // the names and schemes are the same in each version: one that is not known is as the other
        asked = match certificate_request::asked(config, *version) {
            Ok(known) => known.or(asked),
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
        if let Some(asked) = asked {
            check_asked(asked, config, *version)?;
        }
    }
    Ok(())
}

/// RFC 7301 3.1: `opaque ProtocolName<1..2^8-1>`. A server sends one of them, never the list.
fn check_protocols(config: &ServerConfig) -> Result<(), ConfigError> {
    for name in &config.alpn_protocols {
        match name.len() {
            0 => return Err(ConfigError::EmptyProtocolName),
            1..=255 => {}
            len => return Err(ConfigError::ProtocolNameTooLong { len }),
        }
    }
    Ok(())
}

/// RFC 8446 4.2.10: early data is a part of TLS 1.3, and of a session that is resumed.
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
    if !config.ticketer.enabled() && !config.session_storage.can_cache() {
        return Err(ConfigError::EarlyDataWithoutResumption);
    }
    Ok(())
}

fn check_asked(
    asked: Asked,
    config: &ServerConfig,
    version: ProtocolVersion,
) -> Result<(), ConfigError> {
    let Asked {
        schemes,
        names: count,
        names_len: len,
    } = asked;
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
