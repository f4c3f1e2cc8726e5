//! Tests that no program runs. With `autotests = false` cargo does not look for them.

use std::collections::BTreeMap;

use crate::tidy::rules::regex;

/// The faults of all files: their texts by their paths.
pub(crate) fn faults(files: &BTreeMap<String, String>) -> Vec<String> {
    let text = |path: String| files.get(&path).map_or("", String::as_str);
    let test = r"^(?<crate>crates/\w+)/tests/(?<name>\w+)(\.rs|/main\.rs|/mod\.rs)$";
    let test = regex(test);
    let is_not_run = |path: &&String| {
        let Some(parts) = test.captures(path) else {
            return false;
        };
        let (package, name) = (&parts["crate"], &parts["name"]);
        let manifest = text(format!("{package}/Cargo.toml"));
        let (_, file) = path.split_at(package.len() + 1);
        let is_found = !manifest.contains("autotests = false");
        let is_named = manifest.contains(&format!("[[test]]\nname = \"{name}\""))
            || manifest.contains(&format!("path = \"{file}\""));
        let is_module = text(format!("{package}/tests/main.rs")).contains(&format!("mod {name};"));
        !(is_found || is_named || is_module)
    };
    let paths = files.keys().filter(is_not_run);
    paths
        .map(|path| format!("{path}:1: no test program contains this file"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_test_that_is_neither_a_program_nor_a_module_of_one() {
        let manifest =
            "autotests = false\n\n[[test]]\nname = \"tests\"\npath = \"tests/main.rs\"\n";
        let file = |path: &str, text: &str| (format!("crates/a/{path}"), text.to_owned());
        let files = [
            file("Cargo.toml", manifest),
            file("tests/main.rs", "mod b;\n"),
            file("tests/b/mod.rs", ""),
            file("tests/c.rs", ""),
        ];
        let files = BTreeMap::from(files);
        assert_eq!(
            faults(&files),
            ["crates/a/tests/c.rs:1: no test program contains this file"]
        );

        let found = [file("Cargo.toml", "[package]\n"), file("tests/c.rs", "")];
        assert_eq!(faults(&BTreeMap::from(found)), [""; 0]);
        let unnamed = [
            file("Cargo.toml", "autotests = false\n"),
            file("tests/main.rs", ""),
        ];
        assert_eq!(faults(&BTreeMap::from(unnamed)).len(), 1);
    }
}
