//! The tests of the crate, except the tests of the examples. One program is built faster than several.
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
