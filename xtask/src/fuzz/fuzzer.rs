//! What a fuzzer is made of: a nightly toolchain, a C++ compiler, and cargo-fuzz.
//!
//! No sanitizer is used. The address sanitizer, cargo-fuzz's default, finds faults of unsafe code at
//! a cost to every run, and there is none to find: all crates here forbid it, so does rustls, and the
//! crypto provider of the targets is safe code too.

use std::{env, path::PathBuf};

use crate::{
    failure::Failure,
    fuzz::FOLDER,
    subcommand::FUZZ,
    tool::{Tool, target},
    toolchain,
};

/// A fuzzer that is ready to run.
pub(crate) struct Fuzzer {
    toolchain: String,
    cargo_fuzz: PathBuf,
    /// Whether its targets are to run fast, rather than to be built soon.
    is_fast: bool,
}

/// What there is no fuzzer without, if something is missing.
pub(crate) fn missing() -> Option<String> {
    match Fuzzer::find() {
        Ok(_) => None,
        Err(failure) => Some(failure.in_words()),
    }
}

impl Fuzzer {
    /// What is installed; cargo-fuzz is installed where it is not there.
    pub(crate) fn find() -> Result<Self, Failure> {
        Ok(Self {
            toolchain: toolchain()?,
            cargo_fuzz: FUZZ.program()?,
            is_fast: true,
        })
    }

    /// The same, its targets built soon rather than fast.
    pub(crate) fn soon(self) -> Self {
        Self {
            is_fast: false,
            ..self
        }
    }

    /// A command that builds all targets.
    pub(crate) fn build(&self) -> Tool {
        self.cargo_fuzz("build")
    }

    /// A command that runs a target.
    pub(crate) fn run(&self, target: &str) -> Tool {
        self.cargo_fuzz("run").args([target])
    }

    fn cargo_fuzz(&self, verb: &str) -> Tool {
        let (cargo_fuzz, target) = (self.cargo_fuzz.to_string_lossy(), target());
        let fast = ["--sanitizer", "none", "--codegen-units", "16"];
        let tool = Tool::new("rustup")
            .args(["run", &self.toolchain, &cargo_fuzz, verb])
            .args(["--fuzz-dir", FOLDER, "--target-dir"])
            .args([target])
            .args(fast);
        match self.is_fast {
            true => tool,
            false => tool.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        }
    }
}

/// The nightly toolchain, if there is a compiler beside it for what libFuzzer is written in.
fn toolchain() -> Result<String, Failure> {
    let installed = toolchain::installed();
    let toolchain = toolchain::nightly(&installed)?;
    let compiler = env::var("CXX").unwrap_or("c++".to_owned());
    if Tool::new(&compiler).args(["--version"]).stdout().is_err() {
        let how = format!("`{compiler}` is not there, and libFuzzer is built with it");
        return Err(Failure::missing("a C++ compiler", how));
    }
    Ok(toolchain.to_owned())
}
