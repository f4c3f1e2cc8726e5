//! That the published packages compile with the least versions of what their manifests ask for: a
//! floor that is too low breaks the build of whoever has that version in a lock file.

use std::{fs, io, path::Path};

use crate::{
    ci::Outcome,
    failure::Failure,
    metadata,
    tidy::tree::Tree,
    tool::{Tool, root, target},
    toolchain,
};

/// Where a copy of the sources is written, so that their own lock file stays as it is.
const COPY: &str = "minimal";

/// The other provider is as good as this one, and takes half a minute of C.
const LEFT_OUT: [&str; 2] = ["aws-lc-rs", "default"];

pub(super) fn run() -> Result<Outcome, Failure> {
    let installed = toolchain::installed();
    let toolchain = match toolchain::nightly(&installed) {
        Ok(toolchain) => toolchain,
        Err(missing) => return Ok(Outcome::skipped(missing.in_words())),
    };
    let copy = target().join(COPY);
    copy_to(&copy, &Tree::load(&root())?).map_err(|source| Failure::file(&copy, source))?;
    let manifest = copy.join("Cargo.toml");
    let cargo = |verb| {
        let cargo = Tool::new("rustup").args(["run", toolchain, "cargo", verb]);
        cargo.args(["--manifest-path".as_ref(), manifest.as_os_str()])
    };
    cargo("generate-lockfile")
        .args(["-Z", "direct-minimal-versions", "--quiet"])
        .run()?;

    let published = metadata::published()?;
    let packages = published.iter().flat_map(|it| ["--package", &it.name]);
    let features = published.iter().flat_map(|package| {
        let features = package.features.iter();
        let features = features.filter(|feature| !LEFT_OUT.contains(&feature.as_str()));
        features.map(|feature| format!("{}/{feature}", package.name))
    });
    let features = Vec::from_iter(features).join(",");
    let target = target();
    cargo("check")
        .args([
            "--locked".as_ref(),
            "--target-dir".as_ref(),
            target.as_os_str(),
        ])
        .args(packages)
        .args(["--features", &features])
        .run()?;
    Ok(Outcome::Passed)
}

/// Writes all sources but the lock file. Those that are as they were keep their times, so that
/// they are not compiled again.
fn copy_to(copy: &Path, tree: &Tree) -> io::Result<()> {
    for file in tree
        .files()
        .iter()
        .filter(|file| file.name() != "Cargo.lock")
    {
        let path = copy.join(&file.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(copy))?;
        fs::write(path, &file.text)?;
    }
    Ok(())
}
