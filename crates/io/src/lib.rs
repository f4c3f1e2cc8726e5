//! Moving the bytes of a handshake with `std::io`, and seeing to it that the last word arrives.
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

mod accept;
mod accepting;
mod blocking;
mod delivery;
mod failure;
mod input;
mod machine;
mod nonblocking;
mod options;
mod outgoing;
mod stream;
mod telling;
mod transport;
mod undelivered;

pub use lastword_acceptor as acceptor;

pub use accept::{accept, accept_direct, begin, begin_direct};
pub use delivery::Delivery;
pub use failure::{Failure, Report};
pub use nonblocking::{Accept, Close, Closing, Direct, Progress};
pub use options::{Drain, Options};
pub use stream::TlsStream;
pub use transport::{Plain, Transport};
pub use undelivered::Undelivered;
