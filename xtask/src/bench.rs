//! `bench`: the benchmarks, ours beside their peers.

use std::ffi::OsString;

use clap::Args;

use crate::{failure::Failure, tool::Tool};

/// Run the benchmarks
///
/// Measures time with criterion, and processor time over TCP; or with --instructions counts
/// instructions, allocations, bytes held, reads and writes, which are the same on a busy machine.
/// Arguments after `--` go to criterion, and nothing else is measured then:
///
///   cargo xtask bench -- 'record/16 KiB'         the benchmarks with this in their names
///   cargo xtask bench -- --save-baseline before  saves the times to compare with
///   cargo xtask bench -- --baseline before       compares with them
///   cargo xtask bench --instructions             tables of counts
///   cargo xtask bench --instructions --check     checks that no count of ours has grown by over 1 %
///   cargo xtask bench --instructions --save      saves them in benches/baseline.txt
///
/// OpenSSL is among the peers if pkg-config finds it (Debian: libssl-dev). X25519MLKEM768 needs
/// aws-lc-rs, which is built, but not for --check and --save.
///
/// Needs a Rust toolchain and a C compiler; for times a machine that does nothing else; with
/// --instructions valgrind.
/// Exit codes: 0 measured, 1 a benchmark failed or did not compile or a count has grown, 2 the
/// command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Count instructions and allocations
    #[arg(long, conflicts_with = "criterion")]
    instructions: bool,
    /// Fail if a count of ours has grown
    #[arg(long, requires = "instructions")]
    check: bool,
    /// Save the counts to check against
    #[arg(long, requires = "instructions", conflicts_with = "check")]
    save: bool,
    /// Arguments for criterion
    #[arg(last = true, value_name = "ARGS")]
    criterion: Vec<OsString>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    match options {
        Options { check: true, .. } => check(),
        Options { save: true, .. } => baseline("--save"),
        Options { criterion, .. } if !criterion.is_empty() => {
            beside_peers("times").args(["--"]).args(criterion).run()
        }
        Options { instructions, .. } => {
            let [first, second] = match instructions {
                true => ["instructions", "allocations"],
                false => ["times", "loopback"],
            };
            beside_peers(first).run()?;
            beside_peers(second).run()
        }
    }
}

/// Checks that no count of instructions of ours has grown.
pub(crate) fn check() -> Result<(), Failure> {
    baseline("--check")
}

/// Counts ours alone, and does with them what `option` says.
fn baseline(option: &str) -> Result<(), Failure> {
    bench("instructions").args(["--", option]).run()
}

/// A benchmark with all peers that can be built here.
fn beside_peers(name: &str) -> Tool {
    let mut features = vec!["peers", "aws-lc-rs"];
    if name == "times" {
        features.push("criterion");
    }
    let openssl = Tool::new("pkg-config").args(["--exists", "openssl"]);
    if openssl.stdout().is_ok() {
        features.push("openssl");
    }
    bench(name).args(["--features", &features.join(",")])
}

fn bench(name: &str) -> Tool {
    let program = ["--package", "lastword-benches", "--bench", name];
    let bench = Tool::cargo().args(["bench", "--no-default-features"]);
    bench.args(program)
}
