//! The program of a target.

use std::{env, fs, io};

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
