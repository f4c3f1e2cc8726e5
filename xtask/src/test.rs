//! `test` and `prop`: the tests, and the properties with more cases.

use std::ffi::OsString;

use xshell::{Cmd, Shell};

use crate::tool::{cargo, has};

pub(crate) fn run(sh: &Shell, args: &[OsString]) -> anyhow::Result<()> {
    if !args.is_empty() {
        return Ok(runner(sh)?.args(args).run()?);
    }
    runner(sh)?.arg("--workspace").run()?;
    Ok(cargo(sh, "test").args(["--workspace", "--doc"]).run()?)
}

/// cargo-nextest if it is installed, or else `cargo test`, without doctests.
fn runner(sh: &Shell) -> anyhow::Result<Cmd<'_>> {
    if has(sh, "nextest") {
        return Ok(cargo(sh, "nextest").arg("run"));
    }
    eprintln!("cargo-nextest is not installed: using `cargo test`");
    // tests run them, and `cargo test` builds them only together with the doctests
    cargo(sh, "build")
        .args(["--workspace", "--examples"])
        .run()?;
    Ok(cargo(sh, "test").args(["--lib", "--bins", "--tests"]))
}

/// Returns the command that runs the tests of another workspace.
pub(crate) fn runner_of<'a>(sh: &'a Shell, manifest: &str) -> Cmd<'a> {
    let command = match has(sh, "nextest") {
        true => cargo(sh, "nextest").arg("run"),
        false => cargo(sh, "test").arg("--tests"),
    };
    command.args(["--manifest-path", manifest, "--workspace"])
}

/// Runs all tests, each property with this many cases.
pub(crate) fn properties(sh: &Shell, cases: u32) -> anyhow::Result<()> {
    let tests = runner(sh)?.arg("--workspace");
    Ok(tests.env("PROPTEST_CASES", cases.to_string()).run()?)
}
