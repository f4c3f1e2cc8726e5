//! `coverage`: which lines the tests run, crate by crate.

use std::collections::BTreeMap;
use std::fs;

use clap::Args;
use serde_json::Value;

use crate::failure::Failure;
use crate::subcommand::LLVM_COV;
use crate::tool::{Tool, root};

/// See which lines of each crate the tests run
///
/// All tests are built anew, with counters, and run. Then there is a line for each published crate,
/// and with --missing the numbers of the lines that no test ran.
///
/// Needs a Rust toolchain, a C compiler, cargo-nextest, and the tools of the compiler's LLVM: rustup's
/// component llvm-tools, or llvm-cov-N and llvm-profdata-N of its major version N, in Debian's package
/// llvm-N. Installs cargo-llvm-cov where it is not installed.
/// Exit codes: 0 measured, 1 a test failed or something is missing, 2 the command line is wrong.
#[derive(Args, Clone, Copy)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// List the lines that no test ran
    #[arg(long)]
    missing: bool,
}

/// Where the figures are written, from the workspace's root.
const FIGURES: &str = "target/coverage.json";

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    // which builds the examples too, that tests run
    let tests = ["nextest", "--workspace", "--exclude", "lastword-benches"];
    let figures = ["--json", "--summary-only", "--output-path", FIGURES];
    llvm_cov()?.args(tests).args(figures).run()?;
    if options.missing {
        let lines = ["report", "--show-missing-lines"];
        llvm_cov()?.args(lines).args(OURS).run()?;
    }
    let path = root().join(FIGURES);
    let json = fs::read_to_string(&path).map_err(|source| Failure::file(&path, source))?;
    let crates = by_crate(&json).ok_or_else(|| Failure::Output {
        command: "cargo llvm-cov".to_owned(),
        what: "no figures by file".to_owned(),
    })?;
    for (name, lines) in crates {
        println!("{name:<10} {lines}");
    }
    Ok(())
}

/// The published crates alone.
const OURS: [&str; 2] = ["--ignore-filename-regex", "testkit|xtask|tests/|examples/"];

fn llvm_cov() -> Result<Tool, Failure> {
    let tool = LLVM_COV.tool()?;
    let version = Tool::new("rustc").args(["-vV"]).stdout()?;
    let Some(major) = llvm_major(&version) else {
        return Ok(tool);
    };
    let (cov, profdata) = (
        format!("llvm-cov-{major}"),
        format!("llvm-profdata-{major}"),
    );
    // else cargo-llvm-cov looks for rustup's
    Ok(match Tool::new(&cov).args(["--version"]).stdout() {
        Ok(_) => tool.env("LLVM_COV", &cov).env("LLVM_PROFDATA", &profdata),
        Err(_) => tool,
    })
}

/// The major version of the compiler's LLVM.
fn llvm_major(rustc: &str) -> Option<&str> {
    let version = rustc
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()
}

/// How many lines there are, and how many of them were run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lines {
    all: u64,
    run: u64,
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { all, run } = *self;
        let hundredths = (run * 10_000).checked_div(all).unwrap_or(10_000);
        let (whole, part) = (hundredths / 100, hundredths % 100);
        write!(f, "{run:>5} of {all:>5} lines, {whole:>3}.{part:02} %")
    }
}

fn by_crate(json: &str) -> Option<BTreeMap<String, Lines>> {
    let json: Value = serde_json::from_str(json).ok()?;
    let mut crates: BTreeMap<String, Lines> = BTreeMap::new();
    for file in json["data"][0]["files"].as_array()? {
        let path = file["filename"].as_str()?;
        let Some((_, path)) = path.split_once("/crates/") else {
            continue;
        };
        let Some((name, _)) = path.split_once("/src/") else {
            continue;
        };
        if name == "testkit" {
            continue;
        }
        let lines = crates.entry(name.to_owned()).or_default();
        lines.all += file["summary"]["lines"]["count"].as_u64()?;
        lines.run += file["summary"]["lines"]["covered"].as_u64()?;
    }
    Some(crates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_llvm_of_the_compiler() {
        assert_eq!(
            llvm_major("rustc 1.95.0\nLLVM version: 22.1.2\n"),
            Some("22")
        );
        assert_eq!(llvm_major("rustc 1.95.0\n"), None);
    }

    #[test]
    fn adds_up_the_files_of_a_crate_and_leaves_out_what_is_none() {
        let file = |name: &str, all: u64, run: u64| {
            format!(
                r#"{{"filename": "{name}", "summary": {{"lines": {{"count": {all}, "covered": {run}}}}}}}"#
            )
        };
        let files = [
            file("/w/crates/io/src/a.rs", 10, 9),
            file("/w/crates/io/src/b/c.rs", 6, 3),
            file("/w/crates/io/tests/a.rs", 5, 5),
            file("/w/crates/testkit/src/a.rs", 5, 5),
            file("/w/xtask/src/a.rs", 5, 5),
        ];
        let json = format!(r#"{{"data": [{{"files": [{}]}}]}}"#, files.join(","));
        let crates = by_crate(&json).unwrap();
        assert_eq!(crates.len(), 1);
        assert_eq!(crates["io"], Lines { all: 16, run: 12 });
        assert_eq!(crates["io"].to_string(), "   12 of    16 lines,  75.00 %");
    }
}
