//! The commands that are commands of another program of the workspace.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::{self, Command};

use anyhow::Context;

use crate::tool::{own_variables, root};

/// A command of another program of the workspace.
pub(crate) struct Called {
    /// Builds the program, if `run` does not.
    build: Option<Command>,
    run: Command,
}

impl Called {
    /// The command of this name with its arguments, if another program has it.
    pub(crate) fn new(name: &str, args: &[OsString]) -> Option<Self> {
        match name {
            "demo" | "serve" => Some(Self::of_census(name, args)),
            "load" | "soak" | "scale" => Some(Self::of_benches(name, args)),
            _ => None,
        }
    }

    /// `cargo run` would build dependencies with fewer features than the tests, and so twice.
    fn of_census(name: &str, args: &[OsString]) -> Self {
        let program = "lastword-census";
        let mut build = cargo("build");
        // of lastword-shared only the features are used
        build.args(["--package", program, "--package", "lastword-shared"]);
        build.args(["--bin", program, "--profile", "dev"]);
        // this program is in the folder of a profile too
        let this = env::current_exe().unwrap_or_default();
        let target = this.ancestors().nth(2).unwrap_or(Path::new("target"));
        let file = format!("{program}{}", env::consts::EXE_SUFFIX);
        let mut run = Command::new(target.join("debug").join(file));
        for name in own_variables() {
            run.env_remove(name);
        }
        run.arg(name).args(args);
        let build = Some(build);
        Self { build, run }
    }

    fn of_benches(name: &str, args: &[OsString]) -> Self {
        // these measure a build with optimizations, or with --this-build the one that is there
        let is_this_build = |arg: &&OsString| *arg == "--this-build";
        let is_measured = matches!(name, "load" | "scale");
        let profile = match is_measured && !args.iter().any(|arg| is_this_build(&arg)) {
            true => "bench",
            false => "dev",
        };
        // one of the servers that are loaded is `lastword-census serve`
        let build = (name == "load").then(|| {
            let mut build = cargo("build");
            build.args(["--package", "lastword-census", "--profile", profile]);
            build
        });
        let mut run = cargo("run");
        run.args(["--package", "lastword-benches", "--bin", "load"]);
        run.args(["--profile", profile, "--", name]);
        run.args(args.iter().filter(|arg| !is_this_build(arg)));
        Self { build, run }
    }

    /// Builds the program, and runs it in place of this process.
    ///
    /// On Unix it is the same process: a signal to this process reaches the program. On other
    /// systems this process waits for the program, and exits with its code. If the build fails, it
    /// exits with cargo's code.
    ///
    /// # Errors
    ///
    /// If cargo or the program cannot be run.
    pub(crate) fn replace_this_process(mut self) -> anyhow::Result<()> {
        if let Some(mut build) = self.build {
            let status = build.status().context("cargo could not be run")?;
            if !status.success() {
                process::exit(status.code().unwrap_or(1));
            }
        }
        #[cfg(unix)]
        let error = std::os::unix::process::CommandExt::exec(&mut self.run);
        #[cfg(not(unix))]
        let error = match self.run.status() {
            Ok(status) => process::exit(status.code().unwrap_or(1)),
            Err(error) => error,
        };
        let program = self.run.get_program().to_string_lossy().into_owned();
        Err(error).with_context(|| format!("{program} could not be run"))
    }
}

/// A command of cargo for this workspace. In a log it prints only warnings and errors.
fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    for name in own_variables() {
        command.env_remove(name);
    }
    command.arg(subcommand).arg("--manifest-path");
    command.arg(root().join("Cargo.toml"));
    if !io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    command
}
