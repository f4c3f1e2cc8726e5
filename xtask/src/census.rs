//! `demo` and `serve`: commands of the program `lastword-census`.

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
/// Exit codes: those of `lastword-census demo`; 101 it could not be built.
#[derive(Args)]
#[command(verbatim_doc_comment, disable_help_flag = true)]
pub(crate) struct Demo {
    /// The options of `lastword-census demo`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

/// Serve HTTPS, to try failing clients by hand
///
/// Calls `lastword-census serve`, whose options `--help` shows.
///
/// Needs nothing but this workspace.
/// Exit codes: those of `lastword-census serve`; 101 it could not be built.
#[derive(Args)]
#[command(verbatim_doc_comment, disable_help_flag = true)]
pub(crate) struct Serve {
    /// The options of `lastword-census serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

/// Builds `lastword-census`, and runs a command of it in place of this process.
pub(crate) fn run(command: &str, args: Vec<OsString>) -> Result<(), Failure> {
    let cargo = Tool::cargo().args(["run", "--package", "lastword-census", "--manifest-path"]);
    let mut cargo = cargo.args([root().join("Cargo.toml")]);
    if !io::stderr().is_terminal() {
        // a log has the lines of the server, and no others
        cargo = cargo.args(["--quiet"]);
    }
    let replaced = cargo.args(["--", command]).args(args);
    replaced.replace_this_process().map(|never| match never {})
}
