//! The states of a handshake, to choose a configuration without a closure or to hold an alert back.
//!
//! ```text
//! Accepting ──► Accepted ──► Handshaking ──► TlsStream
//!     │            │             │
//!     └────────────┴─────────────┴──► Undelivered ──► Delivering ──► AcceptError
//! ```
//!
//! [`Handshaking::authorizing`] inserts two states for a verdict on the client's certificate:
//! [`Authenticating`] and [`Authenticated`]. [`Authenticated::accept`] returns to [`Handshaking`].
//!
//! [`Accepting`], [`Authenticating`], [`Handshaking`] and [`Delivering`] are futures: await them.
//! [`Accepted`], [`Authenticated`] and [`Undelivered`] move no bytes and wait for your decision.
//! [`Accept`] and [`AcceptUndelivered`] are the futures of a [`TlsAcceptor`](crate::TlsAcceptor) and use
//! these states. `lastword_io::step` has the same states for an event loop.
//!
//! A stream may be of any type that reads and writes: it may borrow, and it need not be `Send`. If it
//! is not one of tokio's sockets, or is given to [`Accepting::new_local`], a reset is detected only
//! if a read returns it.
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
pub(crate) mod accept_undelivered;
pub(crate) mod accepted;
pub(crate) mod accepting;
pub(crate) mod authenticated;
pub(crate) mod closing;
pub(crate) mod deciding;
pub(crate) mod handshaking;
pub(crate) mod undelivered;

pub use accept::Accept;
pub use accept_undelivered::AcceptUndelivered;
pub use accepted::Accepted;
pub use accepting::Accepting;
pub use authenticated::{Authenticated, Authenticating};
pub use closing::Closing;
pub use handshaking::Handshaking;
pub use lastword_io::step::Options;
pub use undelivered::{Delivering, Undelivered};
