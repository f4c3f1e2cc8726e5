//! That the published packages compile with the least Rust version that their manifests promise: with
//! the lock file, and with the least versions of what they depend on.

use std::path::{Path, PathBuf};

use crate::{
    ci::{
        Outcome, debian,
        minimal::{self, packages_and_features},
    },
    failure::Failure,
    metadata::{self, Package},
    tool::{Tool, root, target},
    toolchain::{self, is_of},
};

/// The workspace's `rust-version`, which this package inherits.
const MSRV: &str = env!("CARGO_PKG_RUST_VERSION");

/// Where all of this is built: another compiler's output does not belong in the main build.
const FOLDER: &str = "msrv";

/// A toolchain of the least version.
enum Rust {
    /// By its name in rustup.
    Rustup(String),
    /// The folder of Debian's packages.
    Debian(PathBuf),
}

pub(super) fn run() -> Result<Outcome, Failure> {
    let rust = match find() {
        Ok(rust) => rust,
        Err(why) => return Ok(Outcome::skipped(why)),
    };
    let published = metadata::published()?;
    rust.check(&root().join("Cargo.toml"), &published)?;
    match minimal::manifest() {
        Ok(manifest) => rust.check(&manifest, &published)?,
        Err(missing @ Failure::Missing { .. }) => {
            let why = missing.in_words();
            eprintln!("not compiled with the least versions of dependencies: {why}");
        }
        Err(failure) => return Err(failure),
    }
    Ok(Outcome::Passed)
}

/// The toolchain that rustup has, or else Debian's.
fn find() -> Result<Rust, String> {
    let installed = toolchain::installed();
    let is_it = |name: &&str| name.split('-').next().is_some_and(|name| is_of(name, MSRV));
    match installed.split_whitespace().find(is_it) {
        Some(name) => Ok(Rust::Rustup(name.to_owned())),
        None => debian::toolchain(MSRV)
            .map(Rust::Debian)
            .map_err(|why| format!("Rust {MSRV} is not installed, and {why}")),
    }
}

impl Rust {
    /// Compiles the packages with all features, by the lock file beside this manifest.
    fn check(&self, manifest: &Path, published: &[Package]) -> Result<(), Failure> {
        let check = self.cargo("check", manifest).args(["--locked"]);
        check.args(packages_and_features(published)).run()
    }

    /// A command of its cargo.
    fn cargo(&self, verb: &str, manifest: &Path) -> Tool {
        let cargo = match self {
            Self::Rustup(name) => Tool::new("rustup").args(["run", name, "cargo"]),
            Self::Debian(folder) => debian::cargo(folder),
        };
        let folder = target().join(FOLDER);
        cargo
            .args([verb, "--manifest-path"])
            .args([manifest])
            .args(["--target-dir".as_ref(), folder.as_os_str()])
    }
}
