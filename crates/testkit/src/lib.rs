//! The client side of every test: certificates, wire bytes, failing clients and scripted streams.
#![doc = include_str!("../README.md")]
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

pub mod catalogue;
#[cfg(feature = "observed")]
pub mod observed;
#[cfg(feature = "proptest")]
pub mod outside;
pub mod pki;
pub mod recorded;
pub mod sans_io;
pub mod script;
pub mod wire;

#[cfg(feature = "proptest")]
mod cases;
mod line;
mod untimed;

#[cfg(feature = "proptest")]
pub use cases::cases;
pub use untimed::untimed;
