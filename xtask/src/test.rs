//! `test`: all tests of the workspace.

use std::ffi::OsString;

use clap::Args;

use crate::{counts::Counts, failure::Failure, tool::Tool};

/// Run all tests and doctests of the workspace
///
/// Uses cargo-nextest where it is installed, else `cargo test`, saying so. The doctests come
/// first, by `cargo test --doc`. What stands behind `--` goes to the runner, and then the
/// doctests are left out:
///
///   cargo xtask test -- sniff              the tests with `sniff` in their names
///   cargo xtask test -- -p lastword-hello  the tests of one package
///
/// The crypto provider is ring, which the packages' tests switch on; aws-lc-rs is not built.
///
/// Needs a Rust toolchain and a C compiler.
/// Exit codes: 0 all passed, 1 a test failed or did not compile, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Arguments for the test runner
    #[arg(last = true, value_name = "ARGS")]
    runner: Vec<OsString>,
}

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    if options.runner.is_empty() {
        doctests().run()?;
        return Runner::find_and_prepare()?.all_tests().run();
    }
    eprintln!("doctests are left out: the arguments are for the runner of the other tests");
    let runner = Runner::find_and_prepare()?;
    runner.tests().args(options.runner).run()
}

/// Runs everything and returns how many tests there were.
pub(crate) fn run_counting() -> Result<Counts, Failure> {
    let doctests = doctests().run_counting()?;
    let counts = doctests + Runner::find_and_prepare()?.all_tests().run_counting()?;
    if counts.passed == 0 {
        return Err(Failure::NoTest);
    }
    Ok(counts)
}

fn doctests() -> Tool {
    Tool::cargo().args(["test", "--workspace", "--doc"])
}

/// What runs the tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// cargo-nextest.
    Nextest,
    /// `cargo test`, where cargo-nextest is not installed.
    CargoTest,
}

impl Runner {
    /// cargo-nextest where it is installed, else `cargo test`, saying so.
    pub(crate) fn find() -> Self {
        let version = Tool::cargo().args(["nextest", "--version"]).stdout();
        if version.is_ok() {
            Self::Nextest
        } else {
            eprintln!("cargo-nextest is not installed: running `cargo test`");
            Self::CargoTest
        }
    }

    /// The same, once the examples are built, which tests run: `cargo test` builds them only where
    /// it runs the doctests too.
    fn find_and_prepare() -> Result<Self, Failure> {
        let runner = Self::find();
        if runner == Self::CargoTest {
            let build = ["build", "--workspace", "--examples"];
            Tool::cargo().args(build).run()?;
        }
        Ok(runner)
    }

    fn all_tests(self) -> Tool {
        self.tests().args(["--workspace"])
    }

    /// Those of the workspace, unless arguments narrow them.
    fn tests(self) -> Tool {
        Tool::cargo().args(match self {
            Self::Nextest => &["nextest", "run"][..],
            // doctests, which `cargo test` would run too, have their own command
            Self::CargoTest => &["test", "--lib", "--bins", "--tests"],
        })
    }
}
