//! What cargo says of the workspace's packages.

use serde_json::Value;

use crate::{failure::Failure, tool::Tool};

/// A package of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Whether it may go to a registry.
    pub(crate) published: bool,
    /// The names of its integration tests, those in its folder `tests`.
    pub(crate) tests: Vec<String>,
}

/// The workspace's packages, in cargo's order.
pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    let tool = Tool::cargo().args(["metadata", "--no-deps", "--format-version", "1"]);
    parse(&tool.stdout()?).ok_or_else(|| Failure::Output {
        command: "cargo metadata".to_owned(),
        what: "no list of packages".to_owned(),
    })
}

/// The names of the packages that may go to a registry.
pub(crate) fn published() -> Result<Vec<String>, Failure> {
    let published = packages()?.into_iter().filter(|package| package.published);
    Ok(published.map(|package| package.name).collect())
}

fn parse(json: &str) -> Option<Vec<Package>> {
    let metadata: Value = serde_json::from_str(json).ok()?;
    metadata
        .get("packages")?
        .as_array()?
        .iter()
        .map(package)
        .collect()
}

fn package(json: &Value) -> Option<Package> {
    let targets = json.get("targets")?.as_array()?.iter();
    let tests = targets.filter(|target| target["kind"][0] == "test");
    Some(Package {
        name: json.get("name")?.as_str()?.to_owned(),
        published: json.get("publish")?.is_null(),
        tests: tests
            .filter_map(|target| target["name"].as_str())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_published_packages_and_integration_tests() {
        let json = r#"{"packages": [
            {"name": "a", "publish": null, "targets": [
                {"kind": ["lib"], "name": "a"}, {"kind": ["test"], "name": "properties"}]},
            {"name": "b", "publish": [], "targets": []}]}"#;
        let package = |name: &str, published, tests: &[&str]| Package {
            name: name.to_owned(),
            published,
            tests: tests.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(
            parse(json),
            Some(vec![
                package("a", true, &["properties"]),
                package("b", false, &[])
            ])
        );
    }

    #[test]
    fn takes_nothing_from_what_is_not_metadata() {
        assert_eq!(parse("{}"), None);
        assert_eq!(parse("cargo"), None);
    }
}
