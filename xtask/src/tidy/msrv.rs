//! The least Rust version is the same wherever it is said.

use crate::tidy::{
    manifest::{has_table, value},
    tree::{Fault, File, Tree},
};

/// Which dependency of its own asks this package for more than the workspace does.
const OWN_VERSION: &str = "benches/Cargo.toml"; // criterion's

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let Some(root) = tree.file("Cargo.toml") else {
        return Vec::new();
    };
    let Some(msrv) = value(&root.text, "workspace.package", "rust-version") else {
        return vec![root.fault(1, "says no `rust-version` in [workspace.package]")];
    };
    let mut faults = Vec::new();
    for manifest in tree.manifests() {
        faults.extend(check_manifest(manifest, msrv.is));
    }
    if let Some(clippy) = tree.file("clippy.toml") {
        faults.extend(check_clippy(clippy, msrv.is));
    }
    let benches = tree.file(OWN_VERSION);
    let benches = benches.and_then(|file| value(&file.text, "package", "rust-version"));
    let benches = benches.map_or("none", |value| value.is);
    for file in tree.files().iter().filter(|file| is_about_it(&file.path)) {
        faults.extend(check_words(file, msrv.is, benches));
    }
    let expected = format!("expected `Rust {}` somewhere in it", msrv.is);
    match tree.file("README.md") {
        None => faults.push(root.fault(msrv.line, format!("has no README.md: {expected}"))),
        Some(readme) if readme.text.lines().all(|line| mentions(line).is_empty()) => {
            faults.push(readme.fault(1, format!("says no least Rust version: {expected}")));
        }
        Some(_) => {}
    }
    faults
}

/// The texts that tell which Rust is needed; the changelog tells which was.
fn is_about_it(path: &str) -> bool {
    path.ends_with(".md") && path != "CHANGELOG.md"
}

/// A package says which, by itself or by the workspace's word.
fn check_manifest(manifest: &File, msrv: &str) -> Option<Fault> {
    let own = value(&manifest.text, "package", "rust-version");
    let Some(own) = own else {
        let is_package = has_table(&manifest.text, "package");
        return is_package.then(|| manifest.fault(1, "says no `rust-version` in [package]"));
    };
    let agrees = own.is == "workspace" || own.is == msrv || manifest.path == OWN_VERSION;
    (!agrees).then(|| {
        let what = format!("rust-version {} is not the workspace's {msrv}", own.is);
        manifest.fault(own.line, what)
    })
}

/// Clippy goes by the manifests, and by its own configuration where that says another.
fn check_clippy(file: &File, msrv: &str) -> Option<Fault> {
    let lines = (1..).zip(file.text.lines());
    let mut values = lines.filter_map(|(line, text)| Some((line, text.split_once('=')?)));
    let (line, (_, says)) = values.find(|(_, (key, _))| key.trim() == "msrv")?;
    let says = says.split('"').nth(1).unwrap_or_default();
    (says != msrv).then(|| file.fault(line, format!("msrv {says} is not the workspace's {msrv}")))
}

fn check_words(file: &File, msrv: &str, benches: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        for version in mentions(line) {
            let of_benches = version == benches && line.contains("bench");
            if version != msrv && !of_benches {
                let what = format!("says Rust {version}, expected `Rust {msrv}`");
                faults.push(file.fault(number, what));
            }
        }
    }
    faults
}

/// The versions that a line speaks of, as `Rust 1.2` or `MSRV 1.2`.
fn mentions(line: &str) -> Vec<&str> {
    let starts = ["Rust ", "MSRV "];
    let starts = starts.iter().flat_map(|word| line.split(*word).skip(1));
    let versions = starts.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        rest[..end.unwrap_or(rest.len())].trim_end_matches('.')
    });
    versions
        .filter(|version| version.starts_with("1."))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: (&str, &str) = (
        "Cargo.toml",
        "[workspace.package]\nedition = \"2024\"\nrust-version = \"1.85\"\n",
    );
    const README: (&str, &str) = ("README.md", "Needs Rust 1.85.\n");
    const BENCHES: (&str, &str) = ("benches/Cargo.toml", "[package]\nrust-version = \"1.86\"\n");

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        let faults = check(&Tree::of(files));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn agrees_with_the_same_version_in_either_form() {
        let architecture = ("ARCHITECTURE.md", "MSRV 1.85, of the benches Rust 1.86.\n");
        let inherits = ("a/Cargo.toml", "[package]\nrust-version.workspace = true\n");
        let clippy = ("clippy.toml", "msrv = \"1.85\"\n");
        assert!(faults(&[ROOT, README, BENCHES, architecture, inherits, clippy]).is_empty());
    }

    #[test]
    fn finds_each_text_and_manifest_that_says_another() {
        let found = faults(&[
            ROOT,
            README,
            BENCHES,
            ("a/Cargo.toml", "[package]\nrust-version = \"1.80\"\n"),
            ("crates/a/README.md", "x\nMSRV 1.80, in Rust 2024\n"),
            ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
            ("clippy.toml", "# rust\nmsrv = \"1.84\" # why\n"),
            ("ARCHITECTURE.md", "of all crates Rust 1.86\n"),
            ("CONTRIBUTING.md", "With Rust 1.88 and later:\n"),
            ("CHANGELOG.md", "Rust 1.70 no more\n"),
        ]);
        assert_eq!(
            found,
            [
                "a/Cargo.toml:2: rust-version 1.80 is not the workspace's 1.85",
                "b/Cargo.toml:1: says no `rust-version` in [package]",
                "clippy.toml:2: msrv 1.84 is not the workspace's 1.85",
                "crates/a/README.md:2: says Rust 1.80, expected `Rust 1.85`",
                "ARCHITECTURE.md:1: says Rust 1.86, expected `Rust 1.85`",
                "CONTRIBUTING.md:1: says Rust 1.88, expected `Rust 1.85`",
            ]
        );
    }

    #[test]
    fn asks_for_it_in_the_readme_and_in_the_manifest() {
        assert_eq!(
            faults(&[ROOT, ("README.md", "# x\n")]),
            ["README.md:1: says no least Rust version: expected `Rust 1.85` somewhere in it"]
        );
        assert_eq!(
            faults(&[ROOT]),
            ["Cargo.toml:3: has no README.md: expected `Rust 1.85` somewhere in it"]
        );
        assert_eq!(
            faults(&[("Cargo.toml", "[workspace.package]\n"), README]),
            ["Cargo.toml:1: says no `rust-version` in [workspace.package]"]
        );
    }
}
