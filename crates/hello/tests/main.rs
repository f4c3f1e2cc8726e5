//! The tests of the crate. One program is built faster than several.
#![forbid(unsafe_code)]

mod collector;
mod view;
