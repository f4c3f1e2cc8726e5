//! Every package has the workspace's licence, and every licence its text.

use crate::tidy::{
    manifest::value,
    tree::{Fault, Tree},
};

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let Some(root) = tree.file("Cargo.toml") else {
        return Vec::new();
    };
    let Some(licence) = value(&root.text, "workspace.package", "license") else {
        return vec![root.fault(1, "says no `license` in [workspace.package]")];
    };
    let mut faults = Vec::new();
    for id in licence.is.split(" OR ") {
        let file = text_of(id);
        if tree.file(&file).is_none() {
            faults.push(root.fault(licence.line, format!("names {id}, but there is no {file}")));
        }
    }
    let packages = tree.manifests().filter(|file| file.path != root.path);
    for manifest in packages {
        let expected = licence.is;
        match value(&manifest.text, "package", "license") {
            Some(own) if own.is == "workspace" || own.is == expected => {}
            Some(own) => {
                let what = format!("license {} is not the workspace's {expected}", own.is);
                faults.push(manifest.fault(own.line, what));
            }
            None => faults.push(manifest.fault(1, "says no `license.workspace = true`")),
        }
    }
    faults
}

/// The file with a licence's text: `Apache-2.0` is in LICENSE-APACHE.
fn text_of(id: &str) -> String {
    let name = id.split('-').next().unwrap_or(id);
    format!("LICENSE-{}", name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: (&str, &str) = (
        "Cargo.toml",
        "[workspace.package]\nlicense = \"Apache-2.0 OR MIT\"\n",
    );
    const TEXTS: [(&str, &str); 2] = [("LICENSE-APACHE", "text"), ("LICENSE-MIT", "text")];

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        let faults = check(&Tree::of(files));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn finds_a_manifest_with_another_licence_or_none() {
        let inherits = ("a/Cargo.toml", "[package]\nlicense.workspace = true\n");
        let other = ("b/Cargo.toml", "[package]\nlicense = \"MIT\"\n");
        let none = ("c/Cargo.toml", "[package]\n");
        assert_eq!(
            faults(&[ROOT, TEXTS[0], TEXTS[1], inherits, other, none]),
            [
                "b/Cargo.toml:2: license MIT is not the workspace's Apache-2.0 OR MIT",
                "c/Cargo.toml:1: says no `license.workspace = true`",
            ]
        );
    }

    #[test]
    fn finds_a_licence_without_its_text() {
        assert_eq!(
            faults(&[ROOT, TEXTS[1]]),
            ["Cargo.toml:2: names Apache-2.0, but there is no LICENSE-APACHE"]
        );
    }
}
