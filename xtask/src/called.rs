//! The commands that are commands of another program of the workspace.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::Command;

use anyhow::Context;

use crate::tool::{own_variables, root};

/// A command of another program of the workspace.
pub(crate) struct Called(Command);

impl Called {
    /// The command of this name with its arguments, if another program has it.
    pub(crate) fn new(name: &str, args: &[OsString]) -> Option<Self> {
        let (package, program) = match name {
            "demo" | "serve" => ("lastword-census", "lastword-census"),
            "soak" | "scale" => ("lastword-benches", "load"),
            _ => return None,
        };
        // scale measures a build with optimizations, or with --this-build the one that is there
        let is_this_build = |arg: &&OsString| *arg == "--this-build";
        let profile = match name == "scale" && !args.iter().any(|arg| is_this_build(&arg)) {
            true => "bench",
            false => "dev",
        };
        let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        for name in own_variables() {
            command.env_remove(name);
        }
        command
            .arg("run")
            .arg("--manifest-path")
            .arg(root().join("Cargo.toml"));
        if !io::stderr().is_terminal() {
            command.arg("--quiet"); // a log has the lines of the program alone
        }
        command.args([
            "--package",
            package,
            "--bin",
            program,
            "--profile",
            profile,
            "--",
            name,
        ]);
        command.args(args.iter().filter(|arg| !is_this_build(arg)));
        Some(Self(command))
    }

    /// Builds the program, and runs it in place of this process.
    ///
    /// On Unix it is the same process: a signal to this process reaches the program. On other
    /// systems this process waits for the program, and exits with its code.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run.
    pub(crate) fn replace_this_process(mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        let error = std::os::unix::process::CommandExt::exec(&mut self.0);
        #[cfg(not(unix))]
        let error = match self.0.status() {
            Ok(status) => std::process::exit(status.code().unwrap_or(1)),
            Err(error) => error,
        };
        Err(error).context("cargo could not be run")
    }
}
