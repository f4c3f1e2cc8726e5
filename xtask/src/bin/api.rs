//! Compares the public API of each published crate with its api.txt, which shows a change in review.
//!
//! `api` prints the differences, and `api --bless` writes each api.txt. rustdoc's JSON is unstable:
//! a stable toolchain writes it with RUSTC_BOOTSTRAP=1, and one format of it is read, that of Rust
//! 1.93 to 1.96. All features are on but the crypto providers, which add nothing to an API.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, bail, ensure};
use public_api::Builder;
use rustdoc_types::FORMAT_VERSION;
use serde_json::Value;

/// Where rustdoc writes: a folder of its own, because the build scripts that watch RUSTC_BOOTSTRAP
/// would run again in the main one.
const TARGET: &str = "target/api";

fn main() -> ExitCode {
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Compares each listing with its file, which `--bless` writes first.
fn compare() -> anyhow::Result<()> {
    let is_blessing = env::args().nth(1).is_some_and(|arg| arg == "--bless");
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        if !package["publish"].is_null() {
            continue;
        }
        let manifest = Path::new(package["manifest_path"].as_str().context("no manifest")?);
        let path = manifest.with_file_name("api.txt");
        let Some(listing) = listing(package)? else {
            println!("skipped: this toolchain's rustdoc has another format than {FORMAT_VERSION}");
            return Ok(());
        };
        if is_blessing {
            fs::write(&path, &listing)?;
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        let name = package["name"].as_str().unwrap_or_default();
        let lines = differences(&written, &listing).into_iter();
        faults.extend(lines.map(|line| format!("{name}: {line}")));
    }
    faults.iter().for_each(|fault| println!("{fault}"));
    ensure!(
        faults.is_empty(),
        "{} differences from api.txt",
        faults.len()
    );
    Ok(())
}

/// Each item of the API of a package, a line each; none if the JSON has another format.
fn listing(package: &Value) -> anyhow::Result<Option<String>> {
    let name = package["name"].as_str().context("no name")?;
    let features = package["features"].as_object().context("no features")?;
    let is_wanted = |name: &&String| !["aws-lc-rs", "ring"].contains(&name.as_str());
    let features = Vec::from_iter(features.keys().filter(is_wanted).map(String::as_str)).join(",");
    let rustdoc = [
        "rustdoc",
        "--quiet",
        "--lib",
        "--package",
        name,
        "--features",
        &features,
    ];
    let json = [
        "--",
        "-Zunstable-options",
        "--output-format=json",
        "--cap-lints=allow",
    ];
    cargo(&[&rustdoc[..], &["--target-dir", TARGET], &json].concat())?;
    let path = format!("{TARGET}/doc/{}.json", name.replace('-', "_"));
    let json: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    if json["format_version"].as_u64() != Some(FORMAT_VERSION.into()) {
        return Ok(None);
    }
    let api = Builder::from_rustdoc_json(&path)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()?;
    Ok(Some(api.items().map(|item| format!("{item}\n")).collect()))
}

/// The lines that only one of the listings has, as in a patch.
fn differences(written: &str, found: &str) -> Vec<String> {
    let [written, found] = [written, found].map(|listing| BTreeSet::from_iter(listing.lines()));
    let gone = written.difference(&found).map(|line| format!("- {line}"));
    let new = found.difference(&written).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

/// Runs cargo, and returns its standard output.
fn cargo(args: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("cargo")
        .args(args)
        .env("RUSTC_BOOTSTRAP", "1")
        .output()?;
    if !output.status.success() {
        bail!(
            "cargo {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_gone_and_then_what_is_new() {
        let written = "pub mod a\npub fn a::b()\npub fn a::c()\n";
        let found = "pub mod a\npub fn a::b(u8)\npub fn a::c()\n";
        assert_eq!(
            differences(written, found),
            ["- pub fn a::b()", "+ pub fn a::b(u8)"]
        );
        assert_eq!(differences(written, written), [""; 0]);
    }
}
