//! The packages: each has the texts of the licences, and a README whose links work anywhere.

use std::fs;
use std::path::{Path, PathBuf};

const LICENCES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-ISC", "LICENSE-MIT"];

/// Returns the folders of the published crates.
fn packages() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let names = [
        "record", "alert", "hello", "acceptor", "io", "tokio", "tickets", "lastword", "census",
    ];
    names.iter().map(|name| crates.join(name)).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn each_has_the_texts_of_the_licences() {
    for package in packages() {
        for name in LICENCES {
            let here = read(&package.join(name));
            let root = read(&package.join("../..").join(name));
            assert!(here == root, "{}: {name}", package.display());
        }
    }
}

#[test]
fn each_says_where_its_source_and_its_docs_are() {
    for package in packages() {
        let manifest = read(&package.join("Cargo.toml"));
        let fields = "repository.workspace = true\nhomepage.workspace = true\n\
             documentation = \"https://docs.rs/lastword";
        assert!(manifest.contains(fields), "{}", package.display());
    }
}

#[test]
fn each_says_how_docs_rs_builds_it() {
    for package in packages() {
        let manifest = read(&package.join("Cargo.toml"));
        let section = "[package.metadata.docs.rs]\nall-features = true\n\
             rustdoc-args = [\"--cfg\", \"docsrs\"]\n";
        assert!(manifest.contains(section), "{}", package.display());
        let lib = read(&package.join("src/lib.rs"));
        let feature = "#![cfg_attr(docsrs, feature(doc_cfg))]\n";
        assert!(lib.contains(feature), "{}", package.display());
    }
}

/// A link to an item, or to a file, works only on docs.rs or only in the repository.
#[test]
fn each_has_a_readme_whose_links_are_urls() {
    for package in packages() {
        let readme = read(&package.join("README.md"));
        // outside of code: every other part
        let prose: Vec<_> = readme.split("```").step_by(2).collect();
        let prose = prose.concat();
        for (at, _) in prose.match_indices("](") {
            let target = &prose[at + 2..];
            let is_url = target.starts_with("https://");
            assert!(is_url, "{}: {:.60}", package.display(), target);
        }
        for (at, _) in prose.match_indices("[`") {
            let (text, after) = prose[at..].split_once(']').unwrap();
            let is_defined = prose.contains(&format!("\n{text}]: https://"));
            let is_link = after.starts_with('(') || is_defined;
            assert!(is_link, "{}: {text}]", package.display());
        }
    }
}
