//! The states of a handshake, for your own event loop, for example with mio, polling or epoll.
//!
//! The blocking [`TlsAcceptor`](crate::TlsAcceptor) uses the same states.
//!
//! ```text
//! Accepting ──► Accepted ──► Handshaking ──► Connection
//!     │            │             │
//!     └────────────┴─────────────┴──► Undelivered ──► Delivering ──► AcceptError
//! ```
//!
//! [`Accept`] combines all of them, and [`TlsAcceptor::start`](crate::TlsAcceptor::start) returns
//! one. Use the single states to choose a configuration without a closure, or to hold an alert back.
//!
//! [`Handshaking::authorizing`] inserts two states for a verdict on the client's certificate:
//! [`Authenticating`] and [`Authenticated`]. [`Authenticated::accept`] returns to [`Handshaking`].
//!
//! [`Accepting`], [`Authenticating`], [`Handshaking`], [`Delivering`], [`Accept`] and [`Close`] move
//! bytes. Step them once at the start, then whenever the stream is ready for what the last [`Step`]
//! waits for, and when their deadline passes. Each step continues until the stream would block, as
//! edge-triggered readiness requires. [`Accepted`], [`Authenticated`] and [`Undelivered`] move no bytes
//! and wait for your decision. No state holds the stream.
//!
//! To end a handshake from outside, use `aborted`, `timed_out` or `stream_failed` of its state. They
//! return an [`Undelivered`].
//!
//! ```no_run
//! use std::net::TcpStream;
//! use lastword_io::acceptor::{Config, Rejection};
//! use lastword_io::step::{Accepting, Handshaking, Step, Undelivered};
//!
//! fn ready(client: Accepting, stream: &mut TcpStream, config: &Config) {
//!     match client.step(stream) {
//!         Step::Reading(_client) => { /* keep it until the stream is readable */ }
//!         Step::Writing(_client) => { /* keep it until the stream is writable */ }
//!         Step::Over(Ok(accepted)) => {
//!             let _next: Result<Handshaking, Undelivered> =
//!                 match accepted.server_name() {
//!                     Some("example.test") => accepted.into_handshake(config),
//!                     _ => Err(accepted.reject(Rejection::unrecognized_name())),
//!                 };
//!         }
//!         Step::Over(Err(_undelivered)) => { /* deliver it */ }
//!     }
//! }
//! ```

pub(crate) mod accept;
pub(crate) mod accepted;
pub(crate) mod accepting;
pub(crate) mod authenticated;
pub(crate) mod handshaking;
mod stage;
pub(crate) mod undelivered;

pub use accept::Accept;
pub use accepted::Accepted;
pub use accepting::Accepting;
pub use authenticated::{Authenticated, Authenticating};
pub use handshaking::Handshaking;
pub use undelivered::{Delivering, Undelivered};

pub use crate::delivery::Close;
pub use crate::machine::{Buffer, Step};
#[cfg(feature = "tracing")]
pub use crate::options::LevelOf;
pub use crate::options::Options;
