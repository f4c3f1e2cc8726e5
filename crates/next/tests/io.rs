//! The tests of `lastword-io` over rustls 0.24, from `crates/io/tests`.
#![forbid(unsafe_code)]

#[path = "../../io/tests/catalogue/mod.rs"]
mod catalogue;
#[path = "../../io/tests/observed/mod.rs"]
mod observed;
#[path = "../../io/tests/scripted/mod.rs"]
mod scripted;
#[path = "../../io/tests/sockets/mod.rs"]
mod sockets;
