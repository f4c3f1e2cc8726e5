//! Session tickets of lastword, for a fleet of servers.
#![doc = include_str!("../README.md")]
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

mod key;
mod keys;
mod secret;
mod tickets;

pub use secret::{Secret, SecretError};
pub use tickets::Tickets;
