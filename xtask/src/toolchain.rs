//! Which toolchains rustup has installed.

use crate::{failure::Failure, tool::Tool};

/// Their names, a line each; none where there is no rustup.
pub(crate) fn installed() -> String {
    let list = Tool::new("rustup").args(["toolchain", "list"]).stdout();
    list.unwrap_or_default()
}

/// The nightly toolchain of a list, the first if there are several.
///
/// # Errors
///
/// If there is none.
pub(crate) fn nightly(list: &str) -> Result<&str, Failure> {
    let mut names = list.lines().filter_map(|line| line.split(' ').next());
    let nightly = names.find(|name| name.starts_with("nightly"));
    nightly.ok_or_else(|| {
        let how = "`rustup toolchain install nightly --profile minimal` installs one";
        Failure::missing("a nightly toolchain", how)
    })
}

/// Whether a toolchain's version is `least` or a patch of it: 1.85 and 1.85.1 are of 1.85.
pub(crate) fn is_of(version: &str, least: &str) -> bool {
    let patch = version.strip_prefix(least);
    patch.is_some_and(|patch| patch.is_empty() || patch.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_nightly_toolchain_by_whatever_date() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n\
                    nightly-2026-05-15-x86_64-unknown-linux-gnu\n";
        let dated = "nightly-2026-05-15-x86_64-unknown-linux-gnu";
        assert_eq!(nightly(list).unwrap(), dated);
        assert_eq!(nightly("nightly (active)\n").unwrap(), "nightly");
    }

    #[test]
    fn says_how_to_get_one_where_there_is_none() {
        for list in ["", "stable\n1.85-nightly\n"] {
            assert_eq!(
                nightly(list).unwrap_err().in_words(),
                "a nightly toolchain is missing: \
                 `rustup toolchain install nightly --profile minimal` installs one"
            );
        }
    }

    #[test]
    fn a_toolchain_is_of_the_least_version_or_of_a_patch_of_it() {
        assert!(is_of("1.85", "1.85"));
        assert!(is_of("1.85.1", "1.85"));
        assert!(!is_of("1.86.0", "1.85"));
        assert!(!is_of("1.850", "1.85"));
        assert!(!is_of("stable", "1.85"));
    }
}
