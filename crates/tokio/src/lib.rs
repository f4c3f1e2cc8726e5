//! The layer of lastword over tokio, with a listener.
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

mod accepting;
pub mod authorize;
#[cfg(feature = "axum")]
pub mod axum;
mod background;
mod caught;
pub mod choose;
mod client;
mod deliveries;
mod guard;
mod limit;
pub mod listener;
pub mod plaintext;
mod polled;
mod prefixed;
mod socket;
pub mod step;
mod stream;
mod timer;
#[cfg(feature = "tokio-rustls")]
mod tokio_rustls;

pub use lastword_io::acceptor;
#[cfg(feature = "metrics")]
pub use lastword_io::describe_metrics;
pub use lastword_io::{AcceptError, Delivery, Drain};

pub use accepting::TlsAcceptor;
pub use choose::{Addresses, Incoming};
pub use deliveries::Deliveries;
pub use listener::{Listener, ListenerOptions, Shutdown};
pub use prefixed::Prefixed;
pub use step::Undelivered;
pub use stream::TlsStream;
