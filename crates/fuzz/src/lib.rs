//! What must hold of any input: the oracles of the fuzz targets, and the inputs to begin with.
//!
//! Each target has a module with its oracle, `check`, which panics where an input does not come to
//! what it must. The targets give it what libFuzzer makes up; a test gives it every seed.
#![forbid(unsafe_code)]

pub mod acceptor;
pub mod alert;
pub mod handshake;
pub mod hello;
pub mod proxy;
pub mod record;
pub mod seeds;
pub mod targets;
pub mod tickets;
pub mod transport;

mod client;
mod configs;
mod decided;
mod drive;
mod established;
mod glass;
mod heap;
mod input;
mod program;
mod server;
mod stream;

pub use program::try_files;

pub(crate) use stream::{Call, Scripted, acceptor, within};

// which clients may fare otherwise than with rustls alone is said once, beside the acceptor's tests
#[path = "../../acceptor/tests/differential/alone.rs"]
mod alone;
#[allow(dead_code, unused_imports, reason = "some of it is for tests alone")]
#[path = "../../acceptor/tests/differential/exceptions.rs"]
mod exceptions;
#[path = "../../io/tests/proxy/oracle.rs"]
mod oracle;
#[allow(dead_code, reason = "some of it is for other tests")]
#[path = "../../io/tests/scripted/styles.rs"]
mod styles;
#[allow(dead_code, reason = "the whole comparison is for whole records alone")]
#[path = "../../acceptor/tests/differential/verdict.rs"]
mod verdict;
