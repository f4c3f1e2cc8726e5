//! Accepting TLS clients with tokio, and seeing to it that the last word arrives.
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
mod accepting;
#[cfg(feature = "axum")]
mod axum;
mod callback;
mod caught;
mod choice;
mod chooser;
mod client;
mod close;
mod deliveries;
mod established;
mod handshaking;
mod listener;
pub mod plaintext;
mod polled;
mod prefixed;
mod stream;
mod timer;
mod undelivered;

pub use lastword_io::acceptor;
#[cfg(feature = "metrics")]
pub use lastword_io::describe_metrics;
pub use lastword_io::{Delivery, Drain, Failure, Options, Report};

pub use accept::{accept, accept_direct, begin};
pub use accepted::Accepted;
pub use accepting::Accepting;
pub use chooser::Chooser;
pub use close::{Closing, close};
pub use deliveries::Deliveries;
pub use established::Established;
pub use handshaking::Handshaking;
pub use listener::{Closer, Listener, ListenerOptions};
pub use prefixed::Prefixed;
pub use stream::TlsStream;
pub use undelivered::{Delivering, Undelivered};
