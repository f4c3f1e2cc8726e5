//! `api`: what the published crates offer, held against what is written down of it.

mod exposed;
mod listing;
mod rustdoc;

use std::{fs, path::PathBuf};

use clap::Args;

use crate::{
    failure::Failure,
    metadata::{self, Package},
    subcommand::SEMVER_CHECKS,
    tool::root,
};

/// Compare the public API of each published crate with what is written down of it
///
/// - crates/NAME/api.txt lists what the crate offers, an item a line, so that a change shows in
///   review: all but auto traits, blanket implementations and what is inside a derived one. --bless
///   writes it anew.
///   Planted and caught: a method new in record.
/// - the manifest lists, in the table that cargo-check-external-types reads, of which other crates
///   types, traits and modules are in the API: neither more nor fewer; those of core, alloc and std
///   may always be.
///   Planted and caught, its listing written anew: a function of io that takes a `ServerName` of
///   rustls_pki_types.
/// - --since REV has cargo-semver-checks tell whether what changed since a revision of git breaks
///   users: it must be what a minor version may bring.
///   Planted and caught, its listing written anew: a method gone from record.
///
/// All features are on but those that choose a crypto provider, which add nothing to an API.
///
/// rustdoc tells the API as JSON. That is unstable, so a stable toolchain is made to by
/// RUSTC_BOOTSTRAP=1, and it is read in one format alone, that of Rust 1.93 to 1.96; with a
/// toolchain of another `ci` skips this. Standard library and dependencies are named as they are
/// divided inside, so a listing may differ, with no change of ours, where they are of other versions.
///
/// Needs a Rust toolchain. --since needs git, builds cargo-semver-checks where it is not installed,
/// and then the dependencies of each crate anew: it takes minutes.
/// Exit codes: 0 all is as it is written down, 1 it is not or cannot be told, 2 the command line is
/// wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Write the listings down
    #[arg(long)]
    bless: bool,
    /// See instead whether what changed since this revision breaks users
    #[arg(long, value_name = "REV", conflicts_with = "bless")]
    since: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    match &options.since {
        Some(revision) => since(revision),
        None => compare(options.bless),
    }
}

/// Prints how the APIs and what is written down of them differ, once the listings are written anew
/// if they are to be.
///
/// # Errors
///
/// If they do; [`Failure::Missing`] if the toolchain's JSON has another format.
pub(crate) fn compare(bless: bool) -> Result<(), Failure> {
    let (mut crates, mut faults) = (0, Vec::new());
    for package in published()? {
        crates += 1;
        let json = rustdoc::document(&package)?;
        let api = rustdoc::read(&json)?;
        let listing = listing::of(&json, &api)?;
        let (shown, path) = path(&package);
        if bless {
            fs::write(&path, &listing).map_err(|source| Failure::file(&path, source))?;
        }
        let written = fs::read_to_string(&path).map_err(|source| Failure::file(&path, source))?;
        let differences = listing::differences(&written, &listing);
        faults.extend(differences.map(|line| format!("{shown}: {line}")));
        faults.extend(exposed::faults(&package, &api)?);
    }
    for fault in &faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => {
            println!("{crates} crates, no fault");
            Ok(())
        }
        faults => Err(Failure::Api { faults }),
    }
}

fn since(revision: &str) -> Result<(), Failure> {
    for package in published()? {
        let mut check = SEMVER_CHECKS
            .tool()?
            .args(["--package", &package.name, "--baseline-rev", revision])
            // or else, the version being the same, nothing would be held to anything
            .args(["--release-type", "minor", "--only-explicit-features"]);
        for feature in features(&package) {
            check = check.args(["--features", feature]);
        }
        check.run()?;
    }
    Ok(())
}

/// The path of a package's listing, as it is shown and as it is opened.
fn path(package: &Package) -> (String, PathBuf) {
    let shown = format!("{}/api.txt", package.folder);
    let path = root().join(&shown);
    (shown, path)
}

fn published() -> Result<impl Iterator<Item = Package>, Failure> {
    let packages = metadata::packages()?;
    Ok(packages.into_iter().filter(|package| package.published))
}

/// Those that change the API.
fn features(package: &Package) -> impl Iterator<Item = &str> {
    let features = package.features.iter().map(String::as_str);
    features.filter(|feature| !["aws-lc-rs", "ring"].contains(feature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_features_count_but_the_choice_of_a_crypto_provider() {
        let features = ["aws-lc-rs", "default", "ja4", "ring"];
        let package = Package {
            folder: "crates/io".to_owned(),
            features: features.map(str::to_owned).to_vec(),
            ..Package::default()
        };
        assert_eq!(
            Vec::from_iter(super::features(&package)),
            ["default", "ja4"]
        );
        assert_eq!(path(&package).0, "crates/io/api.txt");
    }
}
