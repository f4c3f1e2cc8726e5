//! The tests of the crate, save those of memory use, in one program: it is built once.
#![forbid(unsafe_code)]

mod conversation;
mod differential;
mod handshake;
mod rustls;
mod sealed;
