//! `ci`: all checks that a change must pass, in order.

mod msrv;
mod next;
mod no_std;

use std::time::Instant;

use anyhow::{Context, bail, ensure};
use xshell::{Cmd, Shell};

use crate::tool::{cargo, has, nightly, root, succeeds};
use crate::{bench, fuzz, test, tidy};

/// How a check ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// Something that it needs is not there.
    Skipped(String),
}

type Check = fn(&Shell) -> anyhow::Result<Outcome>;

/// The steps. Quick steps and steps that often fail come first.
const STEPS: &[(&str, Check)] = &[
    ("fmt", |sh| {
        passed(cargo(sh, "fmt").args(["--all", "--check"]).run())
    }),
    ("clippy", |sh| {
        let lint = cargo(sh, "clippy").args(["--workspace", "--all-targets"]);
        passed(lint.args(["--", "-D", "warnings"]).run())
    }),
    ("tidy", |sh| passed(tidy::run(sh))),
    ("test", |sh| passed(test::run(sh, &[]))),
    ("docs", |sh| {
        let doc = cargo(sh, "doc").args(["--workspace", "--no-deps"]);
        passed(doc.env("RUSTDOCFLAGS", "-D warnings").run())
    }),
    ("api", |sh| api(sh, false)),
    ("no_std", |sh| passed(no_std::run(sh))),
    ("features", features),
    ("msrv", msrv::run),
    ("instructions", |sh| {
        let check = bench::bench(sh, "instructions").args(["--", "--check"]);
        passed_or_skipped(check, "not compared: ")
    }),
    ("oracles", |sh| passed(fuzz::check(sh))),
    ("next", next::run),
    ("fuzz", |sh| match fuzz::missing(sh) {
        Some(missing) => Ok(Outcome::Skipped(missing.to_owned())),
        None => passed(fuzz::smoke(sh, 2)),
    }),
    ("miri", |sh| {
        match succeeds(nightly(sh, "miri").arg("--version")) {
            true => passed(miri(sh)),
            false => Ok(Outcome::Skipped("no nightly toolchain has Miri".to_owned())),
        }
    }),
    ("deny", deny),
];

fn passed<E: Into<anyhow::Error>>(result: Result<(), E>) -> anyhow::Result<Outcome> {
    result.map(|()| Outcome::Passed).map_err(Into::into)
}

/// Runs a command, and finds out from a line that begins so whether it skipped its check, and why.
fn passed_or_skipped(command: Cmd<'_>, skipped: &str) -> anyhow::Result<Outcome> {
    eprintln!("$ {command}");
    let output = command.quiet().ignore_status().output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    print!("{printed}");
    ensure!(output.status.success(), "{}", output.status);
    let mut why = printed
        .lines()
        .filter_map(|line| line.strip_prefix(skipped));
    Ok(match why.next() {
        Some(why) => Outcome::Skipped(why.to_owned()),
        None => Outcome::Passed,
    })
}

/// Fails if there is no step of a name.
pub(crate) fn check_names(names: &[String]) -> anyhow::Result<()> {
    let unknown = |name: &&String| STEPS.iter().all(|(step, _)| step != name);
    if let Some(unknown) = names.iter().find(unknown) {
        let steps = Vec::from_iter(STEPS.iter().map(|(step, _)| *step)).join(", ");
        bail!("there is no step `{unknown}`; the steps are {steps}");
    }
    Ok(())
}

/// Runs the steps of these names, or all.
pub(crate) fn run(sh: &Shell, named: &[String]) -> anyhow::Result<()> {
    let is_named =
        |step: &&(&str, Check)| named.is_empty() || named.iter().any(|name| name == step.0);
    let (table, result) = run_steps(sh, STEPS.iter().filter(is_named));
    print!("\n{table}");
    result
}

/// Runs the steps up to the first that fails, and returns the table of how each ended.
fn run_steps<'a>(
    sh: &Shell,
    steps: impl Iterator<Item = &'a (&'a str, Check)>,
) -> (String, anyhow::Result<()>) {
    let (mut table, mut result) = (String::new(), Ok(()));
    for (name, check) in steps {
        if result.is_err() {
            table += &format!("{name:<13}not reached\n");
            continue;
        }
        eprintln!("\n== {name}");
        let start = Instant::now();
        let ended = check(sh);
        let seconds = start.elapsed().as_secs_f64();
        let line = match ended {
            Ok(Outcome::Passed) => format!("passed {seconds:>9.1} s"),
            Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
            Err(error) => {
                result = Err(error).with_context(|| format!("ci stopped at {name}"));
                format!("failed {seconds:>9.1} s")
            }
        };
        eprintln!("== {name} {line}");
        table += &format!("{name:<13}{line}\n");
    }
    (table, result)
}

/// Compares the public API of each published crate with its api.txt, and if cargo-check-external-types
/// is installed, the crates that it names with the crates that the manifest allows.
pub(crate) fn api(sh: &Shell, bless: bool) -> anyhow::Result<Outcome> {
    let api = cargo(sh, "run").args([
        "--package",
        "xtask",
        "--features",
        "api",
        "--bin",
        "api",
        "--",
    ]);
    let listings = passed_or_skipped(api.args(bless.then_some("--bless")), "skipped: ")?;
    if !has(sh, "check-external-types") {
        eprintln!("cargo-check-external-types is not installed: only the listings are compared");
        return Ok(listings);
    }
    for folder in sh.read_dir("crates")? {
        if folder.join("api.txt").exists() {
            let check = cargo(sh, "check-external-types").arg("--all-features");
            let check = check.arg("--manifest-path").arg(folder.join("Cargo.toml"));
            // rustdoc's JSON is unstable
            let check = check
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_DIR", root().join("target/api"));
            check.run()?;
        }
    }
    Ok(listings)
}

/// Compiles each published package with each of its features alone.
fn features(sh: &Shell) -> anyhow::Result<Outcome> {
    if !has(sh, "hack") {
        return Ok(not_installed("cargo-hack"));
    }
    // passed to rustls; no code here depends on one
    let handed_on = ["--exclude-features", "default,aws-lc-rs,logging,ring"];
    let hack = cargo(sh, "hack").args([
        "clippy",
        "--workspace",
        "--ignore-private",
        "--each-feature",
    ]);
    let hack = hack.args(handed_on);
    passed(hack.args(["--", "-D", "warnings"]).run())
}

/// Interprets the tests of the crates without std, each property with a few cases.
pub(crate) fn miri(sh: &Shell) -> anyhow::Result<()> {
    let miri = nightly(sh, "miri").arg("test");
    let miri = miri.args(no_std::PACKAGES.map(|name| format!("--package={name}")));
    // proptest reads files: the seeds of cases that failed
    let miri = miri
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env("PROPTEST_CASES", "8");
    Ok(miri.run()?)
}

/// The licences, versions and sources of dependencies. Advisories are checked by hand: `cargo deny
/// check advisories` downloads them.
fn deny(sh: &Shell) -> anyhow::Result<Outcome> {
    if !has(sh, "deny") {
        return Ok(not_installed("cargo-deny"));
    }
    // one list for two workspaces, each of which has only a part of what is in it
    let allowed = [
        "--allow",
        "unmatched-skip",
        "--allow",
        "license-exception-not-encountered",
    ];
    for manifest in ["Cargo.toml", "crates/fuzz/Cargo.toml"] {
        let deny = cargo(sh, "deny").args(["--manifest-path", manifest, "check"]);
        deny.args(allowed)
            .args(["bans", "licenses", "sources"])
            .run()?;
    }
    Ok(Outcome::Passed)
}

fn not_installed(tool: &str) -> Outcome {
    Outcome::Skipped(format!("`cargo install {tool}` installs what it needs"))
}

#[cfg(test)]
mod tests {
    use xshell::cmd;

    use super::*;

    #[test]
    fn a_command_passes_fails_or_says_why_it_skipped() {
        let sh = &Shell::new().unwrap();
        let ended = |script: &str| passed_or_skipped(cmd!(sh, "sh -c {script}"), "not compared: ");
        assert_eq!(ended("echo 3 counts").unwrap(), Outcome::Passed);
        let skipped = Outcome::Skipped("no valgrind".to_owned());
        assert_eq!(ended("echo not compared: no valgrind").unwrap(), skipped);
        ended("echo not compared: no valgrind; exit 1").unwrap_err();
    }

    #[test]
    fn stops_at_the_first_failure_and_names_it() {
        let steps: [(&str, Check); 3] = [
            ("one", |_| Ok(Outcome::Skipped("no tool".to_owned()))),
            ("two", |_| bail!("it does not hold")),
            ("three", |_| unreachable!("a step after a failure was run")),
        ];
        let (table, result) = run_steps(&Shell::new().unwrap(), steps.iter());
        assert_eq!(
            format!("{:#}", result.unwrap_err()),
            "ci stopped at two: it does not hold"
        );
        assert_eq!(
            table,
            "one          skipped: no tool\ntwo          failed       0.0 s\nthree        not reached\n"
        );
    }
}
