//! No file holds words that belong to one machine, nor a key.

use crate::tidy::tree::{Fault, Tree};

/// The words, and why they may not stand in a file. Written in halves: this is a file too.
const FORBIDDEN: [(&str, &str); 4] = [
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (
        concat!("PRIVATE ", "KEY-----"),
        "tests make their keys at run time",
    ),
];

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.files() {
        for (number, line) in (1..).zip(file.text.lines()) {
            for (word, why) in FORBIDDEN {
                if line.contains(word) {
                    faults.push(file.fault(number, format!("holds `{word}`: {why}")));
                }
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
    fn does_not_find_them_in_this_file() {
        assert!(check(&Tree::of(&[("words.rs", include_str!("words.rs"))])).is_empty());
    }
}
