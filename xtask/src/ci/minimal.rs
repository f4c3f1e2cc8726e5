//! That the published packages compile with the least versions of what their manifests ask for: a
//! floor that is too low breaks the build of whoever has that version in a lock file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    ci::Outcome,
    failure::Failure,
    metadata::{self, Package},
    subcommand::HACK,
    tidy::tree::Tree,
    tool::{Tool, root, target},
    toolchain,
};

/// Where a copy of the sources is written, so that their own lock file stays as it is.
const COPY: &str = "minimal";

/// The other provider is as good as this one, and takes half a minute of C.
const LEFT_OUT: [&str; 2] = ["aws-lc-rs", "default"];

/// Members of the workspace on which nobody depends. What they ask for would raise the floors of the
/// others, which share the lock file.
const PROGRAMS: [&str; 2] = ["benches", "xtask"];

pub(super) fn run() -> Result<Outcome, Failure> {
    let manifest = match manifest() {
        Ok(manifest) => manifest,
        Err(missing @ Failure::Missing { .. }) => return Ok(Outcome::skipped(missing.in_words())),
        Err(failure) => return Err(failure),
    };
    let target = target();
    cargo("check", &manifest)?
        .args([
            "--locked".as_ref(),
            "--target-dir".as_ref(),
            target.as_os_str(),
        ])
        .args(packages_and_features(&metadata::published()?))
        .run()?;
    Ok(Outcome::Passed)
}

/// Writes a copy of the libraries with a lock file of least versions, and returns its manifest.
///
/// # Errors
///
/// [`Failure::Missing`] if a tool for it is not there.
pub(super) fn manifest() -> Result<PathBuf, Failure> {
    let copy = target().join(COPY);
    let manifest = copy.join("Cargo.toml");
    let generate = cargo("generate-lockfile", &manifest)?;
    HACK.program()
        .map_err(|failure| Failure::missing("cargo-hack", failure.in_words()))?;
    copy_to(&copy, &Tree::load(&root())?).map_err(|source| Failure::file(&copy, source))?;
    // what tests and examples ask for would raise the floors too
    HACK.tool()?
        .args(["--remove-dev-deps", "--workspace", "--manifest-path"])
        .args([&manifest])
        .run()?;
    generate
        .args(["-Z", "direct-minimal-versions", "--quiet"])
        .run()?;
    Ok(manifest)
}

/// A command of the nightly toolchain's cargo.
fn cargo(verb: &str, manifest: &Path) -> Result<Tool, Failure> {
    let installed = toolchain::installed();
    let cargo = Tool::new("rustup").args(["run", toolchain::nightly(&installed)?, "cargo", verb]);
    Ok(cargo.args(["--manifest-path".as_ref(), manifest.as_os_str()]))
}

/// Arguments that have cargo compile these packages with all their features.
pub(super) fn packages_and_features(published: &[Package]) -> Vec<String> {
    let packages = published.iter().map(|it| format!("--package={}", it.name));
    let features = published.iter().flat_map(|package| {
        features(package).map(move |feature| format!("{}/{feature}", package.name))
    });
    let features = Vec::from_iter(features).join(",");
    packages.chain([format!("--features={features}")]).collect()
}

/// The features with which a package is compiled.
pub(super) fn features(package: &Package) -> impl Iterator<Item = &String> {
    let features = package.features.iter();
    features.filter(|feature| !LEFT_OUT.contains(&feature.as_str()))
}

/// Writes the sources of the libraries, but no lock file. Those that are as they were keep their
/// times, so that they are not compiled again.
fn copy_to(copy: &Path, tree: &Tree) -> io::Result<()> {
    for file in tree
        .files()
        .iter()
        .filter(|file| is_of_a_library(&file.path))
    {
        let text = match file.path.as_str() {
            "Cargo.toml" => without_programs(&file.text),
            _ => file.text.clone(),
        };
        let path = copy.join(&file.path);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(copy))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn is_of_a_library(path: &str) -> bool {
    let folder = path.split('/').next().unwrap_or_default();
    !PROGRAMS.contains(&folder) && path.split('/').next_back() != Some("Cargo.lock")
}

/// The workspace's manifest, its programs no members.
fn without_programs(manifest: &str) -> String {
    let is_program = |line: &str| {
        let member = |name| line.trim_start().starts_with(&format!("\"{name}\","));
        PROGRAMS.iter().any(member)
    };
    let lines = manifest.lines().filter(|line| !is_program(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_the_programs_and_the_lock_file() {
        let paths = [
            "Cargo.toml",
            "Cargo.lock",
            "xtask/src/main.rs",
            "crates/io/src/lib.rs",
        ];
        let copied = Vec::from_iter(paths.into_iter().filter(|path| is_of_a_library(path)));
        assert_eq!(copied, ["Cargo.toml", "crates/io/src/lib.rs"]);

        let manifest = "members = [\n    \"crates/io\", # a\n    \"xtask\",     # b\n]\n";
        let kept = "members = [\n    \"crates/io\", # a\n]\n";
        assert_eq!(without_programs(manifest), kept);
    }
}
