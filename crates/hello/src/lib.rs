//! What a client says first: its ClientHello, collected from records and shown where it stands.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
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
mod dns_name;
mod duplicates;
mod error;
mod extension_type;
mod extensions;
mod hello;
mod key_share;
mod layout;
mod limits;
mod list;
mod malformed;
mod named_group;
mod parse;
mod reader;
mod server_name;
mod signature_scheme;

pub use alpn::AlpnProtocols;
pub use cipher_suite::CipherSuite;
pub use client_hello::ClientHello;
pub use collector::{Collected, Collector, Failed};
pub use error::Error;
pub use extension_type::ExtensionType;
pub use extensions::{Extension, Extensions};
pub use hello::Hello;
pub use key_share::KeyShareGroups;
pub use limits::Limits;
pub use list::{Element, List};
pub use malformed::{Field, Malformed, Problem};
pub use named_group::NamedGroup;
pub use signature_scheme::SignatureScheme;
