//! The rules of `tidy`, a row each.

use regex_lite::Regex;

use crate::tidy::source::{Line, Source};

/// A rule for the files whose paths match.
pub(crate) struct Rule {
    paths: &'static str,
    except: &'static str,
    check: Check,
    fault: &'static str,
}

/// What a rule asks of a file. Each string is a regular expression.
enum Check {
    /// The text has a match.
    Has(&'static str),
    /// No line has a match, except matches of the second.
    Lacks(&'static str, &'static str),
    /// No line of code has a match, except matches of the second.
    CodeLacks(&'static str, &'static str),
    /// There are at most so many lines of code.
    Lines(usize),
}
use Check::{CodeLacks, Has, Lacks, Lines};

const fn rule(
    paths: &'static str,
    except: &'static str,
    check: Check,
    fault: &'static str,
) -> Rule {
    Rule {
        paths,
        except,
        check,
        fault,
    }
}

/// No path.
const NONE: &str = "^$";

/// The minimum Rust version in a text.
const MSRV: &str = concat!(r"\bRust ", env!("CARGO_PKG_RUST_VERSION"), r"\b");

/// All rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    rule(r"\.rs$", NONE, Has(r"^//! ?\S"), "does not begin with `//!` and a sentence about the file"),
    rule(r"\.rs$", NONE, Lines(300), "has more than 300 lines of code"),
    rule(r"(^|/)(lib|main)\.rs$", r"/tests/|/examples/", Has(r"(?m)^#!\[forbid\(unsafe_code\)\]$"), "has no `#![forbid(unsafe_code)]`"),
    rule(r"/Cargo\.toml$", r"^crates/(fuzz|next)/Cargo\.toml$", Has(r"(?m)^\[lints\]\nworkspace = true$"), "has no `[lints] workspace = true`"),
    rule(r"/Cargo\.toml$", r"^crates/(fuzz|next)/Cargo\.toml$", Has(r"(?m)^license\.workspace = true$"), "has no `license.workspace = true`"),
    // the layers: each does what is its own and no more
    rule(r"^crates/(record|alert|hello)/src/lib\.rs$", NONE, Has(r"(?m)^#!\[no_std\]$"), "has no `#![no_std]`"),
    rule(r"^crates/(record|alert)/src/", NONE, CodeLacks(r"\b(std|alloc)::|\bextern crate\b", NONE), "names std or alloc"),
    rule(r"^crates/hello/src/", NONE, CodeLacks(r"\bstd::|\bextern crate std\b", NONE), "names std"),
    rule(r"^crates/acceptor/src/", NONE, CodeLacks(r"\bstd::(\{.*\b)?net\b|\bio::\w", r"\bio::(self|BufRead|ErrorKind|IoSlice|Read|Result|Write)\b"), "names std::net, or a part of std::io that rustls does not need"),
    rule(r"^crates/acceptor/src/", r"^crates/acceptor/src/backend[/.]", CodeLacks(r"\brustls::|\buse rustls\b", NONE), "names rustls outside the acceptor's backend"),
    rule(r"^crates/(io|tokio)/src/", NONE, CodeLacks(r"(^|[^:\w])rustls::|\buse rustls\b", NONE), "names rustls outside the acceptor's backend"),
    // the step `features` leaves these out, because they are only passed to rustls
    rule(r"^crates/\w+/src/", NONE, CodeLacks(r#"feature = "(aws-lc-rs|logging|ring)""#, NONE), "uses a feature that is only passed to rustls"),
    // texts
    rule(r"^README\.md$", NONE, Has(MSRV), "does not name the minimum Rust version of Cargo.toml"),
    rule(r"^(README|ARCHITECTURE|CHANGELOG|SECURITY|crates/\w+/README)\.md$", NONE, Lacks(r"\bRust 1\.\d", MSRV), "names another Rust version than the minimum of Cargo.toml"),
    rule(r".", r"^xtask/src/tidy/rules\.rs$", Lacks(r"/(work|root|home)/", NONE), "contains a path of one machine"),
    rule(r".", NONE, Lacks(r"^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----\s*$", NONE), "contains a private key: tests must make their keys"),
    rule(r"\.(rs|md)$", r"^xtask/src/tidy/rules\.rs$", Lacks(r"(?i)\b(borne|lest|amid|in its stead|forthwith|is owed|told of|whoever)\b|, for one[,.;:)]", NONE), "has a word that is not plain technical English"),
];

impl Rule {
    /// The faults of a file, as `path:line: what is wrong`.
    pub(crate) fn faults(&self, source: &Source<'_>) -> Vec<String> {
        let path = source.path;
        if !regex(self.paths).is_match(path) || regex(self.except).is_match(path) {
            return Vec::new();
        }
        let whole = || (1..).zip(source.text.lines()).collect::<Vec<_>>();
        let lines = match self.check {
            Has(pattern) if regex(pattern).is_match(source.text) => Vec::new(),
            Has(_) => vec![1],
            Lacks(pattern, allowed) => matches(&whole(), pattern, allowed),
            CodeLacks(pattern, allowed) => matches(&source.code, pattern, allowed),
            Lines(most) => source
                .code
                .iter()
                .skip(most)
                .map(|(number, _)| *number)
                .take(1)
                .collect(),
        };
        let fault = |line| format!("{path}:{line}: {}", self.fault);
        lines.into_iter().map(fault).collect()
    }
}

/// The numbers of the lines that match anywhere but where they match what is allowed.
fn matches(lines: &[Line<'_>], pattern: &str, allowed: &str) -> Vec<usize> {
    let (pattern, allowed) = (regex(pattern), regex(allowed));
    let is_fault = |line: &str| {
        let mut found = pattern.find_iter(line);
        found.any(|found| {
            allowed
                .find_at(line, found.start())
                .is_none_or(|it| it.start() != found.start())
        })
    };
    let faults = lines.iter().filter(|(_, line)| is_fault(line));
    faults.map(|(number, _)| *number).collect()
}

/// A pattern of this program, which is valid.
pub(crate) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(path, text);
        RULES.iter().flat_map(|rule| rule.faults(&source)).collect()
    }

    /// A file with a fault for each rule, in the order of the rules.
    #[test]
    fn each_rule_finds_its_fault() {
        let manifest = "[package]\nlicense.workspace = true\n\n[lints]\nworkspace = true\n";
        let long = format!("//! doc\n{}", "const A: u8 = 0;\n".repeat(301));
        let key = ["-----BEGIN EC ", "PRIVATE KEY-----"].concat();
        let path = ["//! doc\n// /wo", "rk/main"].concat();
        let word = ["//! What is bor", "ne.\n"].concat();
        let files: &[(&str, &str)] = &[
            ("a.rs", "// doc\n"),
            ("a.rs", &long),
            ("a/src/lib.rs", "//! `#![forbid(unsafe_code)]`\n"),
            (
                "a/Cargo.toml",
                &manifest.replace("true\n\n[lints]", "true\n\n[lint]"),
            ),
            (
                "a/Cargo.toml",
                &manifest.replace("license.workspace", "license"),
            ),
            (
                "crates/hello/src/lib.rs",
                "//! doc\n#![forbid(unsafe_code)]\n",
            ),
            ("crates/record/src/a.rs", "//! doc\nuse alloc::vec::Vec;\n"),
            ("crates/hello/src/a.rs", "//! doc\nextern crate std;\n"),
            (
                "crates/acceptor/src/a.rs",
                "//! doc\nfn f(x: std::io::Read, y: io::Error) {}\n",
            ),
            (
                "crates/acceptor/src/a.rs",
                "//! doc\nuse rustls::ServerConfig;\n",
            ),
            ("crates/io/src/a.rs", "//! doc\nfn f(x: rustls::Error) {}\n"),
            (
                "crates/io/src/a.rs",
                "//! doc\n#[cfg(feature = \"ring\")]\n",
            ),
            ("README.md", "Rust\n"),
            ("ARCHITECTURE.md", "Rust 1.8\n"),
            ("a.rs", &path),
            ("a.pem", &key),
            ("a.rs", &word),
        ];
        assert_eq!(files.len(), RULES.len());
        for ((path, text), rule) in files.iter().zip(RULES) {
            let found = faults(path, text);
            assert_eq!(found.len(), 1, "{path}: {found:?}");
            assert!(found[0].ends_with(rule.fault), "{found:?}");
        }
    }

    #[test]
    fn a_name_within_braces_is_found_too() {
        for uses in [
            "{net::IpAddr, sync::Arc}",
            "{io::Cursor, sync::Arc}",
            "net::IpAddr",
        ] {
            let text = format!("//! doc\nuse std::{uses};\n");
            assert_eq!(faults("crates/acceptor/src/a.rs", &text).len(), 1, "{uses}");
        }
        let of_core = "//! doc\nuse core::net::IpAddr;\n";
        assert_eq!(faults("crates/acceptor/src/a.rs", of_core), [""; 0]);
    }

    #[test]
    fn what_is_allowed_is_no_fault() {
        for (path, text) in [
            (
                "crates/acceptor/src/a.rs",
                "//! doc\nuse std::io::{self, Read};\nfn f() -> io::Result<()> {}\n",
            ),
            (
                "crates/acceptor/src/backend/a.rs",
                "//! rustls\nuse rustls::ServerConfig;\n",
            ),
            (
                "crates/tokio/src/a.rs",
                "//! doc\n// rustls::Error\nuse tokio_rustls::A;\nuse acceptor::rustls::B;\n",
            ),
            (
                "crates/hello/src/a.rs",
                "//! doc\nuse alloc::vec::Vec;\n#[cfg(test)]\nmod tests { use std::io; }\n",
            ),
        ] {
            assert_eq!(faults(path, text), [""; 0], "{path}");
        }
    }
}
