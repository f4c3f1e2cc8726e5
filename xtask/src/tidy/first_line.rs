//! Every source begins with what it decides.

use crate::tidy::tree::{Fault, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let silent = tree.rust().filter(|file| {
        let said = file.text.strip_prefix("//!");
        said.and_then(|said| said.lines().next())
            .is_none_or(|said| said.trim().is_empty())
    });
    silent
        .map(|file| file.fault(1, "begins without `//!` and what the file decides"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_files_that_do_not_say_what_they_decide() {
        let tree = Tree::of(&[
            ("a.rs", "//! What a is.\n"),
            ("b.rs", "// What b is.\n"),
            ("c.rs", "//!\n//! What c is.\n"),
            ("d.rs", ""),
            ("e.md", ""),
        ]);
        let faults = check(&tree);
        let paths = faults.iter().map(|fault| &fault.path[..]);
        assert_eq!(Vec::from_iter(paths), ["b.rs", "c.rs", "d.rs"]);
        assert_eq!(
            faults[0].to_string(),
            "b.rs:1: begins without `//!` and what the file decides"
        );
    }
}
