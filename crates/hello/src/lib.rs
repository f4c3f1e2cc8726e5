//! The ClientHello layer of lastword.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::let_underscore_must_use,
        clippy::panic,
        clippy::unwrap_used
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod alpn;
mod cipher_suite;
mod client_hello;
mod code_points;
mod collector;
mod display;
mod error;
mod extensions;
mod hello;
#[cfg(feature = "ja4")]
mod ja4;
mod key_share;
mod list;
mod malformed;
mod on_demand;
mod parse;
mod reader;
mod received;
mod server_name;

pub use alpn::{AlpnProtocol, AlpnProtocols};
pub use cipher_suite::CipherSuite;
pub use client_hello::ClientHello;
pub use code_points::{
    CertificateCompressionAlgorithm, CertificateType, EcPointFormat, EchClientHelloType,
    ExtensionType, NamedGroup, PskKeyExchangeMode, SignatureScheme,
};
pub use collector::{Collected, Collector};
pub use error::{CollectError, Error, Limits};
pub use extensions::{Extension, Extensions};
pub use hello::Hello;
#[cfg(feature = "ja4")]
pub use ja4::Ja4;
pub use key_share::{KeyShare, KeyShareGroups, KeyShares};
pub use list::{Element, List};
pub use malformed::{Field, Malformed, Problem};
pub use on_demand::{DistinguishedNames, PskIdentities, PskIdentity};
