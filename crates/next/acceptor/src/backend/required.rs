//! What rustls requires of a ClientHello, whatever the certificate is.
//!
//! rustls checks it before and after it asks for a certificate. Here it is checked before, so that it
//! can be foreseen: `foresee.rs`.

use lastword_hello::{ClientHello, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::ServerConfig;
use rustls::crypto::kx::{KeyExchangeAlgorithm, NamedGroup as Group};
use rustls::enums::ProtocolVersion as Version;
use rustls::error::PeerIncompatible;

use super::config::Config;
use super::error::RustlsError;
use crate::error::ErrorKind;

/// What a ClientHello lacks.
#[derive(Clone, Copy)]
pub(crate) enum Missing {
    SignatureAlgorithms,
    Group,
    ExtendedMasterSecret,
}

impl Missing {
    pub(crate) const fn kind(self) -> ErrorKind {
        match self {
            Self::Group => ErrorKind::NoGroupInCommon,
            Self::SignatureAlgorithms | Self::ExtendedMasterSecret => ErrorKind::Incompatible,
        }
    }

    /// Returns rustls's error for it.
    pub(crate) fn error(self) -> RustlsError {
        let error = match self {
            Self::SignatureAlgorithms => PeerIncompatible::SignatureAlgorithmsExtensionRequired,
            Self::Group => PeerIncompatible::NoKxGroupsInCommon,
            Self::ExtendedMasterSecret => PeerIncompatible::ExtendedMainSecretExtensionRequired,
        };
        rustls::Error::from(error).into()
    }
}

/// Checks whether a ClientHello that is answered in this version has what rustls requires.
#[inline(never)] // it keeps the caller small, which every refusal goes through
pub(crate) fn check(
    hello: &ClientHello<'_>,
    config: &Config,
    version: ProtocolVersion,
) -> Result<(), Missing> {
    let is_tls12 = version == ProtocolVersion::TLS_1_2;
    if is_tls12 && hello.signature_schemes().is_none() {
        Err(Missing::SignatureAlgorithms)
    } else if !config.groups().have_one_of(hello, is_tls12) {
        Err(Missing::Group)
    } else if is_tls12 && config.rustls().require_ems && !hello.extended_master_secret() {
        Err(Missing::ExtendedMasterSecret)
    } else {
        Ok(())
    }
}

/// The groups of a configuration for the key exchange.
#[derive(Clone)]
pub(crate) struct Groups {
    tls12: Vec<NamedGroup>,
    tls13: Vec<NamedGroup>,
    /// Whether one is of a finite field.
    have_finite_field: bool,
}

impl Groups {
    pub(crate) fn of(config: &ServerConfig) -> Self {
        let groups = &config.provider().kx_groups;
        let usable = |version| {
            let usable = groups
                .iter()
                .filter(|it| it.name().usable_for_version(version));
            usable.map(|it| NamedGroup(it.name().into())).collect()
        };
        Self {
            tls12: usable(Version::TLSv1_2),
            tls13: usable(Version::TLSv1_3),
            have_finite_field: groups.iter().any(|it| is_finite_field(it.name())),
        }
    }

    /// RFC 8446 4.1.1: no group in common -> handshake_failure.
    ///
    /// RFC 7919 4: in TLS 1.2 the server chooses a group of finite fields if the client names none.
    fn have_one_of(&self, hello: &ClientHello<'_>, is_tls12: bool) -> bool {
        let ours = match is_tls12 {
            true => &self.tls12,
            false => &self.tls13,
        };
        let theirs = || hello.named_groups().into_iter().flatten();
        if theirs().any(|group| ours.contains(&group)) {
            return true;
        }
        is_tls12 && self.have_finite_field && !theirs().any(|group| is_finite_field(group.0.into()))
    }
}

fn is_finite_field(group: Group) -> bool {
    group.key_exchange_algorithm() == KeyExchangeAlgorithm::DHE
}
