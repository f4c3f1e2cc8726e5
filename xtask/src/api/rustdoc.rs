//! What rustdoc tells of a crate's API: JSON of one format.

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use rustdoc_types::{Crate, FORMAT_VERSION};
use serde_json::Value;

use crate::{
    api::features,
    failure::Failure,
    metadata::Package,
    tool::{Tool, target},
};

/// Has rustdoc tell the API of a package, and returns where it is written.
pub(super) fn document(package: &Package) -> Result<PathBuf, Failure> {
    // a place of its own: what watches RUSTC_BOOTSTRAP would be built anew at every turn
    let folder = target().join("api");
    let features = Vec::from_iter(features(package)).join(",");
    Tool::cargo()
        .args(["rustdoc", "--lib", "--package", &package.name])
        .args(["--features", &features, "--target-dir"])
        .args([folder.as_os_str()])
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .args(["--cap-lints", "allow"])
        .env("RUSTC_BOOTSTRAP", "1")
        .run()?;
    let file = format!("{}.json", package.name.replace('-', "_"));
    Ok(folder.join("doc").join(file))
}

/// Reads what rustdoc wrote.
///
/// # Errors
///
/// [`Failure::Missing`] if it is of another format than is known here.
pub(super) fn read(path: &Path) -> Result<Crate, Failure> {
    let json = fs::read_to_string(path).map_err(|source| Failure::file(path, source))?;
    parse(&json)
}

/// The API in the JSON, if it is of the format that is known.
pub(super) fn parse(json: &str) -> Result<Crate, Failure> {
    let value: Value = serde_json::from_str(json).map_err(not_expected)?;
    let version = value["format_version"].as_u64();
    if version != Some(FORMAT_VERSION.into()) {
        let version = version.map_or("none".to_owned(), |version| version.to_string());
        let how = format!("this toolchain's is {version}, Rust 1.93 to 1.96 have it");
        return Err(Failure::missing("rustdoc's JSON of format 57", how));
    }
    serde_json::from_value(value).map_err(not_expected)
}

/// It is not JSON, or not an API.
pub(super) fn not_expected(what: impl Display) -> Failure {
    Failure::Output {
        command: "cargo rustdoc".to_owned(),
        what: format!("{what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_format_is_told_from_what_is_no_api() {
        assert_eq!(
            parse(r#"{"format_version": 58, "index": []}"#)
                .unwrap_err()
                .in_words(),
            "rustdoc's JSON of format 57 is missing: this toolchain's is 58, Rust 1.93 to 1.96 have it"
        );
        assert_eq!(
            parse(r#"{"format_version": 57}"#).unwrap_err().in_words(),
            "`cargo rustdoc` printed what was not expected: missing field `root`"
        );
    }
}
