//! The tests of the crate. One program is built faster than several.
#![forbid(unsafe_code)]

mod command;
mod compare;
mod pki;
mod serve;
mod setup;

#[allow(dead_code, reason = "its main is for the example")]
#[path = "../examples/compare.rs"]
mod example;
