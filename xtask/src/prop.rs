//! `prop`: the properties, with more cases than a run of all tests takes.

use clap::Args;

use crate::{failure::Failure, metadata, test::Runner, tool::Tool};

/// Run every property of the workspace with many cases
///
/// The properties are the tests in modules and in files that are named `properties`. Those that
/// set a number of cases themselves keep it. A case that fails is printed whole, to be made a
/// test of its own.
///
/// Needs a Rust toolchain and a C compiler; uses cargo-nextest where it is installed.
/// Exit codes: 0 all hold, 1 one does not hold or did not compile, 2 the command line is wrong.
#[derive(Args, Clone, Copy)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// How many cases each property is tried with
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
}

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let cases = options.cases.to_string();
    let with_cases = |args: &[&str]| {
        let tool = Tool::cargo().args(args);
        tool.env("PROPTEST_CASES", &cases).run()
    };
    match Runner::find() {
        Runner::Nextest => with_cases(&[
            "nextest",
            "run",
            "--workspace",
            "-E",
            "test(properties) | binary(properties)",
        ]),
        Runner::CargoTest => {
            // of the library, the programs, and the modules of integration tests
            with_cases(&["test", "--workspace", "--tests", "properties"])?;
            if has_files_of_properties()? {
                with_cases(&["test", "--workspace", "--test", "*properties*"])?;
            }
            Ok(())
        }
    }
}

/// Whether an integration test is named so; cargo refuses a pattern that fits none.
fn has_files_of_properties() -> Result<bool, Failure> {
    let mut tests = metadata::packages()?
        .into_iter()
        .flat_map(|package| package.tests);
    Ok(tests.any(|test| test.contains("properties")))
}
