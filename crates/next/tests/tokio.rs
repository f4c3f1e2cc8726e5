//! The tests of `lastword-tokio` over rustls 0.24, from `crates/tokio/tests`.
#![forbid(unsafe_code)]

#[path = "../../tokio/tests/catalogue/mod.rs"]
mod catalogue;
#[path = "../../tokio/tests/listener/mod.rs"]
mod listener;
#[path = "../../tokio/tests/observed/mod.rs"]
mod observed;
#[path = "../../tokio/tests/prefixed.rs"]
mod prefixed;
#[path = "../../tokio/tests/scripted/mod.rs"]
mod scripted;
#[path = "../../tokio/tests/sockets/mod.rs"]
mod sockets;
#[path = "../../tokio/tests/stages/mod.rs"]
mod stages;
