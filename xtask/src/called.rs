//! The commands that are commands of another program of the workspace.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::Command;

use anyhow::Context;

use crate::tool::{own_variables, root};

/// A command of another program of the workspace.
pub(crate) struct Called {
    /// Builds a program that the command starts.
    build: Option<Command>,
    run: Command,
}

impl Called {
    /// The command of this name with its arguments, if another program has it.
    pub(crate) fn new(name: &str, args: &[OsString]) -> Option<Self> {
        let (package, program) = match name {
            "demo" | "serve" => ("lastword-census", "lastword-census"),
            "load" | "soak" | "scale" => ("lastword-benches", "load"),
            _ => return None,
        };
        // these measure a build with optimizations, or with --this-build the one that is there
        let is_this_build = |arg: &&OsString| *arg == "--this-build";
        let is_measured = matches!(name, "load" | "scale");
        let profile = match is_measured && !args.iter().any(|arg| is_this_build(&arg)) {
            true => "bench",
            false => "dev",
        };
        let mut run = cargo("run", package, program, profile);
        run.args(["--", name]);
        run.args(args.iter().filter(|arg| !is_this_build(arg)));
        let serve = "lastword-census"; // its nonblocking server is one of those that are loaded
        let build = (name == "load").then(|| cargo("build", serve, serve, profile));
        Some(Self { build, run })
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
        if let Some(build) = &mut self.build {
            let status = build.status().context("cargo could not be run")?;
            anyhow::ensure!(status.success(), "a server could not be built");
        }
        #[cfg(unix)]
        let error = std::os::unix::process::CommandExt::exec(&mut self.run);
        #[cfg(not(unix))]
        let error = match self.run.status() {
            Ok(status) => std::process::exit(status.code().unwrap_or(1)),
            Err(error) => error,
        };
        Err(error).context("cargo could not be run")
    }
}

/// Builds a program of the workspace, or builds and runs it.
fn cargo(verb: &str, package: &str, program: &str, profile: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    for name in own_variables() {
        command.env_remove(name);
    }
    command
        .arg(verb)
        .arg("--manifest-path")
        .arg(root().join("Cargo.toml"));
    if !io::stderr().is_terminal() {
        command.arg("--quiet"); // a log has the lines of the program alone
    }
    command.args(["--package", package, "--bin", program, "--profile", profile]);
    command
}
