//! The tests of the crate, save those of memory use and of an example, in one program: it is built once.
#![forbid(unsafe_code)]

mod catalogue;
mod migration;
mod observed;
mod proxy;
mod scripted;
mod sockets;
