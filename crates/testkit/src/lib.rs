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

#[cfg(feature = "observed")]
pub mod observed;
#[cfg(feature = "proptest")]
#[path = "../../acceptor/src/text/outside.rs"] // whose own tests need it, also in its package
pub mod outside;
pub mod recorded;
pub mod sans_io;
pub mod script;

#[cfg(feature = "proptest")]
mod cases;
mod untimed;

pub use lastword_census::{catalogue, pki, server, wire};

#[cfg(feature = "proptest")]
pub use cases::cases;
pub use untimed::untimed;
