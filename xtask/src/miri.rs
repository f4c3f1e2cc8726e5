//! `miri`: whether an interpreter finds behaviour that the language leaves undefined.

use clap::Args;

use crate::{ci::NO_STD, failure::Failure, tool::Tool, toolchain};

/// Run the tests of record, alert and hello in Miri
///
/// Miri interprets a program and ends it at whatever the language leaves undefined, in the crates
/// themselves and in what they depend on. It takes a hundred times as long as the program, so each
/// property is tried with a few cases.
///
/// Needs a nightly toolchain with the component miri, which rustup adds where the day's build has it.
/// Exit codes: 0 nothing was found, 1 a test failed, something undefined was found, or Miri is
/// missing, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {}

pub(crate) fn run(_: Options) -> Result<(), Failure> {
    interpret()
}

/// What there is no Miri without, if something is missing.
pub(crate) fn missing() -> Option<String> {
    find().err().map(|failure| failure.in_words())
}

/// Runs all tests of the crates.
pub(crate) fn interpret() -> Result<(), Failure> {
    command(&find()?).run()
}

fn find() -> Result<String, Failure> {
    let installed = toolchain::installed();
    with_miri(&installed, |toolchain| {
        let version = ["run", toolchain, "cargo", "miri", "--version"];
        Tool::new("rustup").args(version).stdout().is_ok()
    })
}

/// The toolchain that has Miri, of a list of those that are installed.
fn with_miri(list: &str, has_it: impl Fn(&str) -> bool) -> Result<String, Failure> {
    let toolchain = toolchain::nightly(list)?;
    if has_it(toolchain) {
        return Ok(toolchain.to_owned());
    }
    let how = format!("`rustup component add miri --toolchain {toolchain}` adds it");
    Err(Failure::missing("Miri", how))
}

fn command(toolchain: &str) -> Tool {
    let packages = NO_STD.iter().flat_map(|name| ["--package", name]);
    Tool::new("rustup")
        .args(["run", toolchain, "cargo", "miri", "test"])
        .args(packages)
        // proptest looks for the seeds of cases that failed, in files
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env("PROPTEST_CASES", "8")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "stable (active, default)\nnightly-2026-05-15\n";

    #[test]
    fn takes_the_nightly_toolchain_that_has_it() {
        let toolchain = with_miri(LIST, |toolchain| toolchain == "nightly-2026-05-15");
        assert_eq!(toolchain.unwrap(), "nightly-2026-05-15");
    }

    #[test]
    fn says_what_is_missing_and_how_to_get_it() {
        assert_eq!(
            with_miri(LIST, |_| false).unwrap_err().in_words(),
            "Miri is missing: \
             `rustup component add miri --toolchain nightly-2026-05-15` adds it"
        );
        assert_eq!(
            with_miri("stable\n", |_| true).unwrap_err().in_words(),
            "a nightly toolchain is missing: \
             `rustup toolchain install nightly --profile minimal` installs one"
        );
    }

    #[test]
    fn runs_the_tests_of_the_crates_without_std() {
        assert_eq!(
            command("nightly").line(),
            "PROPTEST_CASES=8 MIRIFLAGS=-Zmiri-disable-isolation rustup run nightly cargo miri test \
             --package lastword-record --package lastword-alert --package lastword-hello"
        );
    }
}
