//! The verbs that are commands of another program of this workspace.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use clap::Args;

use crate::failure::Failure;
use crate::tool::{Tool, root};

/// Run failing clients against our servers, and show what each was told
///
/// Calls `lastword-census demo`, whose options `--help` shows.
///
/// Needs nothing but this workspace.
/// Exit codes: as `lastword-census demo`; 101 it could not be built.
#[derive(Args)]
#[command(verbatim_doc_comment, disable_help_flag = true)]
pub(crate) struct Demo {
    /// The options of `lastword-census demo`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Serve HTTPS, to try failing clients by hand
///
/// Calls `lastword-census serve`, whose options `--help` shows.
///
/// Needs nothing but this workspace.
/// Exit codes: as `lastword-census serve`; 101 it could not be built.
#[derive(Args)]
#[command(verbatim_doc_comment, disable_help_flag = true)]
pub(crate) struct Serve {
    /// The options of `lastword-census serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Send thousands of clients at once, and see that nothing is left over
///
/// Calls `load soak` of the package lastword-benches, whose options `--help` shows.
///
/// Needs nothing but this workspace, and two descriptors and two threads for each client.
/// Exit codes: as `load soak`; 101 it could not be built.
#[derive(Args)]
#[command(verbatim_doc_comment, disable_help_flag = true)]
pub(crate) struct Soak {
    /// The options of `load soak`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Hold thousands of connections half open, and see what they cost
///
/// Calls `load scale` of the package lastword-benches, whose options `--help` shows. It is built in
/// the profile `bench`, or with --this-build in the profile `dev`.
///
/// Needs nothing but this workspace, and a descriptor for each connection in each of two processes.
/// Exit codes: as `load scale`; 101 it could not be built.
#[derive(Args)]
#[command(verbatim_doc_comment, disable_help_flag = true)]
pub(crate) struct Scale {
    /// The options of `load scale`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        become_program(census("demo"), self.args)
    }
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        become_program(census("serve"), self.args)
    }
}

impl Soak {
    pub(crate) fn run(self) -> Result<(), Failure> {
        become_program(load("soak", "dev"), self.args)
    }
}

impl Scale {
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        let given = self.args.len();
        self.args.retain(|arg| arg != "--this-build");
        let profile = match self.args.len() == given {
            true => "bench",
            false => "dev",
        };
        become_program(load("scale", profile), self.args)
    }
}

fn census(command: &str) -> Tool {
    let package = ["--package", "lastword-census", "--", command];
    cargo_run().args(package)
}

/// A command of the program `load`, built in a profile.
fn load(command: &str, profile: &str) -> Tool {
    let package = ["--package", "lastword-benches", "--bin", "load"];
    let features = ["--no-default-features", "--features", "load"];
    let command = ["--profile", profile, "--", command];
    cargo_run().args(package).args(features).args(command)
}

fn cargo_run() -> Tool {
    let manifest = root().join("Cargo.toml");
    let cargo = Tool::cargo().args(["run", "--manifest-path"]);
    let cargo = cargo.args([manifest]);
    match io::stderr().is_terminal() {
        true => cargo,
        // a log has the lines of the program, and no others
        false => cargo.args(["--quiet"]),
    }
}

/// Builds the program, and runs it in place of this process.
fn become_program(program: Tool, args: Vec<OsString>) -> Result<(), Failure> {
    let replaced = program.args(args).replace_this_process();
    replaced.map(|never| match never {})
}
