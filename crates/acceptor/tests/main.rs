//! The tests of the crate, except the tests of memory use. One program is built faster than several.
#![forbid(unsafe_code)]

mod conversation;
mod differential;
mod handshake;
mod rustls;
mod sealed;
