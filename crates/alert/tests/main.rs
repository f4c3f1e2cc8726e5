//! The tests of the crate. One program is built faster than several.
#![forbid(unsafe_code)]

mod registry;
mod wire;
