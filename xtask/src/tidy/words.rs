//! No file holds words that belong to one machine, nor a key.

use crate::tidy::tree::{Fault, Tree};

/// The words, and why they may not stand in a file. Written in halves: this is a file too.
const FORBIDDEN: [(&str, &str); 3] = [
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
];

/// How the first line of a private key ends; in a key it stands alone.
const KEY: &str = "PRIVATE KEY-----";

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.files() {
        for (number, line) in (1..).zip(file.text.lines()) {
            for (word, why) in FORBIDDEN {
                if line.contains(word) {
                    faults.push(file.fault(number, format!("holds `{word}`: {why}")));
                }
            }
            let line = line.trim();
            if line.starts_with("-----BEGIN ") && line.ends_with(KEY) {
                let what = "begins a private key: tests make theirs at run time";
                faults.push(file.fault(number, what));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_of_the_words_on_its_line() {
        for (word, why) in FORBIDDEN {
            let text = format!("fine\nnot {word} fine\n");
            let faults = check(&Tree::of(&[("docs/a.md", &text)]));
            let faults = faults.iter().map(ToString::to_string);
            assert_eq!(
                Vec::from_iter(faults),
                [format!("docs/a.md:2: holds `{word}`: {why}")]
            );
        }
    }

    #[test]
    fn finds_a_private_key_but_not_the_mention_of_one() {
        let header = ["-----BEGIN EC ", KEY].concat();
        let text = format!("starts_with(\"{header}\")\n{header}\nMHcC\n");
        let faults = check(&Tree::of(&[("a.rs", &text)]));
        let faults = faults.iter().map(ToString::to_string);
        assert_eq!(
            Vec::from_iter(faults),
            ["a.rs:2: begins a private key: tests make theirs at run time"]
        );
    }

    #[test]
    fn does_not_find_them_in_this_file() {
        assert!(check(&Tree::of(&[("words.rs", include_str!("words.rs"))])).is_empty());
    }
}
