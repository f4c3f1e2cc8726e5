//! `mutants`: whether a test fails for each fault that can be planted.

use std::ffi::OsString;

use clap::Args;

use crate::{failure::Failure, subcommand};

/// Plant a fault at a time, and see whether a test fails for it
///
/// cargo-mutants alters one place of a copy of the sources after the other, in the layers that
/// decide and in what delivers their word, and runs the tests of the package. A mutant that
/// survives is a line that no test needs: it wants a test, or to go; one that cannot be told from
/// the original wants a line in .cargo/mutants.toml, with the reason, and is not tried again. What
/// stands behind `--` goes to cargo-mutants:
///
///   cargo xtask mutants -- --file 'crates/record/**'   one layer
///   cargo xtask mutants -- --list                      which there are
///   cargo xtask mutants -- --in-diff change.diff       those of a change
///
/// It takes hours for all. Lists of the caught and of the missed are in target/mutants.out.
///
/// Needs a Rust toolchain, a C compiler and cargo-nextest; builds cargo-mutants where it is not
/// installed.
/// Exit codes: 0 all were caught, 1 one was missed or the tests fail without one, 2 the command line
/// is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Arguments for cargo-mutants
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let mutants = subcommand::MUTANTS.tool()?;
    mutants
        .args(["--output", "target", "--colors", "never"])
        .args(options.arguments)
        .run()
}
