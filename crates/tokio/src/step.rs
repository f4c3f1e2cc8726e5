//! The states of a client, to choose its configuration without a closure, or to go on otherwise.
//!
//! ```text
//! Accepting ──► Accepted ──► Handshaking ──► TlsStream
//!     │            │             │
//!     └────────────┴─────────────┴──► Undelivered ──► Delivering ──► AcceptError
//! ```
//!
//! [`Accepting`], [`Handshaking`] and [`Delivering`] move bytes: await them. [`Accepted`] and
//! [`Undelivered`] move none and wait for you. [`Accept`] and [`AcceptUndelivered`] are the futures of a
//! [`TlsAcceptor`](crate::TlsAcceptor), which are made of them. `lastword_io::step` has the same states,
//! to be stepped.
//!
//! A stream may be of any type that reads and writes: it may borrow, and it need not be `Send`. Of a
//! stream that is not one of tokio's sockets, or that is given to [`Accepting::new_local`], less is known
//! for the report: a reset that no read has returned is not found.
//!
//! ```no_run
//! use lastword_tokio::acceptor::{Config, Rejection};
//! use lastword_tokio::step::{Accepting, Options};
//!
//! async fn serve(tcp: tokio::net::TcpStream, config: &Config) {
//!     let next = match Accepting::new(tcp, &Options::default()).await {
//!         Ok(accepted) => match accepted.server_name() {
//!             Some("example.test") => accepted.into_handshake(config).await,
//!             _ => Err(accepted.reject(Rejection::unrecognized_name())),
//!         },
//!         Err(undelivered) => Err(undelivered),
//!     };
//!     match next {
//!         Ok(_stream) => { /* read and write */ }
//!         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
//!     }
//! }
//! ```

pub(crate) mod accept;
pub(crate) mod accepted;
pub(crate) mod accepting;
pub(crate) mod closing;
pub(crate) mod handshaking;
pub(crate) mod undelivered;

pub use accept::{Accept, AcceptUndelivered};
pub use accepted::Accepted;
pub use accepting::Accepting;
pub use closing::Closing;
pub use handshaking::Handshaking;
pub use lastword_io::step::Options;
pub use undelivered::{Delivering, Undelivered};
