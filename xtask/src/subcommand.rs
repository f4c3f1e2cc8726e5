//! Subcommands of cargo that are not cargo's own: found, or installed beside the build.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::failure::Failure;
use crate::tool::{Tool, target};

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

/// Takes every set of features.
pub(crate) const HACK: Subcommand = prebuilt("hack", "0.6.45");

/// Makes inputs up.
pub(crate) const FUZZ: Subcommand = prebuilt("fuzz", "0.13.2");

/// Plants faults.
pub(crate) const MUTANTS: Subcommand = built("mutants", "27.1.0");

/// Tells whether a change of an API breaks its users.
pub(crate) const SEMVER_CHECKS: Subcommand = built("semver-checks", "0.51.0");

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
    /// `cargo NAME`: see [`program`](Self::program).
    ///
    /// # Errors
    ///
    /// If it is not there and cannot be installed.
    pub(crate) fn tool(self) -> Result<Tool, Failure> {
        Ok(Tool::cargo().path(&self.folder()?).args([self.name]))
    }

    /// The program `cargo-NAME`: the one that is installed, of whatever version; or one that is
    /// installed now, in a folder of its own, so that nothing else on the machine changes.
    ///
    /// # Errors
    ///
    /// If it is not there and cannot be installed.
    pub(crate) fn program(self) -> Result<PathBuf, Failure> {
        Ok(self.folder()?.join(self.file()))
    }

    fn file(self) -> String {
        format!("cargo-{}{}", self.name, env::consts::EXE_SUFFIX)
    }

    /// Where the program is.
    fn folder(self) -> Result<PathBuf, Failure> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders = env::split_paths(&path);
        if let Some(folder) = folders.find(|folder| folder.join(self.file()).is_file()) {
            return Ok(folder);
        }
        let ours = tools().join(self.name);
        let programs = ours.join("bin");
        if !programs.join(self.file()).is_file() {
            self.install(&ours)?;
        }
        Ok(programs)
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
fn tools() -> PathBuf {
    target().join("tools")
}
