//! What cargo says of the workspace's packages.

use std::path::Path;

use serde_json::Value;

use crate::{failure::Failure, tool::Tool};

/// A package of the workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Whether it may go to a registry.
    pub(crate) published: bool,
    /// Its folder, from the workspace's root.
    pub(crate) folder: String,
    /// Its features, in order of their names.
    pub(crate) features: Vec<String>,
    /// What its manifest lists as in its API and of other crates.
    pub(crate) external: Vec<String>,
}

/// The workspace's packages, in cargo's order.
pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    let tool = Tool::cargo().args(["metadata", "--no-deps", "--format-version", "1"]);
    parse(&tool.stdout()?).ok_or_else(|| Failure::Output {
        command: "cargo metadata".to_owned(),
        what: "no list of packages".to_owned(),
    })
}

/// The packages that may go to a registry.
pub(crate) fn published() -> Result<Vec<Package>, Failure> {
    let published = packages()?.into_iter().filter(|package| package.published);
    Ok(published.collect())
}

fn parse(json: &str) -> Option<Vec<Package>> {
    let metadata: Value = serde_json::from_str(json).ok()?;
    let root = Path::new(metadata.get("workspace_root")?.as_str()?);
    let packages = metadata.get("packages")?.as_array()?.iter();
    packages.map(|json| package(json, root)).collect()
}

fn package(json: &Value, root: &Path) -> Option<Package> {
    let manifest = Path::new(json.get("manifest_path")?.as_str()?);
    let folder = manifest.parent()?.strip_prefix(root).ok()?;
    let external = "/metadata/cargo_check_external_types/allowed_external_types";
    Some(Package {
        name: json.get("name")?.as_str()?.to_owned(),
        folder: folder.to_str()?.replace('\\', "/"),
        published: json.get("publish")?.is_null(),
        features: json.get("features")?.as_object()?.keys().cloned().collect(),
        external: match json.pointer(external) {
            Some(listed) => serde_json::from_value(listed.clone()).ok()?,
            None => Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_packages_are_and_which_are_published() {
        let json = r#"{"workspace_root": "/w", "packages": [
            {"name": "a", "publish": null, "manifest_path": "/w/crates/a/Cargo.toml",
             "features": {"x": [], "default": ["x"]}, "metadata": {
                "cargo_check_external_types": {"allowed_external_types": ["rustls::*"]}}},
            {"name": "b", "publish": [], "manifest_path": "/w/b/Cargo.toml", "features": {},
             "metadata": null}]}"#;
        let package = |name: &str, folder: &str, published| Package {
            name: name.to_owned(),
            folder: folder.to_owned(),
            published,
            ..Package::default()
        };
        assert_eq!(
            parse(json),
            Some(vec![
                Package {
                    features: vec!["default".to_owned(), "x".to_owned()],
                    external: vec!["rustls::*".to_owned()],
                    ..package("a", "crates/a", true)
                },
                package("b", "b", false)
            ])
        );
    }

    #[test]
    fn takes_nothing_from_what_is_not_metadata() {
        assert_eq!(parse("{}"), None);
        assert_eq!(parse("cargo"), None);
    }
}
