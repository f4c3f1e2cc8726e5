//! Unsafe code is forbidden in every crate: in its root, and by the lints it takes.

use crate::tidy::{
    manifest::{has_table, value},
    tokens::has_inner_attribute,
    tree::{Fault, Tree},
};

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.rust() {
        // a root among the integration tests has the workspace's lints, which forbid it too
        let is_test = file.path.contains("/tests/");
        let is_root = ["lib.rs", "main.rs"].contains(&file.name()) && !is_test;
        if is_root && !has_inner_attribute(file.tokens(), "forbid(unsafe_code)") {
            faults.push(file.fault(1, "has no `#![forbid(unsafe_code)]`"));
        }
    }
    for manifest in tree.manifests() {
        // what is a workspace of its own has no lints to inherit
        let of_workspace = !has_table(&manifest.text, "workspace");
        if of_workspace && value(&manifest.text, "lints", "workspace").is_none() {
            faults.push(manifest.fault(1, "has no `[lints] workspace = true`"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let faults = check(&Tree::of(&[(path, text)]));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_crate_root_forbids_unsafe_code() {
        for path in ["a/src/lib.rs", "b/src/main.rs", "benches/lib.rs"] {
            assert_eq!(
                faults(path, "//! `#![forbid(unsafe_code)]`\n"),
                [format!("{path}:1: has no `#![forbid(unsafe_code)]`")]
            );
            assert!(faults(path, "//! doc\n#![forbid(unsafe_code)]\n").is_empty());
        }
        assert!(faults("a/src/other.rs", "//! doc\n").is_empty());
        assert!(faults("a/tests/b/main.rs", "//! doc\n").is_empty());
    }

    #[test]
    fn every_manifest_of_the_workspace_takes_its_lints() {
        assert_eq!(
            faults("a/Cargo.toml", "[package]\n"),
            ["a/Cargo.toml:1: has no `[lints] workspace = true`"]
        );
        assert!(faults("a/Cargo.toml", "[lints]\nworkspace = true\n").is_empty());
        assert!(faults("Cargo.toml", "[workspace]\n").is_empty());
    }
}
