//! `lastword-fuzz` with servers over rustls 0.24: its own oracles, with other configurations.
//!
//! The clients are the ones of the other workspace, over rustls 0.23. Targets that do not depend on rustls
//! are not here.
#![forbid(unsafe_code)]

mod alone;
mod configs;

#[path = "../../../fuzz/src"]
mod shared {
    pub mod acceptor;
    pub(crate) mod client;
    pub(crate) mod decided;
    pub(crate) mod drive;
    pub(crate) mod established;
    #[allow(dead_code, unused_imports, reason = "servers have another")]
    pub(crate) mod glass;
    pub mod handshake;
    pub(crate) mod heap;
    pub(crate) mod input;
    pub(crate) mod program;
    pub mod seeds;
    pub(crate) mod server;
    pub(crate) mod stream;
    pub mod transport;
}

use shared::{client, decided, drive, established, glass, heap, input, server, stream};

pub use shared::program::try_files;
pub use shared::{acceptor, handshake, seeds, transport};

pub(crate) use stream::{Call, Scripted, acceptor, within};

#[allow(dead_code, unused_imports, reason = "some of it is for tests alone")]
#[path = "../../../acceptor/tests/differential/exceptions.rs"]
mod exceptions;
#[allow(dead_code, reason = "some of it is for other tests")]
#[path = "../../../io/tests/scripted/styles.rs"]
mod styles;
#[allow(dead_code, reason = "the whole comparison is for whole records alone")]
#[path = "../../../acceptor/tests/differential/verdict.rs"]
mod verdict;

/// The targets.
pub mod targets {
    use crate::seeds::{OVER_RUSTLS, Target};

    /// Returns all targets.
    #[must_use]
    pub fn all() -> Vec<Target> {
        OVER_RUSTLS.to_vec()
    }
}
