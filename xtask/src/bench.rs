//! `bench`: the benchmarks of lastword-benches.

use std::ffi::OsString;

use anyhow::ensure;
use pico_args::Arguments;
use xshell::{Cmd, Shell, cmd};

use crate::tool::{cargo, succeeds};

/// What is measured.
pub(crate) enum Bench {
    /// Time, with these arguments for criterion.
    Times(Vec<OsString>),
    /// Instructions and allocations, beside the peers'.
    Counts,
    /// Our instructions, compared with the baseline or written to it by this option.
    Baseline(&'static str),
}

impl Bench {
    pub(crate) fn parse(args: &mut Arguments, criterion: Vec<OsString>) -> anyhow::Result<Self> {
        let [counts, check, save] =
            ["--instructions", "--check", "--save"].map(|option| args.contains(option));
        ensure!(
            counts || !(check || save),
            "--check and --save need --instructions"
        );
        ensure!(!(check && save), "--check and --save are two commands");
        Ok(match (counts, check, save) {
            (_, true, _) => Self::Baseline("--check"),
            (_, _, true) => Self::Baseline("--save"),
            (true, ..) => Self::Counts,
            (false, ..) => Self::Times(criterion),
        })
    }

    pub(crate) fn run(self, sh: &Shell) -> anyhow::Result<()> {
        match self {
            Self::Times(args) if args.is_empty() => {
                beside_peers(sh, "times").run()?;
                beside_peers(sh, "loopback").run()?;
            }
            Self::Times(args) => beside_peers(sh, "times").arg("--").args(args).run()?,
            Self::Counts => {
                beside_peers(sh, "instructions").run()?;
                beside_peers(sh, "allocations").run()?;
            }
            // built without the peers, as the baseline was
            Self::Baseline(option) => bench(sh, "instructions").args(["--", option]).run()?,
        }
        Ok(())
    }
}

/// A benchmark with all peers that can be built here.
fn beside_peers<'a>(sh: &'a Shell, name: &str) -> Cmd<'a> {
    let mut features = vec!["aws-lc-rs", "peers"];
    if name == "times" {
        features.push("criterion");
    }
    if succeeds(cmd!(sh, "pkg-config --exists openssl")) {
        features.push("openssl");
    }
    bench(sh, name).args(["--features", &features.join(",")])
}

/// A benchmark by its name.
pub(crate) fn bench<'a>(sh: &'a Shell, name: &str) -> Cmd<'a> {
    let bench = cargo(sh, "bench").args(["--package", "lastword-benches"]);
    bench.args(["--no-default-features", "--bench", name])
}
