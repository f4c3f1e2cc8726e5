//! Session tickets for a fleet of TLS servers: keys derived from one secret and the clock.
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
