//! The layer of lastword over `std::io`, blocking and nonblocking.
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

mod accept;
pub mod authorize;
#[cfg(feature = "background")]
pub mod background;
mod blocking;
pub mod choose;
mod delivery;
mod error;
mod machine;
pub mod networks;
mod observed;
mod options;
pub mod proxy;
mod shadow;
pub mod step;
mod stream;
mod transport;

pub use lastword_acceptor as acceptor;

pub use accept::{TlsAcceptor, Undelivered};
pub use choose::Incoming;
pub use delivery::Delivery;
pub use error::AcceptError;
#[cfg(feature = "metrics")]
pub use observed::describe_metrics;
pub use options::Drain;
pub use stream::TlsStream;
pub use transport::{Plain, Transport};
