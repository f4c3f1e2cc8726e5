//! The states of a client, to choose its configuration without a closure, or to hold the alert back.
//! Blocking, nonblocking and asynchronous accepting are made of them.
//!
//! ```text
//! Awaiting ──► Accepted ──► Handshaking ──► rustls's connection
//!     │            │             │
//!     └────────────┴─────────────┴──► Untold ──► Telling ──► Report
//! ```
//!
//! [`Awaiting`], [`Handshaking`] and [`Telling`] move bytes: step them over a nonblocking stream
//! when it is there, again whenever it is ready for what the last [`Step`] waits for, and when their
//! deadline passes. [`Accepted`] and [`Untold`] move none and wait for you. None of them holds the
//! stream; each step goes on until the stream would block, as edge-triggered readiness wants it.
//!
//! ```no_run
//! use std::net::TcpStream;
//! use lastword_io::acceptor::{Config, Rejection};
//! use lastword_io::step::{Awaiting, Handshaking, Step, Untold};
//!
//! fn ready(client: Awaiting, stream: &mut TcpStream, config: &Config) {
//!     match client.step(stream) {
//!         Step::Reading(_client) => { /* keep it until the stream is readable */ }
//!         Step::Writing(_client) => { /* keep it until the stream is writable */ }
//!         Step::Over(Ok(accepted)) => {
//!             let _next: Result<Handshaking, Untold> = match accepted.server_name() {
//!                 Some("example.test") => accepted.into_handshake(config),
//!                 _ => Err(accepted.reject(Rejection::unrecognized_name())),
//!             };
//!         }
//!         Step::Over(Err(_untold)) => { /* tell it */ }
//!     }
//! }
//! ```

pub use crate::accepted::Accepted;
pub use crate::awaiting::Awaiting;
pub use crate::handshaking::Handshaking;
pub use crate::untold::{Telling, Untold};

/// How far a step came.
#[derive(Debug)]
#[must_use = "the client waits"]
pub enum Step<S, T> {
    /// The stream has nothing to read: step this once it is readable.
    Reading(S),
    /// The stream takes nothing more: step this once it is writable.
    Writing(S),
    /// To the end of the state, and what it ended with.
    Over(T),
}
