//! What the steps of `ci` run.

use crate::{
    api, bench,
    ci::{Outcome, Step, features, minimal, msrv, no_std},
    failure::Failure,
    fuzz, miri, subcommand, test, tidy,
    tool::Tool,
};

/// The steps in order: what is quick and fails often comes first.
pub(super) const STEPS: [Step; 16] = [
    step("fmt", fmt),
    step("clippy", clippy),
    step("tidy", tidy),
    step("test", tests),
    step("docs", docs),
    step("api", api),
    step("no_std", no_std::run),
    step("features", features::run),
    step("minimal", minimal::run),
    step("msrv", msrv::run),
    step("instructions", instructions),
    step("oracles", oracles),
    step("fuzz", smoke),
    step("miri", interpreted),
    step("deny", deny),
    step("advisories", advisories),
];

const fn step(name: &'static str, run: fn() -> Result<Outcome, Failure>) -> Step {
    Step { name, run }
}

fn fmt() -> Result<Outcome, Failure> {
    cargo(&["fmt", "--all", "--check"])
}

fn clippy() -> Result<Outcome, Failure> {
    let lint = ["clippy", "--workspace", "--all-targets"];
    Tool::cargo()
        .args(lint)
        .args(["--", "-D", "warnings"])
        .run()?;
    Ok(Outcome::Passed)
}

fn tidy() -> Result<Outcome, Failure> {
    tidy::check()?;
    Ok(Outcome::Passed)
}

fn tests() -> Result<Outcome, Failure> {
    Ok(Outcome::Tested(test::run_counting()?))
}

fn docs() -> Result<Outcome, Failure> {
    let doc = Tool::cargo().args(["doc", "--workspace", "--no-deps"]);
    doc.env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(Outcome::Passed)
}

/// What the published packages offer is what is written down of it.
fn api() -> Result<Outcome, Failure> {
    match api::compare(false) {
        Err(failure @ Failure::Missing { .. }) => Ok(Outcome::skipped(failure.in_words())),
        checked => checked.map(|()| Outcome::Passed),
    }
}

/// That none of our counts of instructions has grown.
fn instructions() -> Result<Outcome, Failure> {
    bench::check()?;
    Ok(Outcome::Passed)
}

/// What is fuzzed, without a fuzzer: a workspace of its own, with checks of its own.
fn oracles() -> Result<Outcome, Failure> {
    fuzz::check()?;
    Ok(Outcome::Passed)
}

/// Every target for ten seconds.
fn smoke() -> Result<Outcome, Failure> {
    if let Some(missing) = fuzz::missing() {
        return Ok(Outcome::skipped(missing));
    }
    fuzz::smoke()?;
    Ok(Outcome::Passed)
}

/// What the tests of the lower layers do, by the language's rules.
fn interpreted() -> Result<Outcome, Failure> {
    if let Some(missing) = miri::missing() {
        return Ok(Outcome::skipped(missing));
    }
    miri::interpret()?;
    Ok(Outcome::Passed)
}

fn deny() -> Result<Outcome, Failure> {
    if let Err(failure) = subcommand::DENY.program() {
        return Ok(Outcome::skipped(failure.in_words()));
    }
    // one list for two workspaces, neither of which has all that is in it
    let in_neither = [
        "--allow",
        "unmatched-skip",
        "--allow",
        "license-exception-not-encountered",
    ];
    for manifest in ["Cargo.toml", "crates/fuzz/Cargo.toml"] {
        subcommand::DENY
            .tool()?
            .args(["--manifest-path", manifest, "check"])
            .args(in_neither)
            .args(["bans", "licenses", "sources"])
            .run()?;
    }
    Ok(Outcome::Passed)
}

fn advisories() -> Result<Outcome, Failure> {
    Ok(Outcome::skipped(
        "their database is not part of the sources: `cargo deny check advisories` fetches it",
    ))
}

fn cargo(args: &[&str]) -> Result<Outcome, Failure> {
    Tool::cargo().args(args).run()?;
    Ok(Outcome::Passed)
}
