//! What must hold of any input: the oracles of the fuzz targets, and the inputs to begin with.
//!
//! Each target has a module with its oracle, `check`, which panics where an input does not come to
//! what it must. The targets give it what libFuzzer makes up; a test gives it every seed.
#![forbid(unsafe_code)]

pub mod acceptor;
pub mod alert;
pub mod handshake;
pub mod hello;
pub mod proxy;
pub mod record;
pub mod seeds;
pub mod tickets;
pub mod transport;

mod client;
mod decided;
mod drive;
mod established;
mod glass;
mod heap;
mod input;
mod server;
mod stream;

use std::{env, fs, io};

pub(crate) use stream::{Call, Scripted, acceptor, within};

// which clients may fare otherwise than with rustls alone is said once, beside the acceptor's tests
#[allow(dead_code, unused_imports, reason = "some of it is for tests alone")]
#[path = "../../acceptor/tests/differential/exceptions.rs"]
mod exceptions;
#[path = "../../io/tests/proxy/oracle.rs"]
mod oracle;
#[allow(dead_code, reason = "some of it is for other tests")]
#[path = "../../io/tests/scripted/styles.rs"]
mod styles;
#[allow(dead_code, reason = "the whole comparison is for whole records alone")]
#[path = "../../acceptor/tests/differential/verdict.rs"]
mod verdict;

/// What makes a program of a target's `check`: libFuzzer calls it, or [`try_files`] does.
#[macro_export]
macro_rules! target {
    ($check:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $check(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            $crate::try_files($check)
        }
    };
}

/// Without a fuzzer: tries the inputs in the files that are named on the command line.
///
/// # Errors
///
/// If a file cannot be read.
pub fn try_files(check: fn(&[u8])) -> io::Result<()> {
    for file in env::args_os().skip(1) {
        check(&fs::read(file)?);
    }
    Ok(())
}
