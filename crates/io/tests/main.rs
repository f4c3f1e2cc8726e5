//! The tests of the crate, except the tests of memory use. One program is built faster than several.
#![forbid(unsafe_code)]

mod catalogue;
mod foresee;
mod migration;
mod mio;
mod observed;
mod proxy;
mod scripted;
mod sockets;
