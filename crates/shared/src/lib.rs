//! Makes the demo and the tests share what is built.
//!
//! Cargo builds a dependency again if the packages that are built together want other features of it.
//! `cargo xtask demo` therefore names this package beside `lastword-census`. Its manifest has the
//! dependencies of the tests.
#![forbid(unsafe_code)]
