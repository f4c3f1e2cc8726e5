//! The tests of the crate, save those of memory use, in one program: it is built once.
#![forbid(unsafe_code)]

mod catalogue;
mod foresee;
mod migration;
mod mio;
mod observed;
mod proxy;
mod scripted;
mod sockets;
