//! The tests of the crate in one program: it is built once.
#![forbid(unsafe_code)]

mod registry;
mod wire;
