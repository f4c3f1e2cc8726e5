//! Moving the bytes of a handshake with `std::io`, and seeing to it that the last word arrives.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
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
mod accepted;
mod attempt;
mod awaiting;
mod blocking;
mod close;
mod delivery;
mod failure;
mod handshaking;
mod input;
mod last_word;
mod machine;
pub mod networks;
mod nonblocking;
mod observed;
mod options;
mod outgoing;
mod panicked;
pub mod proxy;
pub mod step;
mod stream;
mod transport;
mod undelivered;
mod untold;

pub use lastword_acceptor as acceptor;

pub use accept::{accept, accept_direct, begin, begin_direct};
pub use close::Close;
pub use delivery::Delivery;
pub use failure::{Failure, Report};
pub use nonblocking::{Accept, Direct};
#[cfg(feature = "metrics")]
pub use observed::describe_metrics;
pub use options::{Drain, Options};
pub use step::Step;
pub use stream::TlsStream;
pub use transport::{Plain, Transport};
pub use undelivered::Undelivered;
