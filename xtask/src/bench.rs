//! `bench`: the benchmarks.

use std::ffi::OsString;

use clap::Args;

use crate::{failure::Failure, tool::Tool};

/// Run the benchmarks
///
/// What stands behind `--` goes to criterion:
///
///   cargo xtask bench -- 'record/16 KiB'        the benchmarks with this in their names
///   cargo xtask bench -- --save-baseline before  keeps the numbers to compare with
///   cargo xtask bench -- --baseline before       compares with them
///
/// Needs a Rust toolchain, a C compiler, and a machine that does nothing else meanwhile.
/// Exit codes: 0 measured, 1 a benchmark failed or did not compile, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Arguments for criterion
    #[arg(last = true, value_name = "ARGS")]
    criterion: Vec<OsString>,
}

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let bench = Tool::cargo().args(["bench", "--package", "lastword-benches"]);
    if options.criterion.is_empty() {
        return bench.run();
    }
    bench.args(["--"]).args(options.criterion).run()
}

/// That the benchmarks compile.
pub(crate) fn compile() -> Result<(), Failure> {
    let bench = Tool::cargo().args(["bench", "--package", "lastword-benches", "--no-run"]);
    bench.run()
}
