//! That the published packages compile with the least Rust version that their manifests promise: with
//! the lock file, with the least versions of what they depend on, and with a lock file of today.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

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

/// The library whose features are those of all others.
const FACADE: &str = "lastword";

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
    let fresh = target().join(FOLDER).join("fresh");
    write_fresh(&fresh, &published).map_err(|source| Failure::file(&fresh, source))?;
    rust.cargo("check", &fresh.join("Cargo.toml")).run()?;
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

/// Writes a package that depends on the facade, and so on all libraries, without a lock file.
fn write_fresh(folder: &Path, published: &[Package]) -> io::Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::write(
        folder.join("Cargo.toml"),
        fresh_manifest(&root(), published),
    )?;
    match fs::remove_file(folder.join("Cargo.lock")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// One of edition 2021, in which cargo takes the latest versions, whatever Rust they need. Its profile
/// is that of dependencies in the workspace, so that they are not compiled again.
fn fresh_manifest(root: &Path, published: &[Package]) -> String {
    let mut manifest = "[package]\nname = \"fresh\"\nedition = \"2021\"\n\n\
                        [workspace]\n\n[profile.dev]\ndebug = false\n\n[dependencies]\n"
        .to_owned();
    for package in published.iter().filter(|it| it.name == FACADE) {
        let (name, path) = (&package.name, root.join(&package.folder));
        let features = Vec::from_iter(minimal::features(package));
        manifest += &format!("{name} = {{ path = {path:?}, features = {features:?} }}\n");
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_package_depends_on_the_facade_in_edition_2021() {
        let package = |name: &str| Package {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            features: ["aws-lc-rs", "default", "ring"].map(str::to_owned).into(),
            ..Package::default()
        };
        assert_eq!(
            fresh_manifest(Path::new("/w"), &[package("a"), package("lastword")]),
            "[package]\nname = \"fresh\"\nedition = \"2021\"\n\n[workspace]\n\n\
             [profile.dev]\ndebug = false\n\n[dependencies]\n\
             lastword = { path = \"/w/crates/lastword\", features = [\"ring\"] }\n"
        );
    }
}
