//! The tests of the crate, save those of the examples, in one program: it is built once.
#![forbid(unsafe_code)]

mod adapters;
mod catalogue;
mod listener;
mod migration;
mod observed;
mod prefixed;
mod scripted;
mod sockets;
mod stages;
