//! `fuzz`: the fuzz targets of crates/fuzz, by cargo-fuzz.

use std::env;
use std::path::PathBuf;

use anyhow::{bail, ensure};
use pico_args::Arguments;
use xshell::{Cmd, Shell};

use crate::test::runner_of;
use crate::tool::{cargo, nightly, succeeds};

/// Where the targets are: a workspace of its own.
const FOLDER: &str = "crates/fuzz";
const MANIFEST: &str = "crates/fuzz/Cargo.toml";

/// What is run.
pub(crate) struct Fuzz {
    /// One target, or all.
    target: Option<String>,
    /// How long each target runs.
    seconds: u32,
    /// The only input.
    input: Option<PathBuf>,
}

impl Fuzz {
    pub(crate) fn parse(args: &mut Arguments) -> anyhow::Result<Self> {
        let fuzz = Self {
            seconds: args.opt_value_from_str("--seconds")?.unwrap_or(60),
            input: args.opt_value_from_str("--input")?,
            target: args.opt_free_from_str()?,
        };
        let lacks_target = fuzz.input.is_some() && fuzz.target.is_none();
        ensure!(!lacks_target, "--input needs the target");
        Ok(fuzz)
    }

    pub(crate) fn run(self, sh: &Shell) -> anyhow::Result<()> {
        if let (Some(target), Some(input)) = (&self.target, self.input) {
            let input = env::current_dir()?.join(input);
            let run = program(sh, "run").args(["--bin", target, "--"]);
            return Ok(run.arg(input).run()?);
        }
        if let Some(missing) = missing(sh) {
            bail!(missing);
        }
        let all = targets(sh)?;
        let is_named = |name: &&String| self.target.as_ref().is_none_or(|named| named == *name);
        let named = Vec::from_iter(all.iter().filter(is_named));
        ensure!(!named.is_empty(), "the targets are {}", all.join(", "));
        prepare(sh, None)?;
        for target in named {
            run_target(sh, target, self.seconds).run()?;
        }
        Ok(())
    }
}

/// Runs each target for a few seconds, built for a short build time.
pub(crate) fn smoke(sh: &Shell, seconds: u32) -> anyhow::Result<()> {
    let level = Some("1");
    prepare(sh, level)?;
    for target in targets(sh)? {
        let run = run_target(sh, &target, seconds).args(["-verbosity=0", "-print_final_stats=1"]);
        optimized(run, level).run()?;
    }
    Ok(())
}

/// Checks the workspace of the targets, and runs its tests: each target over its seeds.
pub(crate) fn check(sh: &Shell) -> anyhow::Result<()> {
    cargo(sh, "fmt")
        .args(["--manifest-path", MANIFEST, "--check"])
        .run()?;
    program(sh, "clippy")
        .args(["--all-targets", "--", "-D", "warnings"])
        .run()?;
    let test = runner_of(sh, MANIFEST).args(["--target-dir", "target"]);
    Ok(test.run()?)
}

/// Why no target can be fuzzed here, if none can.
pub(crate) fn missing(sh: &Shell) -> Option<&'static str> {
    let has_fuzz = succeeds(nightly(sh, "fuzz").arg("--version"));
    (!has_fuzz).then_some(
        "a nightly toolchain or cargo-fuzz is not installed: `rustup toolchain install nightly` and \
         `cargo install cargo-fuzz` install them",
    )
}

fn targets(sh: &Shell) -> anyhow::Result<Vec<String>> {
    let list = nightly(sh, "fuzz").args(["list", "--fuzz-dir", FOLDER]);
    Ok(list.quiet().read()?.lines().map(str::to_owned).collect())
}

/// Writes the seeds, and builds all targets.
fn prepare(sh: &Shell, level: Option<&str>) -> anyhow::Result<()> {
    let seeds = program(sh, "run").args(["--example", "seeds", "--", "crates/fuzz/corpus"]);
    seeds.run()?;
    Ok(optimized(fuzz(sh, "build"), level).run()?)
}

fn run_target<'a>(sh: &'a Shell, target: &str, seconds: u32) -> Cmd<'a> {
    let limit = format!("-max_total_time={seconds}");
    fuzz(sh, "run").args([target, "--", &limit, "-print_funcs=0"])
}

/// A command of cargo-fuzz. No sanitizer: the address sanitizer finds faults of unsafe code, and all
/// of this code is safe.
fn fuzz<'a>(sh: &'a Shell, command: &str) -> Cmd<'a> {
    let options = [
        "--fuzz-dir",
        FOLDER,
        "--target-dir",
        "target",
        "--sanitizer",
        "none",
    ];
    nightly(sh, "fuzz")
        .arg(command)
        .args(options)
        .args(["--codegen-units", "16"])
}

fn optimized<'a>(command: Cmd<'a>, level: Option<&str>) -> Cmd<'a> {
    match level {
        Some(level) => command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level),
        None => command,
    }
}

/// A command of cargo for their workspace, which shares the build folder with the main one.
fn program<'a>(sh: &'a Shell, command: &str) -> Cmd<'a> {
    cargo(sh, command).args(["--manifest-path", MANIFEST, "--target-dir", "target"])
}
